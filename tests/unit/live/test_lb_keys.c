/* What balancing takes for its key: parts of the request and the client's address. */
#include "tests/unit/unit.h"

#include "src/live/lb_hdr.c"
#include "src/live/lb_source.c"
#include "src/live/lb_uri.c"
#include "src/live/lb_url_param.c"

static void is(struct str got, const char *want)
{
	ck_assert_msg(str_eqz(got, want), "'" STR_FMT "', not '%s'", STR_ARG(got), want);
}

START_TEST(domain_without_its_ends)
{
	is(domain_of(STR("www.example.com")), "example");
	is(domain_of(STR("example.com")), "example");
	is(domain_of(STR("a.b.c.example.com:8080")), "example");
	is(domain_of(STR("localhost")), "localhost");
	is(domain_of(STR(".com")), ".com");
	is(domain_of(STR("10.0.7.1")), "7");
	is(domain_of(STR("")), "");
	is(domain_of(STR(".")), ".");
}
END_TEST

START_TEST(first_of_a_list)
{
	is(first_value(STR(" a , b")), "a");
	is(first_value(STR("a")), "a");
	is(first_value(STR("\"a,b\",c")), "\"a,b\"");
	is(first_value(STR("\"a\\\",b\",c")), "\"a\\\",b\"");
	is(first_value(STR(",b")), "");
	is(first_value(STR("\"never closed, b")), "\"never closed, b");
	is(first_value(STR("\"\\")), "\"\\");
}
END_TEST

static struct str part(const char *uri, int len, int depth, bool whole)
{
	struct lb_words w = { .arg1 = len, .arg2 = depth ? depth + 1 : 0, .whole = whole };

	return wanted_part(&w, str_c(uri));
}

START_TEST(part_of_a_target)
{
	is(part("/a/b/c?q=/d", 0, 0, false), "/a/b/c");
	is(part("/a/b/c?q=/d", 0, 0, true), "/a/b/c?q=/d");
	is(part("/a/b/c?q", 0, 1, false), "/a");
	is(part("/a/b/c?q", 0, 2, false), "/a/b");
	is(part("/a/b/c?q", 0, 9, false), "/a/b/c");
	is(part("/a/b?q=/x/y", 0, 3, true), "/a/b?q=/x");
	is(part("/a/b/c?q", 3, 0, false), "/a/");
	is(part("/a/b/c?q", 3, 1, false), "/a");
	is(part("/a/b/c?q", 99, 0, true), "/a/b/c?q");
	is(part("?", 0, 0, false), "");
	is(part("", 5, 5, true), "");
	is(part("*", 0, 1, false), "*");
}
END_TEST

static void param(const char *query, const char *want)
{
	struct str value = STR_NONE;
	bool found = find_param(str_c(query), STR("name"), &value);

	ck_assert_msg(found == (want != NULL), "%s", query);
	if (want)
		is(value, want);
}

START_TEST(parameter_of_a_query)
{
	param("name=v", "v");
	param("a=1&name=v&b=2", "v");
	param("name=", "");
	param("name=&a", "");
	param("name=a=b", "a=b");
	param("name=1&name=2", "1");
	param("&&name=v", "v");
	param("xname=v", NULL);
	param("name", NULL);
	param("named=v", NULL);
	param("Name=v", NULL);
	param("a=name=v", NULL);
	param("", NULL);
	param("&", NULL);
	param("nam", NULL);
}
END_TEST

START_TEST(value_of_a_form)
{
	struct str v = STR("abc");

	ck_assert(form_value(&v) && v.n == 3);
	v = STR(" abc");
	ck_assert(form_value(&v) && v.n == 0);
	v = STR("\r\n");
	ck_assert(form_value(&v) && v.n == 0);
	v = STR("");
	ck_assert(form_value(&v));
	v = STR("{\"json\"");
	ck_assert(!form_value(&v));
	v = STR("\x01");
	ck_assert(!form_value(&v));
	v = STR("\xff");
	ck_assert(!form_value(&v));
}
END_TEST

START_TEST(address_of_the_client)
{
	struct lb_words w = { 0 };
	struct lb_req r = { 0 };
	struct addr a;
	uint32_t h = 7;

	ck_assert(!source_key(&w, &r, &h));
	r.src = &a;
	addr_set4(&a, "\x0a\0\x01\x02", 4711);
	ck_assert(source_key(&w, &r, &h));
	ck_assert_uint_eq(h, 0x0a000102);
	addr_set6(&a, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x05", 1);
	ck_assert(source_key(&w, &r, &h));
	ck_assert_uint_eq(h, 0x20010db8 ^ 5);
	a = (struct addr){ 0 };
	ck_assert(!source_key(&w, &r, &h));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("lb_keys");

	UNIT_TEST(s, domain_without_its_ends);
	UNIT_TEST(s, first_of_a_list);
	UNIT_TEST(s, part_of_a_target);
	UNIT_TEST(s, parameter_of_a_query);
	UNIT_TEST(s, value_of_a_form);
	UNIT_TEST(s, address_of_the_client);
	return unit_run(s);
}
