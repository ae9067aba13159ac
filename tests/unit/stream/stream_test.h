/* Streams without a network: a real configuration, sessions as listeners begin them, and muxes that are nothing but
 * what the test says and hears. Time stands still until pass() moves it, all of it on one thread.
 *
 *	begin(HTTP FE "backend be\n server s1 $1\n");
 *	c = ask("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
 *	answer(server(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
 *	expect_log("200 ---- be/s1 0");
 *
 * In a configuration $1 ... $4 are addresses of servers that accept, $X that of one that refuses, $LOG is a `log` line
 * whose lines expect_log() reads. */
#ifndef TESTS_UNIT_STREAM_H
#define TESTS_UNIT_STREAM_H

#include "tests/unit/model/load.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/loop/thr.h"
#include "src/stream/stream_priv.h"
#include "weir/base/pool.h"
#include "weir/http/framing.h"
#include "weir/http/h1_read.h"

#define SERVERS 4
#define SIDES 32
#define START_MS 1000000

/* One gate and what passed it. It stays readable when the gate was released. */
struct side {
	struct gate g;
	struct conn *conn;
	struct h1_body reader;
	struct sbuf head;		/* last head given: start line and fields, a line each */
	struct sbuf infos;		/* interim answers: "100 103 " */
	struct sbuf sent;		/* body bytes that the peer took */
	struct sbuf trailers;		/* "name: value\n" */
	size_t room;			/* so many bytes more are taken */
	size_t consumed;
	int heads;
	bool end_with_head, ended, released;
	long reset;			/* code, -1: was not */
};

struct client {
	struct conn *conn;		/* NULL: gone */
	const struct mux_front_user *user;
	struct session *sess;
	int fd;
};

/* A connection to a server. */
struct back_conn {
	struct conn *conn;		/* NULL: gone */
	const struct mux_back_user *user;
	void *owner;
	struct side *busy;
};

static struct {
	struct conf *conf;
	struct side fronts[SIDES], backs[SIDES];
	int nfronts, nbacks;
	struct client clients[SIDES];
	int nclients;
	struct back_conn conns[SIDES];
	int nconns;
	int listeners[SERVERS];
	unsigned refuses;		/* the port of $X */
	int log[2];
} w;

/* --- time --- */

/* $X refuses: what the poller would tell of it. */
static inline bool hear_refusal(void)
{
	const struct stream *s;

	list_each(s, stream_list(), link) {
		struct conn *c = s->bconn ? s->bconn->conn : NULL;

		if (!c || !(c->flags & CONN_CONNECTING) || c->peer.family != AF_INET ||
		    ntohs(c->peer.in4.sin_port) != w.refuses)
			continue;
		c->ev.ready |= EV_WRITE | EV_ERR | EV_HUP;
		c->ev.on_event(&c->ev, EV_WRITE | EV_ERR | EV_HUP);
		return true;
	}
	return false;
}

static inline void turn(void)
{
	do {
		thr_deliver_mail(thr_self);
		thr_fire_timers(thr_self);
		thr_run_tasks(thr_self);
		thr_run_tasks(thr_self);
	} while (hear_refusal());
}

static inline void pass(unsigned ms)
{
	thr_self->h.ms += ms;
	thr_self->h.us += ms * 1000ULL;
	thr_self->wall.us += ms % 1000 * 1000;
	thr_self->wall.s += ms / 1000 + thr_self->wall.us / 1000000;
	thr_self->wall.us %= 1000000;
	turn();
}

/* --- gates --- */

static inline struct side *side_of(struct gate *g)
{
	return container_of(g, struct side, g);
}

static inline void put_fields(struct sbuf *b, const struct field *f, int n)
{
	for (int i = 0; i < n; i++)
		if (!(f[i].flags & FIELD_F_DELETED))
			sbuf_printf(b, STR_FMT ": " STR_FMT "\n", STR_ARG(field_name_str(&f[i])),
				    STR_ARG(field_value_str(&f[i])));
}

static inline void put_head(struct sbuf *b, struct msg *m)
{
	sbuf_clear(b);
	if (m->is_response)
		sbuf_printf(b, "%d " STR_FMT "\n", m->status, STR_ARG(m->reason));
	else
		sbuf_printf(b, STR_FMT " " STR_FMT "\n", STR_ARG(m->method_text), STR_ARG(msg_target(m)));
	put_fields(b, m->f, m->nf);
}

