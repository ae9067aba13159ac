#include "http_unit.h"

#include <stdio.h>
#include "weir/base/obj.h"
#include "weir/http/auth.h"
#include "weir/http/cookie.h"
#include "weir/http/query.h"

/* What HAProxy 2.6 takes for the cookie "a", and what it leaves when that cookie is taken out. */
static const struct { const char *in, *value, *left; } taken[] = {
	{ "a=b", "b", "" }, { "a=b; c=d", "b", "c=d" }, { "c=d; a=b; e=f", "b", "c=d; e=f" },
	{ "c=d;a=b;e=f", "b", "c=d; e=f" }, { "c=d; a=b", "b", "c=d" }, { "a = b ; c=d", "b", "c=d" },
	{ "a=b,c=d", "b", "c=d" }, { "c=d,a=b", "b", "c=d" }, { "a=\"x;y\"; c=d", "\"x;y\"", "c=d" },
	{ "a=\"x,\\\"y\"z; c=d", "\"x,\\\"y\"z", "c=d" }, { "c=a=b; a=e", "e", "c=a=b" }, { "xa=1; a=2", "2", "xa=1" },
	{ "a; c=d", NULL, NULL }, { "a=; c=d", "", "c=d" }, { ";a=b", "b", "" }, { "; ; a=b;;", "b", "" },
	{ "A=1; a=2", "2", "A=1" }, { "$Version=1; a=b; $Path=/", "b", "" },
	{ "c=d ;  a=b  ;  e=f", "b", "c=d; e=f" }, { "=x;a=b", "b", "=x" }, { "c=d,a=s,e=f", "s", "c=d, e=f" },
	{ "c = d ; a = s ; e=f", "s", "c = d; e=f" }, { "b=c; a=s;", "s", "b=c" }, { "", NULL, NULL },
	{ "a=\"b; c=d", "\"b; c=d", "" },
};

START_TEST(request_cookies)
{
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		struct cookie c;
		struct head h;
		char text[128];

		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nCookie: %s\r\n\r\n", taken[i].in);
		head_read(&h, false, text);
		ck_assert_msg(cookie_find(&h.m, STR("a"), &c) == !!taken[i].value, "%s", taken[i].in);
		if (taken[i].value) {
			ck_str(c.value, taken[i].value);
			cookie_delete(&h.m, &c);
			snprintf(text, sizeof(text), "%s%s", taken[i].left[0] ? "cookie: " : "", taken[i].left);
			ck_assert_str_eq(head_fields(&h.m), text);
			ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
		}
		head_fini(&h);
	}
}
END_TEST

START_TEST(iteration_and_change)
{
	struct cookie_iter it = { 0 };
	struct cookie c;
	struct head h;
	char names[32] = "";

	head_read(&h, false, "GET / HTTP/1.1\r\nCookie: a=1; x; b=2\r\nX: y\r\nCookie:\r\nCookie: a=3,d=4\r\n\r\n");
	while (cookie_next(&h.m, &it, &c))
		strncat(names, c.name.p, c.name.n);
	ck_assert_str_eq(names, "abad");
	ck_assert(cookie_find(&h.m, STR("b"), &c));
	cookie_set_value(&h.m, &c, STR("new"));
	ck_assert(cookie_find(&h.m, STR("a"), &c));
	cookie_set_value(&h.m, &c, STR(""));
	cookie_insert(&h.m, STR("z"), STR("9"));
	ck_assert_str_eq(head_fields(&h.m), "cookie: a=; x; b=new; z=9|x: y|cookie: |cookie: a=3,d=4");
	msg_del_id(&h.m, FIELD_COOKIE);
	cookie_insert(&h.m, STR("z"), STR("9"));
	ck_assert_str_eq(head_fields(&h.m), "x: y|cookie: z=9");
	head_fini(&h);
}
END_TEST

START_TEST(set_cookies)
{
	struct cookie_iter it = { 0 };
	struct cookie c;
	struct head h;
	struct str v;

	head_read(&h, true, "HTTP/1.1 200 OK\r\nSet-Cookie: s = abc ; Path=/x; Expires=Wed, 21 Oct 2015 07:28:00 GMT; "
			    "Secure; Max-Age = 5; a=no\r\nSet-Cookie: p=1, q=2; path=/\r\nSet-Cookie: junk\r\n\r\n");
	ck_assert(set_cookie_next(&h.m, &it, &c));
	ck_str(c.name, "s");
	ck_str(c.value, "abc");
	ck_assert(set_cookie_attr(&c, STR("path"), &v) && str_eq(v, STR("/x")));
	ck_assert(set_cookie_attr(&c, STR("secure"), &v) && v.n == 0);
	ck_assert(set_cookie_attr(&c, STR("max-age"), &v) && str_eq(v, STR("5")));
	ck_assert(set_cookie_attr(&c, STR("expires"), &v) && v.n == 29);
	ck_assert(!set_cookie_attr(&c, STR("domain"), &v));
	ck_assert(set_cookie_next(&h.m, &it, &c) && str_eq(c.name, STR("p")) && str_eq(c.value, STR("1")));
	ck_assert(!set_cookie_attr(&c, STR("path"), &v));
	ck_assert(set_cookie_next(&h.m, &it, &c) && str_eq(c.name, STR("q")));
	ck_assert(!set_cookie_next(&h.m, &it, &c));
	ck_assert(!set_cookie_find(&h.m, STR("a"), &c));
	ck_assert(set_cookie_find(&h.m, STR("s"), &c));
	cookie_set_value(&h.m, &c, STR("srv~abc"));
	ck_str(field_value_str(&h.m.f[0]), "s=srv~abc ; Path=/x; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Secure; "
					   "Max-Age = 5; a=no");
	ck_assert(set_cookie_find(&h.m, STR("q"), &c));
	cookie_delete(&h.m, &c);
	ck_str(field_value_str(&h.m.f[1]), "p=1");
	ck_assert(set_cookie_find(&h.m, STR("s"), &c));
	cookie_delete(&h.m, &c);
	ck_assert_str_eq(head_fields(&h.m), "set-cookie: p=1|set-cookie: junk");
	head_fini(&h);
}
END_TEST

