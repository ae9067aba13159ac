/* Contexts and the transport: both sides of a socket pair in one thread, certificates made here. */
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/tls/ends.h"

static void make_files(void)
{
	struct pair ca = make_pair("ca", NULL, NULL, 10), a = make_pair("a.test", "DNS:a.test,DNS:*.a.test", &ca, 10),
		    b = make_pair("b.test", "DNS:b.test,IP:127.0.0.1", &ca, 10),
		    old = make_pair("a.test", "DNS:a.test", &ca, -1), other = make_pair("ca", NULL, NULL, 10);

	WASSERT(mkdtemp(dir));
	save("ca.pem", &ca, NULL);
	save("otherca.pem", &other, NULL);
	save("a.pem", &a, &a);
	save("b.pem", &b, &b);
	save("old.pem", &old, &old);
	save("mixed.pem", &a, &b);
	save("nokey.pem", &a, NULL);
	save("beside.pem", &a, NULL);
	save("beside.pem.key", NULL, &a);
	pair_free(&ca);
	pair_free(&a);
	pair_free(&b);
	pair_free(&old);
	pair_free(&other);
}

START_TEST(name_selects_certificate)
{
	static const struct { const char *sni, *cn; bool open; } cases[] = {
		{ "a.test", "a.test", true }, { "x.a.test", "a.test", true }, { "B.test", "b.test", true },
		{ "127.0.0.1", "b.test", true }, { "x.y.a.test", "", false }, { "nobody.test", "", false },
	};
	struct test t;

	ck_assert(loop_enter());
	test_init(&t);
	use_crt(&t, 0, "b.pem");
	use_crt(&t, 1, "a.pem");
	prepare(&t, "\2h2\10http/1.1");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str alpn;

		shake(&t, cases[i].sni);
		ck_assert_int_eq(t.b.opened, cases[i].open);
		if (cases[i].open) {
			ck_assert_str_eq(shown(&t), cases[i].cn);
			ck_assert(conn_ask(t.front, ASK_ALPN, &alpn) && str_eqz(alpn, "h2"));
		} else {
			ck_assert_int_eq(t.back->err, CERR_TLS_CERT_UNEXPECTED);
		}
		part(&t);
	}
	test_fini(&t);
	loop_leave();
}
END_TEST

START_TEST(sessions_are_resumed_by_name)
{
	struct test t;
	int64_t resumed;
	char buf[8];

	ck_assert(loop_enter());
	test_init(&t);
	use_crt(&t, 0, "a.pem");
	prepare(&t, "");
	for (int i = 0; i < 4; i++) {
		shake(&t, i == 3 ? "x.a.test" : "a.test");
		ck_assert_int_eq(t.b.opened, 1);
		ck_assert(tls_number(t.front, TLS_N_RESUMED, &resumed));
		ck_assert_int_eq(resumed, i == 1 || i == 2);
		loop_turn(0);
		ck_assert_int_eq(conn_recv(t.back, buf, sizeof(buf)), IO_AGAIN);	/* takes the ticket */
		part(&t);
	}
	test_fini(&t);
	loop_leave();
}
END_TEST

static int back_error(const char *crt, const char *ca, const char *sni)
{
	struct test t;
	int err;

	test_init(&t);
	use_crt(&t, 0, crt);
	free((char *)t.sw.c.ca_file.p);
	t.sw.c.ca_file = str_c(mem_strdup(path_of(ca)));
	prepare(&t, "");
	shake(&t, sni);
	ck_assert_int_eq(t.b.opened + t.b.failed, 1);
	err = t.back->err;
	part(&t);
	test_fini(&t);
	return err;
}

START_TEST(servers_are_verified)
{
	ck_assert(loop_enter());
	ck_assert_int_eq(back_error("a.pem", "ca.pem", "a.test"), CERR_NONE);
	ck_assert_int_eq(back_error("old.pem", "ca.pem", "a.test"), CERR_TLS_VERIFY);
	ck_assert_int_eq(back_error("a.pem", "otherca.pem", "a.test"), CERR_TLS_VERIFY);
	ck_assert_int_eq(back_error("a.pem", "ca.pem", "b.test"), CERR_TLS_CERT_UNEXPECTED);
	ck_assert_int_eq(back_error("beside.pem", "ca.pem", "a.test"), CERR_NONE);
	loop_leave();
}
END_TEST

