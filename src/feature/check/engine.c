/* When checks run, and what their results do to servers. */
#include "agent.h"
#include "check_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include "weir/base/pool.h"
#include "weir/log/log.h"

unsigned chk_inter(const struct check *c)
{
	const struct check_words *w = &c->srv->line->check;
	unsigned inter = w->inter ? w->inter : CHECK_INTER, health = atom_get(&c->srv->health);

	if (health == c->srv->rise + c->srv->fall - 1)
		return inter;
	if (health == 0)
		return w->downinter ? w->downinter : inter;
	return w->fastinter ? w->fastinter : inter;
}

/* spread-checks: so many per cent earlier or later. */
static unsigned spread(const struct check *c, unsigned inter)
{
	unsigned pct = c->srv->line->proxy->conf->global.spread_checks;
	unsigned width = (unsigned)((uint64_t)inter * pct / 100);

	return width ? inter - width + (unsigned)random() % (2 * width + 1) : inter;
}

/* So many ms from now, a little less: checks of many servers share wake-ups. */
static void check_in(struct check *c, unsigned ms)
{
	uint64_t now = loop_ms(), grid = ms / 100 + 1, at = (now + ms) / grid * grid;

	timer_set(&c->next, at > now ? at - now : 1);
}

/* --- results --- */

/* Quotes and what is not ASCII as <XX>. */
static void put_info(struct sbuf *out, const char *text)
{
	for (; *text; text++)
		if (*text == '"' || *text < ' ' || *text == 127)
			sbuf_printf(out, "<%02X>", (unsigned char)*text);
		else
			sbuf_putc(out, *text);
}

void chk_why(const struct chk_result *r, struct sbuf *out)
{
	sbuf_printf(out, "reason: %s", chk_statuses[r->status].text);
	if (chk_has_code(r->status))
		sbuf_printf(out, ", code: %d", r->code);
	if (r->info[0]) {
		sbuf_putz(out, ", info: \"");
		put_info(out, r->info);
		sbuf_putc(out, '"');
	}
	if (r->took_ms != CHK_NO_TIME)
		sbuf_printf(out, ", check duration: %ums", r->took_ms);
}

static void log_result(const struct check *c, const struct chk_result *r, const struct chk_health *h)
{
	const struct srv *s = c->srv;
	const struct proxy *p = s->line->proxy;
	bool up = chk_health_up(h);
	char text[512];
	struct sbuf why = sbuf_fixed(text, sizeof(text));

	chk_why(r, &why);
	log_event(&p->logs, &p->conf->global.logs, LOGL_NOTICE,
		  "Health check for %sserver " STR_FMT "/" STR_FMT " %s%s, %s, status: %u/%u %s.",
		  s->line->flags & SRV_BACKUP ? "backup " : "", STR_ARG(p->name), STR_ARG(s->name),
		  r->status == CHK_L7OKC ? "conditionally " : "",
		  chk_statuses[r->status].passed ? "succeeded" : "failed", sbuf_z(&why),
		  up ? h->health - h->rise + 1 : h->health, up ? h->fall : h->rise,
		  up ? s->weight ? "UP" : "DRAIN" : "DOWN");
}

/* Most results change nothing. */
static bool is_settled(const struct srv *s, const struct chk_result *r, const struct chk_health *h, bool was_up)
{
	if (!chk_health_up(h) && chk_statuses[r->status].passed)
		return true;	/* not good enough yet, but no reason to take it down */
	if (!chk_health_up(h))
		return !was_up && s->state == SRV_ST_STOPPED;
	if (r->status == CHK_L7OKC)
		return s->state == SRV_ST_STOPPING;
	return s->state == SRV_ST_RUNNING || !srv_healthy(s);
}

static void move_server(struct srv *s, const struct chk_result *r, const struct chk_health *h, bool tell)
{
	char text[512];
	struct sbuf b = sbuf_fixed(text, sizeof(text));
	const char *why;

	chk_why(r, &b);
	why = tell ? sbuf_z(&b) : NULL;
	if (!chk_health_up(h))
		srv_set_stopped(s, why);
	else if (r->status == CHK_L7OKC)
		srv_set_stopping(s, why);
	else
		srv_set_running(s, why);
}

static void tell_result(const struct check *c, const struct chk_result *r, const struct chk_health *h)
{
	bool passed = chk_statuses[r->status].passed;
	char text[512];
	struct sbuf why = sbuf_fixed(text, sizeof(text));

	chk_why(r, &why);
	chk_tell(c, CHE_END, passed ? TRL_USER : TRL_ERROR, "%s, %s, health %u of %u", passed ? "passed" : "failed",
		 sbuf_z(&why), h->health, h->rise + h->fall - 1);
}

