/* Lines are taken from the ring a few at a time and stay here until the last byte of them was sent: a connection that
 * ends in the middle of a line costs nothing, the line goes out again on the next one. While nobody takes them they
 * wait in the ring, which then drops what does not fit any more; whoever logs never waits. */
#include "forward.h"

#include <stdlib.h>
#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/http/proxy_proto.h"
#include "weir/net/connect.h"
#include "weir/net/proxy_out.h"
#include "weir/net/socks4.h"
#include "weir/tls/context.h"

#define BATCH_BYTES 16384
#define BATCH_LINES 64
#define RETRY_MS 1000

#define FORWARD_MAGIC OBJ_MAGIC('f', 'w', 'r', 'd')
struct forward {
	uint32_t magic;
	struct ring_reader in;
	struct server_line *line;
	struct srv *srv;
	bool octets;
	bool began, mailed;		/* atomic: thread 0 has it; thread 0 will be told */
	struct mail mail;
	struct conn *conn;
	struct timer timer;		/* connecting, sending, or waiting for the next attempt */
	struct sbuf out, one;		/* what goes out; a line on its way there */
	size_t sent;
	uint32_t ends[BATCH_LINES];	/* behind each line in out */
	unsigned nlines;
};

/* --- what goes out --- */

static bool take_line(struct forward *f)
{
	sbuf_clear(&f->one);
	if (!ring_read(&f->in, &f->one))
		return false;
	if (f->octets) {
		sbuf_putu(&f->out, f->one.n);
		sbuf_putc(&f->out, ' ');
	}
	sbuf_puts(&f->out, sbuf_str(&f->one));
	if (!f->octets)
		sbuf_putc(&f->out, '\n');
	f->ends[f->nlines++] = (uint32_t)f->out.n;
	return true;
}

static bool refill(struct forward *f)
{
	sbuf_clear(&f->out);
	f->sent = 0;
	f->nlines = 0;
	while (f->nlines < BATCH_LINES && f->out.n < BATCH_BYTES && take_line(f))
		;
	return f->out.n > 0;
}

/* The connection is gone: lines that went out as a whole are done, the others begin anew. */
static void rewind_batch(struct forward *f)
{
	unsigned done = 0;
	uint32_t from;

	if (!f->nlines)
		return;
	while (done < f->nlines && f->ends[done] <= f->sent)
		done++;
	from = done ? f->ends[done - 1] : 0;
	if (from)
		memmove(f->out.p, f->out.p + from, f->out.n - from);
	f->out.n -= from;
	f->sent = 0;
	f->nlines -= done;
	for (unsigned i = 0; i < f->nlines; i++)
		f->ends[i] = f->ends[i + done] - from;
}

/* --- the connection --- */

static void lose(struct forward *f)
{
	if (f->conn)
		conn_close(f->conn, false);
	f->conn = NULL;
	rewind_batch(f);
	timer_set(&f->timer, RETRY_MS);
}

static void pump(struct forward *f)
{
	unsigned limit = f->line->proxy->t_server;

	while (f->sent < f->out.n || refill(f)) {
		struct iovec iov = { f->out.p + f->sent, f->out.n - f->sent };
		ssize_t n = conn_sendv(f->conn, &iov, 1, false);

		if (n == IO_AGAIN) {
			if (limit && !timer_armed(&f->timer))
				timer_set(&f->timer, limit);
			return;
		}
		if (n < 0) {
			lose(f);
			return;
		}
		f->sent += (size_t)n;
		timer_stop(&f->timer);
	}
	timer_stop(&f->timer);
}

/* Syslog servers have nothing to say; an end of their side is the end. */
static bool listen_to(struct forward *f)
{
	char buf[1024];
	ssize_t n;

	do
		n = conn_recv(f->conn, buf, sizeof(buf));
	while (n > 0);
	return n == IO_AGAIN;
}

static void on_io(struct conn *c)
{
	struct forward *f = c->arg;

	OBJ_CHECK(f, FORWARD_MAGIC);
	if (!listen_to(f))
		lose(f);
	else
		pump(f);
}

static void on_open(struct conn *c)
{
	timer_stop(&((struct forward *)c->arg)->timer);
	on_io(c);
}

static void on_fail(struct conn *c)
{
	lose(c->arg);
}

static const struct conn_user forward_user = { .on_open = on_open, .on_io = on_io, .on_fail = on_fail };

