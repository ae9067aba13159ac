#include "http_unit.h"

#include <stdio.h>
#include "weir/base/obj.h"
#include "weir/http/h1_write.h"

/* "|" between several Hosts, NULL: none. seen: what goes on, as "target host"; NULL: refused. */
struct row {
	const char *method, *target, *host, *seen;
};

static void combine(struct head *h, const struct row *r, bool unsafe, int minor)
{
	const struct h1_opts o = { .max_head = 8192, .max_fields = 20, .accept_unsafe = unsafe };
	char text[512];
	int n = snprintf(text, sizeof(text), "%s %s HTTP/1.%d\r\n", r->method, r->target, minor);
	struct str rest = str_c(r->host);

	while (rest.p) {
		struct str host = str_cut(&rest, '|');

		n += snprintf(text + n, sizeof(text) - n, "Host: " STR_FMT "\r\n", STR_ARG(host));
	}
	n += snprintf(text + n, sizeof(text) - n, "\r\n");
	head_read_n(h, false, text, n, &o);
}

static void judge(const struct row *r, bool unsafe, int minor)
{
	const struct framing_opts o = { .accept_unsafe = unsafe };
	struct head h;
	bool ok;

	combine(&h, r, unsafe, minor);
	ok = h.r == H1_DONE && framing_request(&h.m, &o, &h.fault);
	ck_assert_msg(ok == (r->seen != NULL), "%s %s, %s: %s", r->method, r->target, r->host ? r->host : "-",
		      ok ? "passed" : h.fault.reason);
	if (ok) {
		char seen[256];

		snprintf(seen, sizeof(seen), STR_FMT " %s", STR_ARG(msg_target(&h.m)), head_fields(&h.m));
		ck_assert_str_eq(seen, r->seen);
		ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
	} else {
		ck_assert_uint_eq(h.fault.status, 400);
	}
	head_fini(&h);
}

