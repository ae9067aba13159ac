/* One check: the steps of its script, one after the other, each run until it has to wait. */
#include "check_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include "weir/base/pool.h"

static const struct chk_step plain_step = { .kind = STEP_CONNECT, .connect.flags = CN_DEFAULT | CN_IMPLICIT };
static const struct chk_step *const plain_steps[] = { &plain_step };
static const struct chk_script plain_script = { .v = (struct chk_step **)plain_steps, .n = 1 };

void chk_set_limit(struct check *c, unsigned ms)
{
	timer_set(&c->limit, ms);
}

unsigned chk_connect_limit(const struct check *c)
{
	const struct proxy *p = c->srv->line->proxy;
	unsigned inter = chk_inter(c);

	return p->t_check && p->t_connect && p->t_connect < inter ? p->t_connect : inter;
}

/* tune.max-checks-per-thread */
static _Thread_local struct {
	unsigned running;
	struct list waiting;
} here;

bool chk_must_wait(struct check *c)
{
	unsigned most = c->srv->line->proxy->conf->global.tune.max_checks;

	if (!most || here.running < most)
		return false;
	if (!here.waiting.next)
		list_init(&here.waiting);
	if (!list_linked(&c->wait))
		list_push(&here.waiting, &c->wait);
	return true;
}

void chk_next_turn(void)
{
	struct check *c;

	if (!here.waiting.next || list_empty(&here.waiting))
		return;
	c = container_of(here.waiting.next, struct check, wait);
	list_del(&c->wait);
	timer_set(&c->next, 0);
}

static void release(struct check *c)
{
	timer_stop(&c->limit);
	chk_disconnect(c);
	chk_process_drop(c);
	free(c->buf);
	c->buf = NULL;
	c->http = NULL;
	c->out = c->said = STR_NONE;
	vars_fini(&c->vars);
	arena_fini(&c->mem);
	atom_set(&c->running, false);
	here.running--;
	chk_next_turn();
}

void chk_abort(struct check *c)
{
	list_del(&c->wait);
	if (c->running)
		release(c);
}

/* Text up to a NUL, in one line. */
static void copy_info(char *to, size_t size, struct str info)
{
	size_t n = info.n ? MIN(str_head(info, str_chr(info, 0)).n, size - 1) : 0;

	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)info.p[i] < ' ' || info.p[i] == 127 ? ' ' : info.p[i];
	to[n] = 0;
}

void chk_end(struct check *c, enum chk_status status, struct str info)
{
	struct chk_result r = { .status = status,
				.code = c->code,
				.took_ms = (unsigned)((loop_us_exact() - c->began_us) / 1000) };

	WASSERT(c->running);
	copy_info(r.info, sizeof(r.info), info);
	release(c);
	chk_done(c, &r);
}

static void on_limit(struct timer *t)
{
	struct check *c = container_of(t, struct check, limit);

	if (c->process)
		chk_process_late(c);
	else
		chk_end_conn(c, true, CERR_NONE, 0);
}

void chk_init_timers(struct check *c)
{
	timer_init(&c->limit, on_limit);
	list_init(&c->wait);
}

/* --- steps --- */

/* The last step that did something tells what passing means. */
static void passed(struct check *c)
{
	int at = c->script->n - 1;
	const struct chk_step *s;
	struct str tls = STR_NONE;

	while (at > 0 && c->script->v[at]->kind == STEP_RULE)
		at--;
	s = c->script->v[at];
	if (s->kind == STEP_EXPECT)
		chk_end(c, s->expect.ok_status ? s->expect.ok_status : CHK_L7OK, chk_success_info(c, s));
	else if (s->kind != STEP_CONNECT)
		chk_end(c, CHK_L7OK, STR("(tcp-check)"));
	else
		chk_end(c, c->conn && conn_ask(c->conn, ASK_TLS, &tls) && tls.n ? CHK_L6OK : CHK_L4OK,
			s->connect.flags & CN_IMPLICIT ? STR_NONE : STR("(tcp-check)"));
}

static enum step_result step_rule(struct check *c, const struct chk_step *s)
{
	struct xctx x;

	chk_x(c, &x);
	s->rule->action->exec(s->rule, &x);
	return STEP_NEXT;
}

static enum step_result step(struct check *c, const struct chk_step *s)
{
	switch ((enum chk_step_kind)s->kind) {
	case STEP_CONNECT:
		return chk_step_connect(c, s);
	case STEP_SEND:
		return chk_step_send(c, s);
	case STEP_REQUEST:
		return chk_step_request(c, s);
	case STEP_EXPECT:
		return c->script->http ? chk_expect_http(c, s) : chk_step_expect(c, s);
	default:
		return step_rule(c, s);
	}
}

void chk_run(struct check *c)
{
	OBJ_CHECK(c, CHECK_MAGIC);
	if (c->stepping || !c->running)
		return;
	c->stepping = true;
	while (c->at < c->script->n) {
		enum step_result r;

		if (trace_on(TRACE_CHECK))
			chk_tell(c, CHE_STEP, TRL_STATE, "step %d of %d", c->at + 1, c->script->n);
		r = step(c, c->script->v[c->at]);
		if (r == STEP_WAIT || r == STEP_OVER) {
			c->stepping = false;
			return;
		}
		c->at += r == STEP_NEXT;
	}
	c->stepping = false;
	passed(c);
}

void chk_begin(struct check *c)
{
	WASSERT(!c->running);
	atom_set(&c->running, true);
	here.running++;
	c->began_us = loop_us_exact();
	c->words = chk_words_for(c->srv->line);
	c->script = chk_script_for(c->words);
	if (!c->script)
		c->script = &plain_script;
	c->at = 0;
	if (trace_on(TRACE_CHECK))
		chk_tell(c, CHE_START, TRL_USER, "begins");
	c->conn_at = -1;
	c->fresh = false;
	c->code = 0;
	arena_init(&c->mem, 1024);
	vars_init(&c->vars, VAR_CHECK, NULL);
	if (c->words && c->words->kind == CHK_EXTERNAL)
		chk_process_begin(c);
	else
		chk_run(c);
}
