/* Readers of binary answers: LDAP's lengths, SPOP's numbers and pairs. */
#include "../../../src/feature/check/judges.c"
#include "../unit.h"

static struct check with(const char *bytes, size_t n)
{
	return (struct check){ .buf = (char *)bytes, .got = n };
}

START_TEST(short_and_long_lengths)
{
	struct check c = with("\x30\x0c\x02", 3);
	size_t at = 1;

	ck_assert(ber_length(&c, &at));
	ck_assert_uint_eq(at, 2);
	c = with("\x30\x82\x00\x0c\x02", 5);
	at = 1;
	ck_assert(ber_length(&c, &at));
	ck_assert_uint_eq(at, 4);
	c = with("\x30\x84\x00", 3);
	at = 1;
	ck_assert(!ber_length(&c, &at));
	at = 3;
	ck_assert(!ber_length(&c, &at));
}
END_TEST

static bool varint(const char *bytes, size_t n, uint64_t *v)
{
	struct str in = str_make(bytes, n);

	return spop_varint(&in, v) && !in.n;
}

START_TEST(numbers)
{
	uint64_t v;

	ck_assert(varint("\x00", 1, &v) && v == 0);
	ck_assert(varint("\xef", 1, &v) && v == 239);
	ck_assert(varint("\xf0\x00", 2, &v) && v == 240);
	ck_assert(varint("\xfc\xf0\x06", 3, &v) && v == 16380);
	ck_assert(!varint("\xfc\xf0", 2, &v));
	ck_assert(!varint("", 0, &v));
	/* Never more than 64 bits. */
	ck_assert(!varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13, &v));
}
END_TEST

#define HEAD "\x65\0\0\0\1\0\0"
#define VERSION "\7version\x08\3" "2.0"
#define SIZE "\x0emax-frame-size\3\xfc\xf0\6"
static unsigned judge(const char *bytes, size_t n)
{
	return spop_judge(str_make(bytes, n));
}
#define JUDGE(text) judge(text, sizeof(text) - 1)

START_TEST(hellos)
{
	ck_assert_uint_eq(JUDGE(HEAD VERSION SIZE), 0);
	ck_assert_uint_eq(JUDGE(HEAD SIZE VERSION "\1x\x11"), 0);
	ck_assert_uint_eq(JUDGE(HEAD SIZE), SPOP_NO_VERSION);
	ck_assert_uint_eq(JUDGE(HEAD VERSION), SPOP_NO_SIZE);
	ck_assert_uint_eq(JUDGE(HEAD "\7version\x08\3" "9.0" SIZE), SPOP_BAD_VERSION);
	ck_assert_uint_eq(JUDGE(HEAD VERSION "\x0emax-frame-size\3\x10"), SPOP_BAD_SIZE);
	ck_assert_uint_eq(JUDGE("\x67\0\0\0\1\0\0" VERSION SIZE), SPOP_INVALID);
	ck_assert_uint_eq(JUDGE(HEAD VERSION "\x0emax-frame-size"), SPOP_INVALID);
	ck_assert_uint_eq(JUDGE(HEAD "\x20short"), SPOP_INVALID);
	ck_assert_uint_eq(JUDGE("\x65"), SPOP_INVALID);
	ck_assert_uint_eq(JUDGE(""), SPOP_INVALID);
}
END_TEST

START_TEST(disconnects)
{
	ck_assert_uint_eq(JUDGE("\x66\0\0\0\1\0\0" "\x0bstatus-code\3\3"), 3);
	ck_assert_uint_eq(JUDGE("\x66\0\0\0\1\0\0" "\x0bstatus-code\3\xf0\x20"), 99);
	ck_assert(str_eqz(spop_text(3), "frame is too big"));
	ck_assert(str_eqz(spop_text(1000), "an unknown error occurred"));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("check_judges");
	UNIT_TEST(s, short_and_long_lengths);
	UNIT_TEST(s, numbers);
	UNIT_TEST(s, hellos);
	UNIT_TEST(s, disconnects);
	return unit_run(s);
}