static inline void side_drain(struct side *d)
{
	struct gate *g = &d->g;
	size_t n = g->out.bytes < d->room ? g->out.bytes : d->room;

	spanq_copy(&g->out, 0, sbuf_room(&d->sent, n), n);
	sbuf_commit(&d->sent, n);
	spanq_drop(&g->out, n);
	d->room -= d->room == SIZE_MAX ? 0 : n;
	g->out_bytes += n;
	g->wire_out += n;
	if (g->flags & OUT_END && spanq_empty(&g->out))
		g->flags |= OUT_DONE;
}

static inline void side_end(struct gate *g, const struct field *trailers, int n)
{
	struct side *d = side_of(g);

	ck_assert(!(g->flags & OUT_END));
	put_fields(&d->trailers, trailers, n);
	g->flags |= OUT_END;
	d->ended = true;
	side_drain(d);
}

static inline void side_send_head(struct gate *g, struct msg *m, bool end)
{
	struct side *d = side_of(g);

	ck_assert(!(g->flags & OUT_HEAD));
	put_head(&d->head, m);
	g->wire_out += d->head.n;
	g->flags |= OUT_HEAD;
	d->heads++;
	d->end_with_head = end;
	if (g->flags & GATE_BACK)
		g->flags |= GATE_SRV_SAW;
	if (m->is_response && m->body == BODY_TUNNEL)	/* what follows the request is no longer its body */
		g->flags = (g->flags & ~(uint32_t)IN_END) | GATE_TUNNEL;
	if (end)
		side_end(g, NULL, 0);
}

static inline void side_send_info(struct gate *g, struct msg *m)
{
	sbuf_printf(&side_of(g)->infos, "%d ", m->status);
}

static inline void side_flush(struct gate *g, bool more)
{
	(void)more;
	side_drain(side_of(g));
}

static inline void side_consumed(struct gate *g, size_t n)
{
	side_of(g)->consumed += n;
}

static inline void side_reset(struct gate *g, uint32_t code)
{
	side_of(g)->reset = code;
}

static inline void side_free(struct side *d)
{
	ck_assert(!d->released);
	d->released = true;
	spanq_fini(&d->g.in);
	spanq_fini(&d->g.out);
}

static inline void front_release(struct gate *g)
{
	side_free(side_of(g));
	arena_fini(&g->own_mem);
}

static inline void back_close(struct back_conn *b)
{
	struct conn *c = b->conn;

	b->conn = NULL;
	b->user->gone(c, b->owner);
	conn_close(c, false);
}

/* As HTTP/1 does: a complete exchange leaves the connection to the next one. */
static inline void back_release(struct gate *g)
{
	struct back_conn *b = g->conn->arg;
	const unsigned whole = IN_END | OUT_DONE;

	side_free(side_of(g));
	b->busy = NULL;
	if ((g->flags & whole) == whole && !(g->flags & (GATE_CLOSE | GATE_RAW | IN_ABORT | OUT_ABORT)))
		b->user->idle(b->conn, b->owner);
	else
		back_close(b);
}

#define SIDE_OPS(on_release) { .name = "test", .send_head = side_send_head, .send_info = side_send_info, \
	.flush = side_flush, .end = side_end, .consumed = side_consumed, .reset = side_reset, .release = on_release }
static const struct gate_ops front_ops = SIDE_OPS(front_release), back_ops = SIDE_OPS(back_release);

static inline struct side *side_init(struct side *d, const struct gate_ops *ops, struct conn *c, uint32_t flags)
{
	d->g = (struct gate){ .magic = GATE_MAGIC, .ops = ops, .conn = c, .flags = flags };
	d->conn = c;
	d->head = sbuf_grow();
	d->infos = sbuf_grow();
	d->sent = sbuf_grow();
	d->trailers = sbuf_grow();
	d->room = SIZE_MAX;
	d->reset = -1;
	return d;
}

/* --- muxes --- */

static inline void nothing_on(struct conn *c) { (void)c; }
static const struct conn_user deaf = { .on_open = nothing_on, .on_io = nothing_on, .on_fail = nothing_on };

static inline void front_begin(struct conn *c, const struct mux_limits *lim, const struct mux_front_user *user,
			       void *sess, struct chunk *pre)
{
	struct client *cl = &w.clients[w.nclients - 1];

	(void)lim;
	(void)pre;
	c->user = &deaf;
	c->arg = cl;
	cl->user = user;
	cl->sess = sess;
}

static inline void front_kill(struct conn *c)
{
	struct client *cl = c->arg;

	cl->conn = NULL;
	cl->user->gone(c, cl->sess);
	conn_close(c, true);
}

