/* Contexts and the transport: both sides of a socket pair in one thread, certificates made here. */
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/tls/tls_priv.h"
#include "tests/unit/unit.h"
#include "weir/base/pool.h"

static char dir[] = "/tmp/weir-tls-XXXXXX";

/* --- certificates --- */

struct pair { X509 *x; EVP_PKEY *key; };

static void extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	WASSERT(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* Signed by ca, or by itself; days < 0: expired. */
static struct pair make_pair(const char *cn, const char *names, const struct pair *ca, int days)
{
	struct pair p = { X509_new(), EVP_EC_gen("P-256") };
	X509_NAME *n = X509_NAME_new();

	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_version(p.x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(p.x), rand());
	X509_gmtime_adj(X509_getm_notBefore(p.x), -86400 * 3);
	X509_gmtime_adj(X509_getm_notAfter(p.x), 86400L * days);
	X509_set_subject_name(p.x, n);
	X509_set_issuer_name(p.x, ca ? X509_get_subject_name(ca->x) : n);
	X509_set_pubkey(p.x, p.key);
	extend(p.x, NID_basic_constraints, ca ? "CA:FALSE" : "CA:TRUE");
	if (names)
		extend(p.x, NID_subject_alt_name, names);
	X509_sign(p.x, ca ? ca->key : p.key, EVP_sha256());
	X509_NAME_free(n);
	return p;
}

static const char *path_of(const char *name)
{
	static char buf[4][256];
	static int at;

	snprintf(buf[at = (at + 1) % 4], sizeof(buf[0]), "%s/%s", dir, name);
	return buf[at];
}

static void save(const char *name, const struct pair *p, const struct pair *key)
{
	FILE *f = fopen(path_of(name), "w");

	WASSERT(f);
	if (key)
		PEM_write_PrivateKey(f, key->key, NULL, NULL, 0, NULL, NULL);
	if (p)
		PEM_write_X509(f, p->x);
	fclose(f);
}

static void pair_free(struct pair *p)
{
	X509_free(p->x);
	EVP_PKEY_free(p->key);
}

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

/* --- both ends --- */

struct end { int opened, failed, events; };
static void on_open(struct conn *c) { ((struct end *)c->arg)->opened++; }
static void on_fail(struct conn *c) { ((struct end *)c->arg)->failed++; }
static void on_io(struct conn *c) { ((struct end *)c->arg)->events++; }
static const struct conn_user user = { on_open, on_io, on_fail };

struct test {
	struct tls_global g;
	struct tls_files *files;
	struct tls_bind_words bw;
	struct tls_server_words sw;
	struct tls_crt crts[4];
	struct tls_fault why;
	struct conn *front, *back;
	struct end f, b;
};

static void test_init(struct test *t)
{
	*t = (struct test){ 0 };
	tls_global_init(&t->g);
	t->files = tls_files_create(&t->g);
	t->sw.c.ca_file = str_c(mem_strdup(path_of("ca.pem")));
}

static void use_crt(struct test *t, int i, const char *name)
{
	struct tls_crt **at = &t->bw.crts;

	while (*at)
		at = &(*at)->next;
	*at = &t->crts[i];
	t->crts[i].path = str_c(mem_strdup(path_of(name)));
}

static void prepare(struct test *t, const char *alpn)
{
	ck_assert_msg(tls_bind_prepare(&t->bw, t->files, str_c(alpn), &t->why), "%s", t->why.text);
	ck_assert_msg(tls_server_prepare(&t->sw, t->files, str_c(alpn), &t->why), "%s", t->why.text);
}

static void test_fini(struct test *t)
{
	tls_front_free(t->bw.ctx);
	tls_back_free(t->sw.ctx);
	tls_files_destroy(t->files);
	for (int i = 0; i < 4; i++)
		free((char *)t->crts[i].path.p);
	free((char *)t->sw.c.ca_file.p);
}

static struct conn *wrap(int fd, struct end *e, uint32_t flags)
{
	struct conn *c = conn_wrap(fd, flags);

	*e = (struct end){ 0 };
	c->user = &user;
	c->arg = e;
	c->ev.ready = EV_WRITE;
	return c;
}

/* Until both have opened or failed. */
static void shake(struct test *t, const char *sni)
{
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	t->front = wrap(fd[0], &t->f, 0);
	t->back = wrap(fd[1], &t->b, CONN_BACK);
	ck_assert(tls_push_front(t->front, t->bw.ctx));
	ck_assert(tls_push_back(t->back, t->sw.ctx, str_c(sni)));
	conn_advance(t->front);
	conn_advance(t->back);
	for (int i = 0; i < 100 && !((t->f.opened || t->f.failed) && (t->b.opened || t->b.failed)); i++)
		loop_turn(10);
}

static void part(struct test *t)
{
	conn_close(t->back, false);
	conn_close(t->front, false);
}

static const char *shown(struct test *t)
{
	static char name[64];

	X509_NAME_get_text_by_NID(X509_get_subject_name(tls_peer_cert(t->back)), NID_commonName, name, sizeof(name));
	return name;
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
	static const char *const files[] = { "ca.pem",    "otherca.pem", "a.pem",      "b.pem",         "old.pem",
					     "mixed.pem", "nokey.pem",   "beside.pem", "beside.pem.key" };
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
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		unlink(path_of(files[i]));
	rmdir(dir);
	return r;
}