void chk_judge_server(struct check *c, const struct chk_result *r)
{
	struct srv *s = c->srv;
	struct chk_health h = { atom_get(&s->health), s->rise, s->fall };
	bool passed = chk_statuses[r->status].passed, was_up = chk_health_up(&h), moved, logs;
	enum chk_status before = c->last.status;

	OBJ_CHECK(c, CHECK_MAGIC);
	moved = passed ? chk_health_passed(&h) : chk_health_failed(&h);
	pthread_mutex_lock(&c->lock);
	c->last = *r;
	if (!passed && moved)
		c->failures++;
	pthread_mutex_unlock(&c->lock);
	atom_set(&s->health, h.health);
	if (trace_on(TRACE_CHECK))
		tell_result(c, r, &h);
	/* The reason stands in one of the two lines. */
	logs = s->line->proxy->options & PO_LOG_HEALTH;
	if (logs && (moved || r->status != before))
		log_result(c, r, &h);
	if (!is_settled(s, r, &h, was_up))
		move_server(s, r, &h, !logs);
}

void chk_done(struct check *c, const struct chk_result *r)
{
	chk_judge_server(c, r);
	check_in(c, spread(c, chk_inter(c)));
}

/* --- running --- */

static void on_time(struct timer *t)
{
	struct check *c = container_of(t, struct check, next);
	bool over = atom_get(&live_get()->stopping) || atom_get(&c->srv->px->stopped);

	/* Nobody asks a server that is in maintenance. */
	if (over || c->srv->admin & SRV_ADM_MAINT || !c->srv->check_on) {
		if (!over)
			timer_set(t, chk_inter(c));
		chk_next_turn();
	} else if (!chk_must_wait(c)) {
		chk_begin(c);
	}
}

#define SPREAD_INTER 1000	/* shorter intervals do not count */

/* The first checks are spread over the shortest interval, or their own when that is longer; at most max-spread-checks:
 * so they do not come in a heap. */
static unsigned first_delay(const struct check *c, unsigned shortest)
{
	unsigned most = c->srv->line->proxy->conf->global.max_spread_checks, width = MAX(shortest, chk_inter(c));

	if (most && width > most)
		width = most;
	return (unsigned)((uint64_t)width * c->number / c->of);
}

static struct check *next_check(struct px_live **p, struct srv *s)
{
	struct live *l = live_get();

	for (;;) {
		struct list *at = s ? s->link.next : (*p)->servers.next;

		for (; at != &(*p)->servers; at = at->next) {
			s = container_of(at, struct srv, link);
			if (s->check)
				return s->check;
		}
		if ((*p)->link.next == &l->proxies)
			return NULL;
		*p = container_of((*p)->link.next, struct px_live, link);
		s = NULL;
	}
}

/* All checks in the order of their servers; begin with NULL. */
static struct check *walk(struct check *c)
{
	struct live *l = live_get();
	struct px_live *p;

	if (list_empty(&l->proxies))
		return NULL;
	p = c ? c->srv->px : list_first(&l->proxies, struct px_live, link);
	return next_check(&p, c ? c->srv : NULL);
}

void check_join(int thread, int nthreads)
{
	unsigned shortest = 0, inter;
	struct check *c;

	agents_join(thread, nthreads);
	for (c = walk(NULL); c; c = walk(c)) {
		inter = chk_inter(c);
		if (inter >= SPREAD_INTER && (!shortest || inter < shortest))
			shortest = inter;
	}
	for (c = walk(NULL); c; c = walk(c)) {
		if ((int)(c->number % (unsigned)nthreads) != thread)
			continue;
		c->thread = thread;
		check_in(c, first_delay(c, shortest) + 1);
	}
}

void check_leave(int thread)
{
	agents_leave(thread);
	for (struct check *c = walk(NULL); c; c = walk(c)) {
		if (c->thread != thread)
			continue;
		timer_stop(&c->next);
		chk_abort(c);
	}
}

/* --- making them --- */

struct check *check_create(struct srv *s)
{
	struct check *c = mem_zalloc(sizeof(*c));

	c->magic = CHECK_MAGIC;
	c->srv = s;
	c->thread = -1;
	pthread_mutex_init(&c->lock, NULL);
	chk_init_timers(c);
	timer_init(&c->next, on_time);
	s->rise = s->line->check.rise ? (unsigned)s->line->check.rise : CHECK_RISE;
	s->fall = s->line->check.fall ? (unsigned)s->line->check.fall : CHECK_FALL;
	s->health = s->admin & SRV_ADM_MAINT ? 0 : srv_first_health(s);
	if (s->health < s->rise)
		s->state = SRV_ST_STOPPED;
	c->to = s->line->check.addr;
	c->port = s->line->check.port ? s->line->check.port : s->line->check.addr_port;
	s->check = c;
	s->check_on = true;
	return c;
}

static void adopt_servers(struct px_live *p)
{
	struct srv *s;

	list_each(s, &p->servers, link) {
		if (s->line->flags & SRV_CHECK && !s->check)
			check_create(s);
		if (s->line->flags & SRV_AGENT && !s->agent)
			agent_create(s);
	}
	lb_rebuild(p);
}

void check_adopt(void)
{
	struct px_live *p;
	struct check *c;
	unsigned n = 0;

	list_each(p, &live_get()->proxies, link)
		if (p->caps & PR_BE && !p->disabled)
			adopt_servers(p);
	for (c = walk(NULL); c; c = walk(c))
		c->number = n++;
	for (c = walk(NULL); c; c = walk(c))
		c->of = n;
}