static const struct mux front_mux = {
	.name = "TEST", .proto = "test", .sides = MUX_FRONT, .http = true, .front = front_begin, .drain = nothing_on,
	.kill = front_kill,
};
extern const struct mux back_mux;

static inline void back_begin(struct conn *c, const struct mux_limits *lim, const struct mux_back_user *user,
			      void *owner)
{
	struct back_conn *b = &w.conns[w.nconns++];

	(void)lim;
	ck_assert_int_lt(w.nconns, SIDES);
	*b = (struct back_conn){ c, user, owner, NULL };
	c->mux = &back_mux;
	c->arg = b;
	c->user = &deaf;
}

static inline struct gate *back_open(struct conn *c, struct arena *mem, const struct gate_user *user, void *arg)
{
	struct back_conn *b = c->arg;
	struct side *d = side_init(&w.backs[w.nbacks++], &back_ops, c, GATE_BACK);

	ck_assert_int_lt(w.nbacks, SIDES);
	ck_assert_ptr_null(b->busy);
	if (!((struct stream *)arg)->req)
		d->g.flags |= GATE_RAW;
	d->g.user = user;
	d->g.arg = arg;
	d->g.mem = mem;
	b->busy = d;
	return &d->g;
}

static inline unsigned back_busy(const struct conn *c) { return ((struct back_conn *)c->arg)->busy != NULL; }
static inline unsigned back_avail(const struct conn *c) { return !back_busy(c); }
static inline void back_kill(struct conn *c) { back_close(c->arg); }
const struct mux back_mux = {
	.name = "TEST", .proto = "test", .sides = MUX_BACK, .http = true, .back = back_begin, .open = back_open,
	.avail = back_avail, .busy = back_busy, .drain = nothing_on, .kill = back_kill,
};

/* --- the world --- */

/* An abstract unix address: connecting to it is done at once. */
static inline void server_name(char name[64], int i)
{
	snprintf(name, 64, "weir-unit-%d-%d", (int)getpid(), i);
}

static inline void server_listen(int i)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char name[64];

	server_name(name, i);
	strcpy(a.sun_path + 1, name);
	w.listeners[i - 1] = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(w.listeners[i - 1], (struct sockaddr *)&a,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))), 0);
	ck_assert_int_eq(listen(w.listeners[i - 1], SIDES), 0);
}

/* A port that refuses, as long as the test runs: bound, and nobody listens. */
static inline unsigned refusing_port(void)
{
	struct addr a;
	int fd = w.refuses ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (w.refuses)
		return w.refuses;
	addr_set4(&a, "\x7f\0\0\1", 0);
	ck_assert_int_eq(bind(fd, &a.sa, a.len), 0);
	ck_assert_int_eq(getsockname(fd, &a.sa, &a.len), 0);
	return w.refuses = addr_port(&a);
}

static inline void expand(struct sbuf *b, const char *text)
{
	for (; *text; text++) {
		bool server = *text == '$' && (text[1] == 'X' || (text[1] >= '1' && text[1] <= '0' + SERVERS));
		char name[64];

		if (server) {
			text++;
			server_name(name, *text - '0');
			if (*text == 'X')
				sbuf_printf(b, "127.0.0.1:%u", refusing_port());
			else
				sbuf_printf(b, "abnsz@%s", name);
		} else if (!strncmp(text, "$LOG", 4)) {
			sbuf_printf(b, "log fd@%d len 8192 format raw local0", w.log[1]);
			text += 3;
		} else {
			sbuf_putc(b, *text);
		}
	}
}

static inline void muxes_up(void)
{
	struct server_line *l;
	struct proxy *px;
	struct bind *b;

	list_each(px, &w.conf->proxies, link) {
		list_each(b, &px->binds, link)
			b->mux.proto = &front_mux;
		list_each(l, &px->servers, link)
			l->mux.proto = &back_mux;
	}
}

/* A configuration in two parts, one of which the test made. */
static inline void begin_with(const char *config, const char *more)
{
	struct sbuf text = sbuf_grow();

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, w.log), 0);
	for (int i = 1; i <= SERVERS; i++)
		server_listen(i);
	ck_assert(loop_enter());
	thr_self->h.ms = START_MS;
	thr_self->h.us = START_MS * 1000ULL;
	thr_self->wall = (struct wall){ 1700000000, 0 };
	thr_self->wall_read = true;
	tables_up();
	expand(&text, config);
	expand(&text, more);
	w.conf = good(sbuf_z(&text));
	sbuf_fini(&text);
	w.conf->global.maxsock = 10000;	/* main counts them when it starts */
	muxes_up();
	ck_assert(live_adopt(w.conf, &diag));
	live_join_thread(0);
}

