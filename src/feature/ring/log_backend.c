/* Backends of mode log: a line goes to one of the servers, as `balance` says and as their health allows; at once as a
 * datagram, or into a ring of the server's own that is emptied over TCP. */
#include "weir/feature/ring/ring.h"

#include <sys/uio.h>
#include "forward.h"
#include "ring_priv.h"
#include "weir/base/atomic.h"
#include "weir/log/conf_log.h"
#include "weir/log/ring.h"
#include "weir/model/words.h"

/* --- a line --- */

static struct srv *choose(struct px_live *p, struct str text)
{
	struct arena mem;
	struct xctx x = { .req_buf = text, .req_full = true, .proxy = p->px, .mem = &mem };
	const struct lb_req r = { .x = &x };
	struct srv *s;

	if (!p->lb_algo->key)
		return lb_pick(p, &r);
	arena_init(&mem, 512);
	s = lb_pick(p, &r);
	arena_fini(&mem);
	return s;
}

static struct ring *queue_of(const struct srv *s)
{
	const struct log_queue *q = s->log_queue;

	return q ? q->ring : NULL;
}

static bool give(const struct srv *s, struct str head, struct str text)
{
	struct iovec iov[3] = { { (void *)head.p, head.n }, { (void *)text.p, text.n }, { (void *)"\n", 1 } };
	struct ring *r = queue_of(s);

	if (s->line->dgram)
		return log_send_datagram(&s->addr, iov, 3);
	return r && ring_put(r, iov, 2);
}

static void count(struct cntset *cs, bool sent, size_t bytes)
{
	struct cnts *c = cnt_own(cs);

	cnts_add(c, C_SESS, 1);
	cnts_add(c, C_LBTOT, 1);
	cnt_rate(cs, RATE_SESS);
	if (sent)
		cnts_add(c, C_BYTES_IN, bytes);
	else
		cnts_add(c, C_FAILED_CONN, 1);
}

static bool put(void *arg, struct str head, struct str text)
{
	const struct proxy *be = arg;
	struct px_live *p = be->live;
	struct srv *s = p && p->lb_algo ? choose(p, text) : NULL;
	bool sent;

	if (!s) {
		if (p)
			cnt_add(&p->be, C_FAILED_CONN, 1);
		return false;
	}
	sent = give(s, head, text);
	count(&s->cnt, sent, head.n + text.n + 1);
	count(&p->be, sent, head.n + text.n + 1);
	atom_set(&s->last_sess_s, (uint64_t)loop_wall().s);
	atom_set(&p->last_sess_s, (uint64_t)loop_wall().s);
	return sent;
}

/* --- when all files were read --- */

static bool refused(struct loader *ld, const struct proxy *p, const struct server_line *s, const char *what)
{
	return loader_err_line(ld, s->file, s->line, "'server " STR_FMT "/" STR_FMT "' : %s", STR_ARG(p->name),
			       STR_ARG(s->name), what);
}

static bool check_servers(struct loader *ld, const struct proxy *p)
{
	const struct server_line *s, *first = NULL;
	bool ok = true;

	list_each(s, &p->servers, link) {
		if (!first)
			first = s;
		if (s->dgram != first->dgram)
			ok = refused(ld, p, s, "cannot mix server types within a log backend, its network type differs "
					       "from that of the servers before.");
		if (s->dgram && s->tls.on)
			ok = refused(ld, p, s, "'ssl' is for TCP servers, lines go to this one as datagrams.");
		if (s->dgram && s->log_proto)
			ok = refused(ld, p, s, "'log-proto' is for TCP servers, lines go to this one as datagrams.");
		if (s->rhttp)
			ok = refused(ld, p, s, "'rhttp@' cannot be used in mode log.");
	}
	return ok;
}

static const struct log_outlet *find_backend(void *arg, struct str name)
{
	struct conf *c = arg;
	struct proxy *p = conf_backend(c, name);
	struct log_outlet *o;

	if (!p || p->mode != MODE_LOG)
		return NULL;
	o = arena_new(&c->mem, struct log_outlet);
	*o = (struct log_outlet){ put, p };
	return o;
}

static const struct log_profile *find_profile(void *arg, struct str name)
{
	return conf_log_profile(arg, name);
}

/* A TCP target: a ring of its own, with one server. */
static struct ring *make_ring(void *arg, const struct log_stream *from)
{
	struct conf *c = arg;
	struct proxy *p = proxy_carrier(c, STR("log"), from->file, from->line);
	struct ring_words *w = p->ring = arena_new(&c->mem, struct ring_words);
	struct server_line *s = arena_new(&c->mem, struct server_line);
	struct ring *r;

	w->name = arena_printf(&c->mem, "ring#%u", ++c->log_rings);
	*s = p->dflt_server;
	list_init(&s->link);
	s->name = w->name;
	s->addr = *from->to;
	s->port = addr_port(&s->addr);
	s->sockpair = -1;
	s->file = from->file;
	s->line = from->line;
	list_push(&p->servers, &s->link);
	p->nservers = 1;
	p->t_connect = 1000;
	p->t_server = 5000;
	r = ring_declare(w->name, QUEUE_SIZE, c);
	ring_describe(r, arena_printf(&c->mem, "created from logserver declared into '%s' at line %d", from->file,
				      from->line));
	return r;
}

static bool resolve(struct loader *ld, struct conf *c, const struct log_list *l, struct str whose)
{
	const struct log_names names = { find_backend, find_profile, c };
	struct str missing;

	log_give_rings(l, make_ring, c);
	switch (log_resolve(l, &names, &missing)) {
	case LOG_FOUND_ALL:
		return true;
	case LOG_NO_PROFILE:
		return loader_err(ld, STR_FMT "log line names an unknown log-profile '" STR_FMT "'.", STR_ARG(whose),
				  STR_ARG(missing));
	case LOG_NO_BACKEND:
		break;
	}
	return loader_err(ld, STR_FMT "log server 'backend@" STR_FMT "' : %s.", STR_ARG(whose), STR_ARG(missing),
			  conf_backend(c, missing) ? "this backend is not in 'mode log'" : "no such backend");
}

static bool resolve_all(struct loader *ld, struct conf *c, struct list *proxies)
{
	struct proxy *p;
	bool ok = true;

	list_each(p, proxies, link) {
		ok &= resolve(ld, c, &p->logs, arena_printf(ld->mem, "proxy '" STR_FMT "' : ", STR_ARG(p->name)));
		if (p->mode == MODE_LOG)
			ok &= check_servers(ld, p);
	}
	return ok;
}

bool log_backends_settle(struct loader *ld, struct conf *c)
{
	bool ok = resolve(ld, c, &c->global.logs, STR_NONE);

	ok = resolve_all(ld, c, &c->proxies) && ok;	/* all of them are looked at */
	return resolve_all(ld, c, &c->defaults) && ok;
}
