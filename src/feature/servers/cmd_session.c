/* Exchanges in progress: show sess, shutdown session, shutdown sessions server. Each thread knows its own; they
 * are asked one after the other, a part of the list at a time. */
#include <stdlib.h>

#include "servers_priv.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/stream/stream.h"

#define PIECE (16 * 1024)

/* ---- asking threads ---- */

struct ask {
	struct ctl_req *r;		/* NULL: the connection is gone */
	struct mail mail;
	int home, thread;		/* who asks, who is asked */
	unsigned at;			/* place in the thread's list */
	bool away, more, found;
	struct sbuf text;
	const void *one;		/* only this one, or NULL */
	bool all;			/* with details */
};

static void put_state(struct sbuf *out, const char *name, const struct gate *g)
{
	if (!g)
		return;
	sbuf_printf(out, " %s[f=%x,in=%zu,out=%zu,b=%llu/%llu]", name, g->flags, g->in.bytes, g->out.bytes,
	            (unsigned long long)g->in_bytes, (unsigned long long)g->out_bytes);
}

static void put_addr(struct sbuf *out, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	sbuf_puts(out, a && addr_isset(a) ? addr_text(a, text) : STR("unix:1"));
}

static void put_stream(struct sbuf *out, const struct stream *s)
{
	const struct addr *src = conn_src(s->sess->conn);
	uint64_t age = (loop_us() - s->t_accept) / 1000000;
	int family = addr_family(src);
	const char *proto = family == AF_INET ? "tcpv4" : family == AF_INET6 ? "tcpv6" : "unix_stream";

	sbuf_printf(out, "%p: proto=%s src=", (const void *)s, proto);
	put_addr(out, src);
	sbuf_printf(out, " fe=" STR_FMT " be=", STR_ARG(s->fe->name));
	sbuf_puts(out, s->be ? s->be->name : STR("<NONE>"));
	sbuf_putz(out, " srv=");
	sbuf_puts(out, s->srv ? s->srv->name : STR("<none>"));
	sbuf_printf(out, " ts=%c%c age=%llus step=%s", s->term1 ? s->term1 : '-', s->term2 ? s->term2 : '-',
	            (unsigned long long)age,
	            stream_step_name(s->step));
	put_state(out, "rq", s->front);
	put_state(out, "rp", s->back);
	sbuf_printf(out, " rc=%u\n", s->retries_done);
}

static void put_details(struct sbuf *out, const struct stream *s)
{
	sbuf_printf(out, "  flags=0x%x, conn_retries=%u, reason=%s\n", s->flags, s->retries_done,
	            term_token(s->reason));
	sbuf_printf(out, "  frontend=" STR_FMT " (id=%d mode=%s), listener=%d, fd=%d\n", STR_ARG(s->fe->name),
	            s->fe->id,
	            s->flags & ST_HTTP ? "http" : "tcp", s->sess->lstn ? s->sess->lstn->id : 0, s->sess->conn->ev.fd);
	if (s->uri_method.n)
		sbuf_printf(out, "  request=" STR_FMT " " STR_FMT "\n", STR_ARG(s->uri_method), STR_ARG(s->uri_target));
	if (s->at_rule)
		sbuf_printf(out, "  waiting at rule %s:%d\n", s->at_rule->file, s->at_rule->line);
	if (s->bconn)
		sbuf_printf(out, "  server connection fd=%d, served=%u\n", s->bconn->conn->ev.fd, s->bconn->served);
}

static void look(struct ask *a)
{
	size_t limit = a->text.n + PIECE;
	const struct stream *s;
	unsigned i = 0;

	a->more = false;
	list_each(s, stream_list(), link) {
		if (i++ < a->at || (a->one && a->one != s))
			continue;
		if (a->text.n >= limit) {
			a->more = true;
			return;
		}
		a->found = true;
		put_stream(&a->text, s);
		if (a->one || a->all)
			put_details(&a->text, s);
		a->at++;
	}
}

static void back_home(struct mail *m)
{
	struct ask *a = container_of(m, struct ask, mail);

	a->away = false;
	if (a->r) {
		ctl_wake(a->r);
		return;
	}
	sbuf_fini(&a->text);
	free(a);
}

static void at_thread(struct mail *m)
{
	struct ask *a = container_of(m, struct ask, mail);

	look(a);
	a->mail.deliver = back_home;
	mail_send(a->home, &a->mail);
}

