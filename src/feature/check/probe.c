/* One check: connect, perhaps TLS, perhaps one HTTP request whose answer's head is read. */
#include "check_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "weir/base/pool.h"
#include "weir/net/connect.h"
#include "weir/tls/context.h"

#define ANSWER_MAX 16384	/* bytes of an answer's head */

static void chk_release(struct check *c, bool reset)
{
	timer_stop(&c->limit);
	if (c->conn)
		conn_close(c->conn, reset);
	c->conn = NULL;
	if (c->buf) {
		free(c->buf);
		arena_fini(&c->mem);
	}
	c->buf = NULL;
}

void chk_abort(struct check *c)
{
	chk_release(c, true);
}

static void chk_end(struct check *c, enum chk_status status, int code, struct str info)
{
	struct chk_result r = { .status = status,
				.code = code,
				.took_ms = (unsigned)((loop_us_exact() - c->began_us) / 1000) };

	snprintf(r.info, sizeof(r.info), STR_FMT, (int)MIN(info.n, sizeof(r.info) - 1), info.p ? info.p : "");
	for (char *p = r.info; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = ' ';
	/* A server that was only connected to must not keep the connection in TIME-WAIT, nor do we. */
	chk_release(c, !c->http);
	chk_done(c, &r);
}

static void chk_end_errno(struct check *c, enum chk_status status)
{
	int e = c->conn->os_errno;
	const char *text = e ? strerror(e) : conn_err_text(c->conn->err);

	chk_end(c, status, 0, str_make(text, strlen(text)));
}

static void on_limit(struct timer *t)
{
	struct check *c = container_of(t, struct check, limit);
	uint32_t f = c->conn->flags;

	chk_end(c, f & CONN_OPEN ? CHK_L7TOUT : f & CONN_CONNECTING ? CHK_L4TOUT : CHK_L6TOUT, 0, STR_NONE);
}

void chk_init_timers(struct check *c)
{
	timer_init(&c->limit, on_limit);
}

static bool is_tls_err(enum conn_err e)
{
	return (e >= CERR_TLS_EMPTY && e <= CERR_TLS_EARLY) || (e >= CERR_TLS_MEMORY && e <= CERR_TLS_FATAL);
}

static void on_fail(struct conn *conn)
{
	struct check *c = conn->arg;
	const char *text = conn_err_text(conn->err);

	if (is_tls_err(conn->err))
		chk_end(c, CHK_L6RSP, 0, str_make(text, strlen(text)));
	else
		chk_end_errno(c, CHK_L4CON);
}

/* False: the check ended. */
static bool chk_send(struct check *c)
{
	struct str req = c->http->request;
	struct iovec iov;
	ssize_t n;

	while (c->sent < req.n) {
		iov = (struct iovec){ (char *)req.p + c->sent, req.n - c->sent };
		n = conn_sendv(c->conn, &iov, 1, false);
		if (n == IO_AGAIN)
			return true;
		if (n <= 0) {
			chk_end_errno(c, CHK_SOCKERR);
			return false;
		}
		c->sent += (size_t)n;
	}
	return true;
}

static void chk_judge(struct check *c)
{
	int status = c->msg.status;
	bool good = status >= 200 && status < 400;

	chk_end(c, good ? CHK_L7OK : CHK_L7STS, status, good ? STR_NONE : c->msg.reason);
}

static void chk_recv(struct check *c)
{
	static const struct h1_opts opts = { .max_head = ANSWER_MAX, .max_fields = 101 };
	struct fault fault;
	size_t used;
	ssize_t n;

	for (;;) {
		n = conn_recv(c->conn, c->buf + c->got, ANSWER_MAX - c->got);
		if (n == IO_AGAIN)
			return;
		if (n == IO_ERR) {
			chk_end_errno(c, CHK_SOCKERR);
			return;
		}
		c->got += (size_t)n;
		switch (n == IO_EOF ? H1_ERROR
				    : h1_read_head(&c->head, c->buf, c->got, &opts, &c->msg, &used, &fault)) {
		case H1_DONE:
			chk_judge(c);
			return;
		case H1_MORE:
			if (c->got < ANSWER_MAX)
				break;
			/* fall through */
		case H1_ERROR:
			chk_end(c, CHK_L7RSP, 0, STR_NONE);
			return;
		}
	}
}

static void on_io(struct conn *conn)
{
	struct check *c = conn->arg;

	if (chk_send(c))
		chk_recv(c);
}

static void on_open(struct conn *conn)
{
	struct check *c = conn->arg;
	const struct proxy *p = c->srv->line->proxy;
	struct str tls = STR_NONE;

	if (!c->http) {
		chk_end(c, conn_ask(conn, ASK_TLS, &tls) && tls.n ? CHK_L6OK : CHK_L4OK, 0, STR_NONE);
		return;
	}
	if (p->t_check)
		timer_set(&c->limit, p->t_check);
	on_io(conn);
}

static const struct conn_user check_user = { .on_open = on_open, .on_io = on_io, .on_fail = on_fail };

/* TLS as the server has it, unless the check goes elsewhere: then only when check-ssl says so. */
static bool wants_tls(const struct check *c)
{
	const struct srv *s = c->srv;
	const struct check_words *w = &s->line->check;

	if (w->ssl != CHECK_UNSAID)
		return w->ssl == CHECK_ON;
	return s->ssl_on && !c->port && !addr_isset(&c->to);
}

static struct addr chk_target(const struct check *c)
{
	struct addr to = c->srv->addr;

	if (addr_isset(&c->to)) {
		to = c->to;
		addr_set_port(&to, addr_port(&c->srv->addr));
	}
	if (c->port)
		addr_set_port(&to, (uint16_t)c->port);
	return to;
}

static struct conn *chk_connect(struct check *c, enum conn_err *err)
{
	const struct server_line *l = c->srv->line;
	const struct source_net *from = addr_isset(&l->net.source.addr) ? &l->net.source : &l->proxy->source;
	struct addr to = chk_target(c);
	struct connect_opts o = {
		.to = &to,
		.from = addr_isset(&from->addr) ? &from->addr : NULL,
		.interface = from->interface,
		.nodelay = true,
		.port_low = from->port_low,
		.port_high = from->port_high,
		.md5sig = l->net.tcp_md5sig,
		.mark = -1,
		.tos = -1,
		.ns = l->net.ns,
	};

	return conn_connect(&o, &check_user, c, err);
}

/* The whole check has the time of its interval; with `timeout check`, connecting has `timeout connect`. */
static unsigned connect_limit(const struct check *c)
{
	const struct proxy *p = c->srv->line->proxy;
	unsigned inter = chk_inter(c);

	return p->t_check && p->t_connect && p->t_connect < inter ? p->t_connect : inter;
}

void chk_begin(struct check *c)
{
	const struct server_line *l = c->srv->line;
	enum conn_err err = CERR_NONE;
	char text[128];
	int n;

	OBJ_CHECK(c, CHECK_MAGIC);
	WASSERT(!c->conn);
	c->began_us = loop_us_exact();
	c->http = l->proxy->check;
	c->sent = c->got = 0;
	c->conn = chk_connect(c, &err);
	if (!c->conn) {
		n = snprintf(text, sizeof(text), "General socket error (%s)", strerror(errno));
		chk_end(c, CHK_L4CON, 0, str_make(text, (size_t)n));
		return;
	}
	if (wants_tls(c)) {
		if (!l->tls.ctx || !tls_push_back(c->conn, l->tls.ctx, l->check.sni)) {
			chk_end(c, CHK_L6RSP, 0, STR("TLS cannot be set up"));
			return;
		}
		tls_offer_no_alpn(c->conn);
	}
	if (c->http) {
		c->buf = mem_alloc(ANSWER_MAX);
		arena_init(&c->mem, 2048);
		msg_init(&c->msg, true, &c->mem);
		c->head = (struct h1_head){ 0 };
	}
	timer_set(&c->limit, connect_limit(c));
	conn_advance(c->conn);
}