static struct str server_name(struct forward *f, struct arena *mem)
{
	const struct expr *sni = f->line->tls.sni;
	struct xctx x = { .mem = mem, .proxy = f->line->proxy };
	struct str name;

	return sni && expr_uses(sni) & USE_INTRN && expr_eval_str(sni, &name, &x) ? name : STR_NONE;
}

static bool push_tls(struct forward *f)
{
	struct arena mem;
	bool ok;

	arena_init(&mem, 256);
	ok = f->line->tls.ctx && tls_push_back(f->conn, f->line->tls.ctx, server_name(f, &mem));
	arena_fini(&mem);
	return ok;
}

static void push_proxy_header(struct forward *f)
{
	struct proxy_say say = { .src = conn_src(f->conn), .dst = conn_dst(f->conn),
				 .crc32c = f->line->net.pp_options & PPO_CRC32C };
	struct sbuf b = sbuf_grow();

	if (f->line->net.proxy_version == 2)
		proxy_write_v2(&b, &say);
	else
		proxy_write_v1(&b, say.src, say.dst);
	proxy_out_push(f->conn, sbuf_str(&b));
	sbuf_fini(&b);
}

static bool push_transports(struct forward *f, const struct addr *to)
{
	if (addr_isset(&f->line->net.socks4))
		socks4_push(f->conn, to);
	if (f->line->net.proxy_version)
		push_proxy_header(f);
	return !(f->srv ? f->srv->ssl_on : f->line->tls.on) || push_tls(f);
}

static void start(struct forward *f)
{
	const struct server_line *l = f->line;
	const struct source_net *from = addr_isset(&l->net.source.addr) ? &l->net.source : &l->proxy->source;
	struct addr to = f->srv ? f->srv->addr : l->addr;
	struct connect_opts o = {
		.to = addr_isset(&l->net.socks4) ? &l->net.socks4 : &to,
		.from = addr_isset(&from->addr) ? &from->addr : NULL,
		.interface = from->interface,
		.port_low = from->port_low,
		.port_high = from->port_high,
		.nodelay = true,
		.md5sig = l->net.tcp_md5sig,
		.mark = -1,
		.tos = -1,
		.ns = l->net.ns,
	};
	enum conn_err err;

	f->conn = addr_isset(&to) ? conn_connect(&o, &forward_user, f, &err) : NULL;
	if (!f->conn || !push_transports(f, &to)) {
		lose(f);
		return;
	}
	if (l->proxy->t_connect)
		timer_set(&f->timer, l->proxy->t_connect);
	conn_advance(f->conn);
}

static void on_time(struct timer *t)
{
	struct forward *f = container_of(t, struct forward, timer);

	if (f->conn)
		lose(f);
	else
		start(f);
}

/* --- news of lines --- */

static void on_mail(struct mail *m)
{
	struct forward *f = container_of(m, struct forward, mail);

	OBJ_CHECK(f, FORWARD_MAGIC);
	(void)atom_swap(&f->mailed, false);
	if (f->conn && f->conn->flags & CONN_OPEN)
		pump(f);
}

static void on_line(struct ring_reader *rd)
{
	struct forward *f = container_of(rd, struct forward, in);

	if (atom_acquire(&f->began) && !atom_swap(&f->mailed, true))
		mail_send(0, &f->mail);
}

/* --- life --- */

struct forward *forward_create(struct ring *r, struct server_line *line, struct srv *srv)
{
	struct forward *f = mem_zalloc(sizeof(*f));

	f->magic = FORWARD_MAGIC;
	f->line = line;
	f->srv = srv;
	f->octets = line->log_proto == LOG_PROTO_OCTETS;
	f->mail.deliver = on_mail;
	f->out = f->one = sbuf_grow();
	timer_init(&f->timer, on_time);
	f->in.wake = on_line;
	ring_attach(r, &f->in);
	return f;
}

void forward_begin(struct forward *f)
{
	atom_release(&f->began, true);
	start(f);
}

void forward_end(struct forward *f)
{
	atom_release(&f->began, false);
	if (f->conn && f->conn->flags & CONN_OPEN)
		pump(f);
	timer_stop(&f->timer);
	if (f->conn)
		conn_close(f->conn, false);
	f->conn = NULL;
}

void forward_free(struct forward *f)
{
	ring_detach(&f->in);
	sbuf_fini(&f->out);
	sbuf_fini(&f->one);
	f->magic = 0;
	free(f);
}
