/* One talk with an agent: connect, send what `agent-send` says, read a line. */
#include "agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "weir/base/pool.h"
#include "weir/net/connect.h"

static unsigned agent_inter(const struct agent *a)
{
	const struct check_words *w = &a->srv->line->check;

	return w->agent_inter ? w->agent_inter : w->inter ? w->inter : CHECK_INTER;
}

static void hang_up(struct agent *a)
{
	timer_stop(&a->limit);
	a->running = false;
	if (a->conn)
		conn_close(a->conn, true);
	atom_set(&a->conn, NULL);
}

void agent_end(struct agent *a)
{
	timer_stop(&a->next);
	hang_up(a);
}

static void conclude(struct agent *a, enum chk_status status, struct str why)
{
	hang_up(a);
	agent_judge(a, status, why);
	timer_set(&a->next, agent_inter(a));
}

static void conclude_errno(struct agent *a, enum chk_status status)
{
	int e = a->conn->os_errno;

	conclude(a, status, str_c(e ? strerror(e) : conn_err_text(a->conn->err)));
}

static void on_limit(struct timer *t)
{
	struct agent *a = container_of(t, struct agent, limit);

	conclude(a, a->conn->flags & CONN_OPEN ? CHK_L7TOUT : CHK_L4TOUT, STR_NONE);
}

/* False: it is over. */
static bool ask(struct agent *a)
{
	while (a->sent < a->nquestion) {
		struct iovec iov = { a->question + a->sent, a->nquestion - a->sent };
		ssize_t n = conn_sendv(a->conn, &iov, 1, false);

		if (n == IO_AGAIN)
			return true;
		if (n <= 0) {
			conclude_errno(a, CHK_SOCKERR);
			return false;
		}
		a->sent += (size_t)n;
	}
	return true;
}

/* Is there a line? One that is not ended is none: it may have been cut. */
static bool whole(const struct agent *a, struct str *line)
{
	size_t n = 0;

	while (n < a->got && a->answer[n] != '\r' && a->answer[n] != '\n')
		n++;
	*line = str_make(a->answer, n);
	return n < a->got || n == sizeof(a->answer);
}

static void obey(struct agent *a, struct str line)
{
	hang_up(a);
	agent_obey(a, line);
	timer_set(&a->next, agent_inter(a));
}

static void listen_to(struct agent *a)
{
	struct str line;

	for (;;) {
		ssize_t n = conn_recv(a->conn, a->answer + a->got, sizeof(a->answer) - a->got);

		if (n == IO_AGAIN)
			return;
		if (n == IO_ERR) {
			conclude_errno(a, CHK_SOCKERR);
			return;
		}
		a->got += (size_t)n;
		if (whole(a, &line)) {
			obey(a, line);
			return;
		}
		if (n == IO_EOF) {
			conclude(a, CHK_L7RSP, a->got ? STR("Ignoring incomplete line from agent")
						      : STR("TCPCHK got an empty response at step 2"));
			return;
		}
	}
}

static void on_io(struct conn *c)
{
	struct agent *a = c->arg;

	if (ask(a))
		listen_to(a);
}

static void on_fail(struct conn *c)
{
	conclude_errno(c->arg, CHK_L4CON);
}

static const struct conn_user agent_user = { .on_open = on_io, .on_io = on_io, .on_fail = on_fail };

/* What may be changed at run time is copied for this talk. */
static struct addr prepare(struct agent *a)
{
	struct addr to;

	pthread_mutex_lock(&a->lock);
	to = a->to;
	if (!addr_isset(&to))
		to = a->srv->addr;
	addr_set_port(&to, (uint16_t)a->port);
	a->nquestion = MIN(a->send.n, sizeof(a->question));
	if (a->nquestion)
		memcpy(a->question, a->send.p, a->nquestion);
	pthread_mutex_unlock(&a->lock);
	a->sent = a->got = 0;
	a->began_us = loop_us_exact();
	return to;
}

void agent_begin(struct agent *a)
{
	const struct server_line *l = a->srv->line;
	const struct source_net *from = addr_isset(&l->net.source.addr) ? &l->net.source : &l->proxy->source;
	enum conn_err err = CERR_NONE;
	struct addr to = prepare(a);
	struct connect_opts o = {
		.to = &to,
		.from = addr_isset(&from->addr) ? &from->addr : NULL,
		.interface = from->interface,
		.nodelay = true,
		.mark = -1,
		.tos = -1,
		.prompt = true,
		.ns = l->net.ns,
	};

	OBJ_CHECK(a, AGENT_MAGIC);
	WASSERT(!a->conn);
	a->running = true;
	atom_set(&a->conn, conn_connect(&o, &agent_user, a, &err));
	if (!a->conn) {
		conclude(a, CHK_L4CON, str_c(strerror(errno)));
		return;
	}
	timer_set(&a->limit, agent_inter(a));
	conn_advance(a->conn);
}

static void on_time(struct timer *t)
{
	struct agent *a = container_of(t, struct agent, next);

	if (atom_get(&live_get()->stopping) || atom_get(&a->srv->px->stopped))
		return;
	if (a->srv->agent_on)
		agent_begin(a);
	else
		timer_set(t, agent_inter(a));
}

void agent_create(struct srv *s)
{
	struct agent *a = mem_zalloc(sizeof(*a));
	const struct check_words *w = &s->line->check;
	struct str send = w->agent_send;

	a->magic = AGENT_MAGIC;
	a->srv = s;
	a->thread = -1;
	a->to = w->agent_addr;
	a->port = w->agent_port;
	if (send.n) {
		a->send.p = mem_alloc(send.n);
		memcpy((char *)a->send.p, send.p, send.n);
		a->send.n = send.n;
	}
	pthread_mutex_init(&a->lock, NULL);
	timer_init(&a->next, on_time);
	timer_init(&a->limit, on_limit);
	s->agent = a;
	s->agent_on = true;
	s->agent_health = 1;
}

/* --- all of them --- */

struct agent_walk {
	int thread, nthreads;
	unsigned n;			/* how many there were before */
	unsigned of;			/* how many there are */
};

static void each_agent(void (*fn)(struct agent *a, const struct agent_walk *w), struct agent_walk *w)
{
	struct px_live *p;
	struct srv *s;

	w->n = 0;
	list_each(p, &live_get()->proxies, link)
		list_each(s, &p->servers, link)
			if (s->agent) {
				if (fn)
					fn(s->agent, w);
				w->n++;
			}
}

/* Spread over the interval, as checks are. */
static unsigned first_delay(const struct agent *a, const struct agent_walk *w)
{
	unsigned most = a->srv->line->proxy->conf->global.max_spread_checks, width = agent_inter(a);

	if (most && width > most)
		width = most;
	return (unsigned)((uint64_t)width * w->n / w->of);
}

static void join(struct agent *a, const struct agent_walk *w)
{
	if ((int)(w->n % (unsigned)w->nthreads) != w->thread)
		return;
	a->thread = w->thread;
	timer_set(&a->next, 1 + first_delay(a, w));
}

void agents_join(int thread, int nthreads)
{
	struct agent_walk w = { .thread = thread, .nthreads = nthreads };

	each_agent(NULL, &w);
	w.of = w.n;
	each_agent(join, &w);
}

static void leave(struct agent *a, const struct agent_walk *w)
{
	if (a->thread == w->thread)
		agent_end(a);
}

void agents_leave(int thread)
{
	struct agent_walk w = { .thread = thread };

	each_agent(leave, &w);
}