START_TEST(origin_form)
{
	static const struct row rows[] = {
		{ "GET", "/", "a", "/ host: a" },
		{ "GET", "/", NULL, NULL },
		{ "GET", "/", "", "/ host: " },
		{ "GET", "/", "a|a", "/ host: a" },
		{ "GET", "/", "a|A|a", "/ host: a" },
		{ "GET", "/", "a|b", NULL },
		{ "GET", "/", "a:80|a", NULL },
		{ "GET", "/", "a:80", "/ host: a:80" },
		{ "GET", "/", "a:", "/ host: a:" },
		{ "GET", "/", "a_b.c-d", "/ host: a_b.c-d" },
		{ "GET", "/", "[::1]:8080", "/ host: [::1]:8080" },
		{ "GET", "/", "[::1", NULL },
		{ "GET", "/", "[::1]x", NULL },
		{ "GET", "/", "::1", NULL },
		{ "GET", "/", "a:b", NULL },
		{ "GET", "/", "a:99999", NULL },
		{ "GET", "/", "a:+80", NULL },
		{ "GET", "/", ":80", NULL },
		{ "GET", "/", "u@a", NULL },
		{ "GET", "/", "a b", NULL },
		{ "GET", "/", "a/b", NULL },
		{ "GET", "/", "a?b", NULL },
		{ "GET", "/", "a#b", NULL },
		{ "GET", "/", "a\\b", NULL },
		{ "GET", "/", "\"a\"", NULL },
		{ "GET", "//x/y", "a", "//x/y host: a" },
		{ "OPTIONS", "*", "a", "* host: a" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		judge(&rows[i], false, 1);
	judge(&(struct row){ "GET", "/", NULL, "/ " }, false, 0);
	judge(&(struct row){ "GET", "/", NULL, "/ " }, true, 1);
	judge(&(struct row){ "GET", "/", "a b", "/ host: a b" }, true, 1);
	judge(&(struct row){ "GET", "/", "a|b", NULL }, true, 1);
}
END_TEST

/* The combinations of ports, spellings and user-info; where a row can be asked of HAProxy 2.6 it says the same, but
 * for the slash that newer ones put behind an empty path. */
START_TEST(absolute_form)
{
	static const struct row rows[] = {
		{ "GET", "http://h", "h", "http://h/ host: h" },
		{ "GET", "http://h/", "h:80", "http://h/ host: h:80" },
		{ "GET", "http://h/", "h:", "http://h/ host: h:" },
		{ "GET", "http://h/", "h:443", NULL },
		{ "GET", "http://h/", "h:8080", NULL },
		{ "GET", "http://h/", "H", "http://h/ host: H" },
		{ "GET", "http://h/", "other", NULL },
		{ "GET", "http://h/", "u@h", NULL },
		{ "GET", "http://h/", "", NULL },
		{ "GET", "http://h/", NULL, "http://h/ host: h" },
		{ "GET", "http://h:80/", "h", "http://h/ host: h" },
		{ "GET", "http://h:80/", "h:80", "http://h/ host: h" },
		{ "GET", "http://h:80/", "h:", "http://h/ host: h" },
		{ "GET", "http://h:80/", "H", "http://h/ host: h" },
		{ "GET", "http://h:80/", "h:443", NULL },
		{ "GET", "http://h:80/", NULL, "http://h/ host: h" },
		{ "GET", "http://h:/", "h", "http://h/ host: h" },
		{ "GET", "http://h:/", "h:80", "http://h/ host: h" },
		{ "GET", "http://h:/", "h:", "http://h/ host: h" },
		{ "GET", "http://h:/", "h:8080", NULL },
		{ "GET", "http://h:443/", "h", NULL },
		{ "GET", "http://h:443/", "h:443", "http://h:443/ host: h:443" },
		{ "GET", "http://h:443/", "h:", NULL },
		{ "GET", "http://h:8080/", "h:8080", "http://h:8080/ host: h:8080" },
		{ "GET", "http://h:8080/", "h", NULL },
		{ "GET", "http://h:8080/", NULL, "http://h:8080/ host: h:8080" },
		{ "GET", "https://h/", "h", "https://h/ host: h" },
		{ "GET", "https://h/", "h:443", "https://h/ host: h:443" },
		{ "GET", "https://h/", "h:80", NULL },
		{ "GET", "https://h:443/", "h", "https://h/ host: h" },
		{ "GET", "https://h:443/", "h:443", "https://h/ host: h" },
		{ "GET", "https://h:443/", "h:80", NULL },
		{ "GET", "https://h:80/", "h:80", "https://h:80/ host: h:80" },
		{ "GET", "https://h:80/", "h", NULL },
		{ "GET", "http://u@h/", "h", "http://u@h/ host: h" },
		{ "GET", "http://u@h/", "h:80", "http://u@h/ host: h:80" },
		{ "GET", "http://u@h/", NULL, "http://u@h/ host: h" },
		{ "GET", "http://u:p@h:80/", "h", "http://u:p@h/ host: h" },
		{ "GET", "http://u:p@h:80/", "h:80", "http://u:p@h/ host: h" },
		{ "GET", "http://u:p@h:80/", "u:p@h:80", NULL },
		{ "GET", "http://u:p@h:80/", NULL, "http://u:p@h/ host: h" },
		{ "GET", "http://h?q", "h", "http://h?q host: h" },
		{ "GET", "http://h:80?q", "h", "http://h?q host: h" },
		{ "GET", "http://[::1]:80/a", "[::1]", "http://[::1]/a host: [::1]" },
		{ "GET", "ws://h:80/", "h", NULL },
		{ "GET", "ws://h:80/", "h:80", "ws://h:80/ host: h:80" },
		{ "GET", "http://h:80x/", "h", NULL },
		{ "GET", "http://h:123456/", "h", NULL },
		{ "GET", "http://h:80/", "h|h:80", NULL },
		{ "OPTIONS", "http://h", "h", "http://h host: h" },
		{ "GET", "HTTP://h:80/", "h", "HTTP://h/ host: h" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		judge(&rows[i], false, 1);
	judge(&(struct row){ "GET", "http://h/", NULL, "http://h/ host: h" }, false, 0);
}
END_TEST

START_TEST(connect)
{
	static const struct row rows[] = {
		{ "CONNECT", "h:80", "h", "h:80 host: h" },
		{ "CONNECT", "h:80", "h:80", "h:80 host: h" },
		{ "CONNECT", "h:80", "h:", "h:80 host: h:" },
		{ "CONNECT", "h:80", "h:443", NULL },
		{ "CONNECT", "h:443", "h", "h:443 host: h" },
		{ "CONNECT", "h:443", "h:443", "h:443 host: h" },
		{ "CONNECT", "h:443", "h:80", NULL },
		{ "CONNECT", "h:8080", "h:8080", "h:8080 host: h:8080" },
		{ "CONNECT", "h:8080", "h", NULL },
		{ "CONNECT", "h:8080", "h:", NULL },
		{ "CONNECT", "h:8080", "other:8080", NULL },
		{ "CONNECT", "h:8080", NULL, "h:8080 host: h:8080" },
		{ "CONNECT", "h:443", NULL, "h:443 host: h" },
		{ "CONNECT", "u@h:80", "h", "u@h:80 host: h" },
		{ "CONNECT", "[::1]:443", "[::1]:443", "[::1]:443 host: [::1]" },
		{ "CONNECT", ":80", "h", NULL },
		{ "CONNECT", "h:99999", "h:99999", NULL },
		{ "CONNECT", "h:0x50", "h:0x50", NULL },
		{ "CONNECT", "h:80/", "h", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		judge(&rows[i], false, 1);
}
END_TEST

START_TEST(unsafe_follows_target)
{
	judge(&(struct row){ "GET", "http://h/", "other", "http://h/ host: h" }, true, 1);
	judge(&(struct row){ "GET", "http://h:80/#a", "other:1", "http://h/#a host: h" }, true, 1);
	judge(&(struct row){ "GET", "http://h#a", "h", "http://h#a host: h" }, true, 1);
	judge(&(struct row){ "CONNECT", "h:81", "other", "h:81 host: h:81" }, true, 1);
}
END_TEST

START_TEST(flag)
{
	const struct framing_opts o = { 0 };
	struct head h;

	head_read(&h, false, "GET http://h:81/ HTTP/1.1\r\n\r\n");
	ck_assert(framing_request(&h.m, &o, &h.fault) && h.m.flags & MSG_HOST_FROM_URI);
	head_fini(&h);
	head_read(&h, false, "GET http://h:81/ HTTP/1.1\r\nHost: h:81\r\n\r\n");
	ck_assert(framing_request(&h.m, &o, &h.fault) && !(h.m.flags & MSG_HOST_FROM_URI));
	head_fini(&h);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("host");

	UNIT_TEST(s, origin_form);
	UNIT_TEST(s, absolute_form);
	UNIT_TEST(s, connect);
	UNIT_TEST(s, unsafe_follows_target);
	UNIT_TEST(s, flag);
	return unit_run(s);
}