START_TEST(credentials)
{
	static const struct { const char *in; enum auth_type type; const char *user, *pass, *rest; } rows[] = {
		{ "Basic dTpw", AUTH_BASIC, "u", "p", "dTpw" }, { "basic  dTpw ", AUTH_BASIC, "u", "p", "dTpw" },
		{ "Basic dTpwOnE=", AUTH_BASIC, "u", "p:q", "dTpwOnE=" }, { "Basic dTo=", AUTH_BASIC, "u", "", "dTo=" },
		{ "Basic Og==", AUTH_BASIC, "", "", "Og==" },
		{ "Basic dQ==", AUTH_NONE, "", "", "" }, { "Basic dTo", AUTH_NONE, "", "", "" },
		{ "Basic dTpw x", AUTH_NONE, "", "", "" }, { "Basic *", AUTH_NONE, "", "", "" },
		{ "Basic", AUTH_NONE, "", "", "" }, { "", AUTH_NONE, "", "", "" },
		{ "bearer  abc", AUTH_BEARER, "", "", "abc" }, { "Bearer", AUTH_NONE, "", "", "" },
		{ "Digest a=b, c", AUTH_OTHER, "", "", "a=b, c" },
	};
	struct arena mem;

	arena_init(&mem, 512);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct auth a;

		ck_assert_msg(auth_read(str_c(rows[i].in), &mem, &a) == (rows[i].type != AUTH_NONE), "%s", rows[i].in);
		ck_assert_uint_eq(a.type, rows[i].type);
		if (rows[i].type == AUTH_NONE)
			continue;
		ck_str(a.user, rows[i].user);
		ck_str(a.pass, rows[i].pass);
		ck_str(a.credentials, rows[i].rest);
	}
	arena_fini(&mem);
}
END_TEST

START_TEST(passwords)
{
	static const char sha512[] = "$6$saltstring$"
		"svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1";

	ck_assert(auth_password_ok(STR("Hello world!"), str_c(sha512), true));
	ck_assert(!auth_password_ok(STR("Hello world"), str_c(sha512), true));
	ck_assert(!auth_password_ok(str_make("Hello world!\0x", 14), str_c(sha512), true));
	ck_assert(!auth_password_ok(STR("x"), STR("$77$nonsense"), true));
	ck_assert(!auth_password_ok(STR(""), STR(""), true));
	ck_assert(auth_password_ok(STR("clear"), STR("clear"), false));
	ck_assert(!auth_password_ok(STR("clea"), STR("clear"), false));
	ck_assert(!auth_password_ok(STR("clearx"), STR("clear"), false));
	ck_assert(auth_password_ok(STR(""), STR(""), false) && !auth_password_ok(STR("x"), STR(""), false));
	ck_assert(auth_hash_known(str_c(sha512)) && !auth_hash_known(STR("$77$nonsense")) && !auth_hash_known(STR("")));
}
END_TEST

START_TEST(parameters)
{
	static const struct { const char *pathq, *a, *any, *semicolon; } rows[] = {
		{ "/?a=1&b=2", "1", "1", NULL }, { "/?b=2;a=1", "1", "2", "1" }, { "/?a", NULL, NULL, NULL },
		{ "/?a&a=2", "2", "2", NULL }, { "/?&&a=1", "1", "1", NULL }, { "/p;a=1?a=2", "2", "2", "1?a=2" },
		{ "/?a=1=2", "1=2", "1=2", NULL }, { "/?b=a=3&a=4", "4", "a=3", NULL }, { "/?a=", "", "", NULL },
		{ "/?x?a=1", "1", "1", NULL }, { "/p;a=3", NULL, NULL, "3" }, { "/?xa=1&a=5", "5", "1", NULL },
		{ "/?=1&a=7", "7", "1", NULL }, { "/?A=1", NULL, "1", NULL }, { "/", NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str p = str_c(rows[i].pathq), v;

		ck_assert_msg(query_find(p, STR("a"), '?', false, &v) == !!rows[i].a, "%s", rows[i].pathq);
		if (rows[i].a)
			ck_str(v, rows[i].a);
		ck_assert(query_find(p, STR_NONE, '?', false, &v) == !!rows[i].any);
		if (rows[i].any)
			ck_str(v, rows[i].any);
		ck_assert(query_find(p, STR("a"), ';', false, &v) == !!rows[i].semicolon);
		if (rows[i].semicolon)
			ck_str(v, rows[i].semicolon);
	}
	struct str v;

	ck_assert(query_find(STR("/?A=1"), STR("a"), '?', true, &v) && str_eq(v, STR("1")));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("cookies, credentials, parameters");

	UNIT_TEST(s, request_cookies);
	UNIT_TEST(s, iteration_and_change);
	UNIT_TEST(s, set_cookies);
	UNIT_TEST(s, credentials);
	UNIT_TEST(s, passwords);
	UNIT_TEST(s, parameters);
	return unit_run(s);
}