static inline void begin(const char *config)
{
	begin_with(config, "");
}

/* A client of the first bind of that frontend. */
static inline struct client *client_of(const char *frontend)
{
	struct client *cl = &w.clients[w.nclients++];
	struct px_live *p = live_frontend(str_c(frontend));
	int fd[2];

	ck_assert_int_lt(w.nclients, SIDES);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	cl->fd = fd[1];
	cl->conn = conn_wrap(fd[0], CONN_UNIX);
	ck_assert_ptr_nonnull(cl->conn);
	cl->conn->mux = &front_mux;
	atom_add(&p->fe.cur, 1);
	atom_add(&live_get()->cur_conns, 1);
	session_accept(cl->conn, list_first(&p->listeners, struct lstn, link));
	if (!cl->user)		/* refused before there was a mux */
		cl->conn = NULL;
	return cl;
}

static inline void client_from(struct client *c, const char *src, const char *dst)
{
	struct addr a;

	ck_assert(addr_parse_ip(&a, str_c(src)));
	addr_set_port(&a, 1234);
	conn_set_src(c->conn, &a);
	ck_assert(addr_parse_ip(&a, str_c(dst)));
	addr_set_port(&a, 80);
	conn_set_dst(c->conn, &a);
}

/* Everything ends; nothing may be left. */
static inline void end(void)
{
	turn();
	for (int i = 0; i < w.nclients; i++)
		if (w.clients[i].conn)
			front_kill(w.clients[i].conn);
	turn();
	ck_assert(list_empty(stream_list()));
	ck_assert_uint_eq(live_streams(), 0);
	for (int i = 0; i < w.nfronts; i++)
		ck_assert(w.fronts[i].released);
	for (int i = 0; i < w.nbacks; i++)
		ck_assert(w.backs[i].released);
	for (int i = 0; i < w.nconns; i++)
		if (w.conns[i].conn)
			back_close(&w.conns[i]);
}

/* --- what peers say --- */

static const struct h1_opts read_opts = { .max_head = 65536, .max_fields = 200 };

/* Bytes of a body as they were sent, framing included. */
static inline unsigned side_read(struct side *d, const char *p, size_t n)
{
	unsigned news = 0;

	for (;;) {
		struct fault f = { 0 };
		struct h1_run run;
		size_t used;
		enum h1_body_result r = h1_read_body(&d->reader, p, n, &used, &run, &f);

		if (r == H1_BODY_DATA) {
			spanq_push_copy(&d->g.in, p + run.off, run.len);
			d->g.in_bytes += run.len;
			news |= GATE_DATA;
		}
		d->g.wire_in += used;
		p += used;
		n -= used;
		if (r == H1_BODY_DATA)
			continue;
		ck_assert_msg(r != H1_BODY_ERROR, "%s", f.reason);
		if (r == H1_BODY_END) {
			d->g.flags |= IN_END;
			news |= GATE_END;
		}
		return news;
	}
}

/* A head, and what follows it. */
static inline unsigned side_hear(struct side *d, bool response, const char *text, struct msg *asked)
{
	struct gate *g = &d->g;
	struct str copy = arena_str(g->mem, str_c(text));
	struct msg *m = arena_new(g->mem, struct msg);
	struct h1_head progress = { 0 };
	struct fault f = { 0 };
	bool framed;
	size_t used;

	msg_init(m, response, g->mem);
	ck_assert_int_eq(h1_read_head(&progress, (char *)copy.p, copy.n, &read_opts, m, &used, &f), H1_DONE);
	framed = response ? framing_response(m, &(struct framing_asked){ asked->method, asked->protocol }, &f)
			  : framing_request(m, &(struct framing_opts){ 0 }, &f);
	ck_assert_msg(framed, "%s", f.reason);
	g->in_msg = m;
	g->wire_in += used;
	if (response && m->status / 100 == 1 && m->status != 101)
		return GATE_INFO;
	g->flags |= IN_HEAD;
	if (response && m->body == BODY_TUNNEL)
		g->flags = (g->flags & ~(uint32_t)(OUT_END | OUT_DONE)) | GATE_TUNNEL;
	h1_body_init(&d->reader, m, &read_opts);
	return GATE_HEAD | side_read(d, text + used, copy.n - used);
}