static enum ctl_result ask_thread(struct ctl_req *r, struct ask *a)
{
	a->away = true;
	a->mail.deliver = at_thread;
	mail_send(a->thread, &a->mail);
	r->wait_ms = 0;
	return CTL_WAIT;
}

static void forget(struct ctl_req *r)
{
	struct ask *a = r->state;

	a->r = NULL;
	if (!a->away) {
		sbuf_fini(&a->text);
		free(a);
	}
}

static enum ctl_result begin_ask(struct ctl_req *r)
{
	struct ask *a = mem_zalloc(sizeof(*a));
	char z[32];

	a->r = r;
	a->home = thr_id();
	a->text = sbuf_grow();
	a->all = str_eq(word(r, 0), STR("all"));
	if (str_starts(word(r, 0), STR("0x")))
		a->one = (const void *)(uintptr_t)strtoull(str_z(word(r, 0), z, sizeof(z)), NULL, 16);
	r->state = a;
	r->drop = forget;
	return ask_thread(r, a);
}

static enum ctl_result cmd_show(struct ctl_req *r)
{
	struct ask *a = r->state;

	if (!a)
		return begin_ask(r);
	if (a->away)
		return CTL_WAIT;
	if (a->text.n) {
		sbuf_puts(r->out, sbuf_str(&a->text));
		sbuf_clear(&a->text);
		return CTL_MORE;	/* sent before more is asked for */
	}
	if (!a->more) {
		a->thread++;
		a->at = 0;
	}
	if (a->thread < thr_count())
		return ask_thread(r, a);
	if (a->one && !a->found)
		ctl_fail(r, "Session not found.");
	r->drop = NULL;
	sbuf_fini(&a->text);
	free(a);
	return CTL_DONE;
}

/* ---- ending them ---- */

static void kill_where(bool (*match)(const struct stream *s, const void *what), const void *what)
{
	struct stream *s, *tmp;

	list_each_safe(s, tmp, stream_list(), link)
		if (match(s, what))
			stream_kill(s, TERM_KILL);
}

static enum ctl_result cmd_kill_server(struct ctl_req *r)
{
	struct srv *s = take_server(r);

	if (s)
		streams_end_on(s, TERM_KILL);
	return CTL_DONE;
}

struct victim { const void *stream; uint32_t found; struct ctl_req *r; bool over; };

static bool is_victim(const struct stream *s, const void *what)
{
	return s == what;
}

static void kill_victim(void *arg)
{
	struct victim *v = arg;
	const struct stream *s;

	list_each(s, stream_list(), link)
		if (s == v->stream)
			atom_set(&v->found, 1);
	kill_where(is_victim, v->stream);
}

static void killed(void *arg)
{
	struct victim *v = arg;

	v->over = true;
	if (v->r)
		ctl_wake(v->r);
	else
		free(v);
}

static void forget_victim(struct ctl_req *r)
{
	struct victim *v = r->state;

	v->r = NULL;
	if (v->over)
		free(v);
}

static enum ctl_result cmd_kill(struct ctl_req *r)
{
	struct victim *v = r->state;
	bool found;
	char z[32];

	if (!v) {
		if (!str_starts(word(r, 0), STR("0x")))
			return ctl_fail(r, "Session pointer expected (use 'show sess').");
		r->state = v = mem_zalloc(sizeof(*v));
		v->r = r;
		v->stream = (const void *)(uintptr_t)strtoull(str_z(word(r, 0), z, sizeof(z)), NULL, 16);
		r->drop = forget_victim;
		r->wait_ms = 0;
		mail_broadcast(kill_victim, killed, v);
		return CTL_WAIT;
	}
	if (!v->over)
		return CTL_WAIT;
	found = v->found;
	r->drop = NULL;
	free(v);
	return found ? CTL_DONE : ctl_fail(r, "No such session (use 'show sess').");
}

const struct ctl_row session_rows[] = {
	{ "show sess", CTL_OPERATOR, cmd_show, "[<id>|all]", "exchanges in progress" },
	{ "shutdown session", CTL_ADMIN, cmd_kill, "<id>", "end one exchange" },
	{ "shutdown sessions server", CTL_ADMIN, cmd_kill_server, "<bk>/<srv>", "end the exchanges on a server" },
	{ NULL },
};
