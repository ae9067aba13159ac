/* persist rdp-cookie: which server a cookie of a terminal client names. */
#include "stream_test.h"

#include "src/stream/persist_rdp.c"

static bool place(const char *value, const char *ip, unsigned port)
{
	struct in_addr got, want;
	uint16_t p;

	if (!place_in(str_c(value), &got, &p))
		return false;
	inet_pton(AF_INET, ip, &want);
	ck_assert_uint_eq(got.s_addr, want.s_addr);
	ck_assert_uint_eq(p, port);
	return true;
}

START_TEST(places)
{
	/* 127.0.0.1:3389 and 192.168.1.10:80, in network order as seen by a little-endian host */
	ck_assert(place("16777343.15629.0000", "127.0.0.1", 3389));
	ck_assert(place("167880896.20480.0000", "192.168.1.10", 80));
	ck_assert(place("4294967295.65535.", "255.255.255.255", 65535));
	ck_assert(place("0.0.x.y", "0.0.0.0", 0));
}
END_TEST

START_TEST(what_is_no_place)
{
	static const char *const values[] = {
		"", ".", "..", "1", "1.2", "1..3", ".2.3", "a.2.3", "1.b.3", "-1.2.3", "1.-2.3", "4294967296.1.0",
		"1.65536.0", "99999999999999999999.1.0", " 1.2.3", "1 .2.3", "0x1.2.3", "+1.2.3", "1,2,3",
	};

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		ck_assert_msg(!place(values[i], "0.0.0.0", 0), "%s", values[i]);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("persist_rdp");

	UNIT_TEST(s, places);
	UNIT_TEST(s, what_is_no_place);
	return unit_run(s);
}
