/* The calendar beside a list that is kept in order. */
#include "../../../src/live/lb_calendar.c"
#include "../unit.h"

#define ITEMS 300
static struct cal c;
static struct cal_item items[ITEMS];
static bool in[ITEMS];
static unsigned stamp[ITEMS], stamps, seed;

static unsigned any(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

static bool before(int a, int b)
{
	return items[a].key != items[b].key ? items[a].key < items[b].key : stamp[a] < stamp[b];
}

static struct cal_item *first_by_hand(uint32_t date)
{
	int best = -1;

	for (int i = 0; i < ITEMS; i++)
		if (in[i] && (best < 0 || before(i, best)))
			best = i;
	return best >= 0 && items[best].key / CAL_RANKS <= date ? &items[best] : NULL;
}

static void put(int i, uint32_t date, unsigned rank)
{
	items[i].key = (uint64_t)date * CAL_RANKS + rank;
	stamp[i] = stamps++;
	in[i] = true;
	cal_put(&c, &items[i]);
}

static void take(int i)
{
	in[i] = false;
	cal_take(&c, &items[i]);
}

/* One goes along, with leaps ahead; some come behind where one looked already; the end moves away. */
static void run(uint32_t end, int rounds)
{
	uint32_t pos = 0, date;

	for (int n = 0; n < rounds; n++) {
		struct cal_item *it = cal_first(&c, any(9) ? pos : UINT32_MAX);
		int i = (int)any(ITEMS);

		ck_assert(!it || it == first_by_hand(UINT32_MAX));
		ck_assert_ptr_eq(cal_first(&c, pos), first_by_hand(pos));
		if (it)
			take((int)(it - items));
		else if (in[i])
			take(i);
		i = (int)any(ITEMS);
		date = pos + any(any(3) ? 20 : end);
		if (!in[i] && any(4))
			put(i, MIN(date, end - 1), any(3));
		pos = pos + 1 < end ? pos + 1 : 0;
		if (any(500) == 0)
			cal_reserve(&c, c.end + any(end), any(2) ? ITEMS : 10);
	}
}

static void empty(void)
{
	for (int i = 0; i < ITEMS; i++)
		if (in[i])
			take(i);
	ck_assert(cal_empty(&c));
	ck_assert_ptr_null(cal_first(&c, UINT32_MAX));
	cal_fini(&c);
}

START_TEST(same_as_by_hand)
{
	for (unsigned round = 0; round < 30; round++) {
		uint32_t end = 50 + round % 3 * 3000;

		cal_reserve(&c, end, 10);
		run(end, 4000);
		empty();
	}
}
END_TEST

START_TEST(equal_ones_in_order_of_coming)
{
	static const int order[] = { 2, 0, 1, 3 };

	cal_reserve(&c, 10000, 8);
	put(0, 9000, 1);
	put(1, 9000, 1);
	put(2, 9000, 0);
	ck_assert_ptr_eq(cal_first(&c, UINT32_MAX), &items[2]);
	put(3, 9000, 1);	/* its page is laid out by now */
	put(4, 10, 0);		/* away with that again */
	ck_assert_ptr_eq(cal_first(&c, UINT32_MAX), &items[4]);
	cal_reserve(&c, 20000000, 8);
	take(4);
	for (size_t k = 0; k < ARRAY_LEN(order); k++) {
		ck_assert_ptr_null(cal_first(&c, 8999));
		ck_assert_ptr_eq(cal_first(&c, 9000), &items[order[k]]);
		take(order[k]);
	}
	empty();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("calendar");

	UNIT_TEST(s, same_as_by_hand);
	UNIT_TEST(s, equal_ones_in_order_of_coming);
	return unit_run(s);
}