static inline struct side *front_new(struct client *c, uint32_t flags)
{
	struct side *d = side_init(&w.fronts[w.nfronts++], &front_ops, c->conn, flags);

	ck_assert_int_lt(w.nfronts, SIDES);
	arena_init(&d->g.own_mem, 4096);
	d->g.mem = &d->g.own_mem;
	d->g.t_first_us = d->g.t_head_us = loop_us();
	if (!c->sess->nstreams) {
		d->g.flags |= GATE_FIRST;
		d->g.t_idle_us = loop_us() - c->sess->accept_us;
	}
	return d;
}

/* An exchange begins: a whole head, with as much of the body as the text has. */
static inline struct side *ask_by(struct client *c, const char *text)
{
	struct side *d = front_new(c, 0);

	side_hear(d, false, text, NULL);
	c->user->exchange(&d->g, c->sess);
	turn();
	return d;
}

static inline struct side *ask(const char *text)
{
	return ask_by(client_of("fe"), text);
}

/* Plain bytes. */
static inline struct side *connect_raw(struct client *c, const char *bytes)
{
	struct side *d = front_new(c, GATE_RAW);

	spanq_push_copy(&d->g.in, bytes, strlen(bytes));
	d->g.wire_in = strlen(bytes);
	c->user->exchange(&d->g, c->sess);
	turn();
	return d;
}

/* Something happens on a side. */
static inline void news(struct side *d, unsigned flags, unsigned what)
{
	ck_assert(!d->released);
	d->g.flags |= flags;
	d->g.user->wake(&d->g, d->g.arg, what);
	turn();
}

static inline void answer(struct side *d, const char *text)
{
	unsigned what = side_hear(d, true, text, ((struct stream *)d->g.arg)->req);

	news(d, 0, what);
}

static inline void more(struct side *d, const char *text)
{
	unsigned what = side_read(d, text, strlen(text));

	news(d, 0, what);
}

static inline void raw(struct side *d, const char *text)
{
	spanq_push_copy(&d->g.in, text, strlen(text));
	d->g.wire_in += strlen(text);
	news(d, 0, GATE_DATA);
}

static inline void takes(struct side *d, size_t n)
{
	d->room = n;
	side_drain(d);
	news(d, 0, GATE_ROOM);
}

/* --- what is looked at --- */

/* The last gate that was opened to a server. */
static inline struct side *server(void)
{
	ck_assert_int_gt(w.nbacks, 0);
	return &w.backs[w.nbacks - 1];
}

static inline struct stream *stream_of(const struct side *d)
{
	ck_assert(!d->released);
	return d->g.arg;
}

static inline const char *step_of(const struct side *d)
{
	return d->released ? "-" : stream_step_name(stream_of(d)->step);
}

static inline struct srv *srv_of(const char *backend, const char *name)
{
	struct srv *s = live_server(live_backend(str_c(backend)), str_c(name));

	ck_assert_ptr_nonnull(s);
	return s;
}

static inline void expect_sent(struct side *d, const char *text)
{
	ck_assert_str_eq(sbuf_z(&d->sent), text);
	sbuf_clear(&d->sent);
}

static inline bool head_has(struct side *d, const char *line)
{
	return str_find(sbuf_str(&d->head), str_c(line)) != (size_t)-1;
}

static inline void expect_head(struct side *d, const char *line)
{
	ck_assert_msg(head_has(d, line), "no %s in\n%s", line, sbuf_z(&d->head));
}

static inline void expect_no_head(struct side *d, const char *line)
{
	ck_assert_msg(!head_has(d, line), "%s in\n%s", line, sbuf_z(&d->head));
}

/* The next line of the log; "" when there is none. */
static inline const char *log_line(void)
{
	static char line[9000];
	ssize_t n = recv(w.log[0], line, sizeof(line) - 1, MSG_DONTWAIT);

	line[n > 0 ? n - (line[n - 1] == '\n') : 0] = 0;
	return line;
}

static inline void expect_log(const char *line)
{
	ck_assert_str_eq(log_line(), line);
}

/* How an exchange ended, in the words of the log: status, letters, backend and server, retries. */
#define ENDS "\t$LOG\n\tlog-format \"%ST %tsc %b/%s %rc\"\n"
#define TCP_ENDS "\t$LOG\n\tlog-format \"%ts %b/%s %rc\"\n"
#define TCP(times) "defaults\n\tmode tcp\n" times "frontend fe\n\tbind 127.0.0.1:1\n" TCP_ENDS "\tdefault_backend be\n"
#define FE_NAMED(name) "frontend " name "\n\tbind 127.0.0.1:1\n" ENDS
#define FE FE_NAMED("fe") "\tdefault_backend be\n"
#define GET "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"

#endif
