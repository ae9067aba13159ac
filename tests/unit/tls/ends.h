/* A bind line and a server line with TLS, and both ends of a connection between them, in one thread. */
#ifndef TESTS_UNIT_TLS_ENDS_H
#define TESTS_UNIT_TLS_ENDS_H

#include <sys/socket.h>

#include "tests/unit/tls/certs.h"
#include "weir/base/pool.h"

struct end { int opened, failed, events; };
static inline void on_open(struct conn *c) { ((struct end *)c->arg)->opened++; }
static inline void on_fail(struct conn *c) { ((struct end *)c->arg)->failed++; }
static inline void on_io(struct conn *c) { ((struct end *)c->arg)->events++; }
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

static inline void test_init(struct test *t)
{
	*t = (struct test){ 0 };
	tls_global_init(&t->g);
	t->files = tls_files_create(&t->g);
	t->sw.c.ca_file = str_c(mem_strdup(path_of("ca.pem")));
}

static inline void use_crt(struct test *t, int i, const char *name)
{
	struct tls_crt **at = &t->bw.crts;

	while (*at)
		at = &(*at)->next;
	*at = &t->crts[i];
	t->crts[i].path = str_c(mem_strdup(path_of(name)));
}

static inline void prepare(struct test *t, const char *alpn)
{
	ck_assert_msg(tls_bind_prepare(&t->bw, t->files, str_c(alpn), &t->why), "%s", t->why.text);
	ck_assert_msg(tls_server_prepare(&t->sw, t->files, str_c(alpn), &t->why), "%s", t->why.text);
}

static inline void test_fini(struct test *t)
{
	tls_front_free(t->bw.ctx);
	tls_back_free(t->sw.ctx);
	tls_files_destroy(t->files);
	for (int i = 0; i < 4; i++)
		free((char *)t->crts[i].path.p);
	free((char *)t->sw.c.ca_file.p);
}

static inline struct conn *wrap(int fd, struct end *e, uint32_t flags)
{
	struct conn *c = conn_wrap(fd, flags);

	*e = (struct end){ 0 };
	c->user = &user;
	c->arg = e;
	c->ev.ready = EV_WRITE;
	return c;
}

/* Until both have opened or failed. */
static inline void shake(struct test *t, const char *sni)
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

static inline void part(struct test *t)
{
	conn_close(t->back, false);
	conn_close(t->front, false);
}

static inline const char *shown(struct test *t)
{
	static char name[64];

	X509_NAME_get_text_by_NID(X509_get_subject_name(tls_peer_cert(t->back)), NID_commonName, name, sizeof(name));
	return name;
}

#endif