/* More than the socket takes: what is reported as sent is what arrives, once and in order. */
START_TEST(full_socket_loses_nothing)
{
	size_t size = 3000000, sent = 0, got = 0;
	unsigned char *out = malloc(size), *in = malloc(size);
	struct test t;

	ck_assert(loop_enter());
	for (size_t i = 0; i < size; i++)
		out[i] = (unsigned char)(i * 7 + i / 251);
	test_init(&t);
	use_crt(&t, 0, "a.pem");
	prepare(&t, "");
	shake(&t, "a.test");
	ck_assert_int_eq(t.f.opened, 1);
	while (got < size) {
		struct iovec iov[3] = { { out + sent, MIN(size - sent, 100u) } };
		ssize_t r;
		int k = 1;

		for (size_t at = sent + iov[0].iov_len; k < 3 && at < size; at += iov[k++].iov_len)
			iov[k] = (struct iovec){ out + at, MIN(size - at, k == 1 ? 70000u : 5000u) };
		while (sent < size && conn_writable(t.front)) {
			r = conn_sendv(t.front, iov, k, false);
			if (r == IO_AGAIN)
				break;
			ck_assert_int_gt(r, 0);
			sent += (size_t)r;
			break;
		}
		if (rand() % 4 == 0 || sent == size || !conn_writable(t.front)) {
			loop_turn(0);
			r = conn_readable(t.back) ? conn_recv(t.back, in + got, MIN(size - got, 20000u)) : IO_AGAIN;
			ck_assert(r > 0 || r == IO_AGAIN);
			got += r > 0 ? (size_t)r : 0;
		}
	}
	ck_assert_int_eq(memcmp(in, out, size), 0);
	conn_shut(t.front);
	for (int i = 0; i < 10 && !(t.back->flags & CONN_RD_EOF); i++) {
		loop_turn(0);
		conn_recv(t.back, in, 1);
	}
	ck_assert(t.back->flags & CONN_RD_EOF);
	part(&t);
	test_fini(&t);
	free(out);
	free(in);
	loop_leave();
}
END_TEST

static void refused(const char *crt, const char *why)
{
	struct test t;

	test_init(&t);
	use_crt(&t, 0, crt);
	ck_assert(!tls_bind_prepare(&t.bw, t.files, STR_NONE, &t.why));
	ck_assert_msg(strstr(t.why.text, why) && strstr(t.why.text, crt), "%s", t.why.text);
	test_fini(&t);
}

START_TEST(wrong_files_are_named)
{
	refused("nosuch.pem", "unable to stat");
	refused("mixed.pem", "inconsistencies between private key and certificate");
	refused("nokey.pem", "No Private Key found");
}
END_TEST

static void count(struct tls_entry *e, void *arg) { ++*(int *)arg; }

START_TEST(ten_thousand_names)
{
	struct tls_entry *e = mem_zalloc(sizeof(*e) * 10001);
	struct tls_names n = { 0 };
	char name[64];
	int hits = 0;

	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "%sHost%d.Example.com", i % 10 ? "" : "*.", i);
		tls_names_add(&n, str_c(name), &e[i]);
	}
	tls_names_add(&n, STR("!no.host0.example.com"), &e[0]);
	ck_assert(tls_names_find(&n, STR("host1234.example.com"), count, &hits));
	ck_assert(tls_names_find(&n, STR("www.host1230.example.com"), count, &hits));
	ck_assert_int_eq(hits, 2);
	ck_assert(!tls_names_find(&n, STR("host1230.example.com"), count, &hits));
	ck_assert(!tls_names_find(&n, STR("no.host0.example.com"), count, &hits));
	ck_assert(tls_names_find(&n, STR("yes.host0.example.com"), count, &hits));
	ck_assert(!tls_names_find(&n, STR("nodots"), count, &hits));
	tls_names_fini(&n);
	free(e);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("tls");
	int r;

	make_files();
	UNIT_TEST(s, name_selects_certificate);
	UNIT_TEST(s, sessions_are_resumed_by_name);
	UNIT_TEST(s, servers_are_verified);
	UNIT_TEST(s, full_socket_loses_nothing);
	UNIT_TEST(s, wrong_files_are_named);
	UNIT_TEST(s, ten_thousand_names);
	r = unit_run(s);
	dir_remove();
	return r;
}
