#include "tests/unit/unit.h"

#include "weir/base/list.h"

struct thing {
	uint32_t magic;
	int n;
	struct list link;
};

#define THING_MAGIC OBJ_MAGIC('t', 'h', 'n', 'g')

START_TEST(holds)
{
	struct thing t = { .magic = THING_MAGIC };

	WASSERT(1 + 1 == 2);
	OBJ_CHECK(&t, THING_MAGIC);
	ck_assert_ptr_eq(container_of(&t.link, struct thing, link), &t);
}
END_TEST

START_TEST(fails)
{
	WASSERT(1 + 1 == 3);
}
END_TEST

START_TEST(wiped_object)
{
	struct thing t = { .magic = THING_MAGIC };

	OBJ_WIPE(&t);
	OBJ_CHECK(&t, THING_MAGIC);
}
END_TEST

START_TEST(lists)
{
	struct list head = LIST_INIT(head);
	struct thing t[3] = { { .n = 0 }, { .n = 1 }, { .n = 2 } }, *pos, *tmp;
	int n = 0;

	list_push(&head, &t[1].link);
	list_push(&head, &t[2].link);
	list_push_front(&head, &t[0].link);
	list_each(pos, &head, link)
		ck_assert_int_eq(pos->n, n++);
	ck_assert_int_eq(n, 3);
	ck_assert_int_eq(list_first(&head, struct thing, link)->n, 0);
	ck_assert_int_eq(list_last(&head, struct thing, link)->n, 2);
	list_each_safe(pos, tmp, &head, link)
		list_del(&pos->link);
	ck_assert(list_empty(&head) && !list_linked(&t[1].link));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("assert");

	UNIT_TEST(s, holds);
	UNIT_TEST_SIGNAL(s, fails, SIGABRT);
	UNIT_TEST_SIGNAL(s, wiped_object, SIGABRT);
	UNIT_TEST(s, lists);
	return unit_run(s);
}
