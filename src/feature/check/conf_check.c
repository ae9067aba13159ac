/* Lines about health checks in proxies and healthcheck sections: which kind of check it is, and the lines of its
 * script. */
#include "script.h"

#include <stdio.h>
#include "weir/base/pool.h"
#include "weir/feature/check/check.h"
#include "weir/model/words.h"

#define CHECK_USE (USE_INTRN | USE_BKEND | USE_SERVR | USE_L4SRV | USE_L5SRV | USE_L6RES | USE_HRSHV | USE_HRSHP | \
		   USE_HRSBO | USE_CHECK)

struct chk_words *chk_words_of(struct kw_call *k)
{
	struct proxy *p = k->whole;
	struct chk_words *own;

	if (k->scope == KW_HEALTHCHECK)
		return k->whole;
	if (p->check && ((struct chk_words *)p->check)->owner == p)
		return p->check;
	own = arena_new(k->mem, struct chk_words);
	if (p->check)
		*own = *(struct chk_words *)p->check;
	own->owner = p;
	own->file = k->file;
	own->line = k->line;
	p->check = own;
	return own;
}

struct chk_script *chk_script_of(struct kw_call *k, bool http)
{
	struct chk_words *w = chk_words_of(k);
	struct chk_script **s = http ? &w->http : &w->tcp;

	if (!*s || (*s)->owner != w->owner) {
		*s = arena_new(k->mem, struct chk_script);
		(*s)->owner = w->owner;
		(*s)->http = http;
	}
	(*s)->used |= w->kind == (http ? CHK_HTTP : CHK_TCP);
	return *s;
}

void chk_script_insert(struct arena *mem, struct chk_script *s, int at, struct chk_step *step)
{
	struct chk_step **v = s->v;

	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 8;
		v = arena_array(mem, struct chk_step *, (size_t)s->cap);
		for (int i = 0; i < s->n; i++)
			v[i] = s->v[i];
		s->v = v;
	}
	for (int i = s->n++; i > at; i--)
		v[i] = v[i - 1];
	v[at] = step;
}

void chk_script_remove(struct chk_script *s, int at)
{
	s->n--;
	for (int i = at; i < s->n; i++)
		s->v[i] = s->v[i + 1];
}

struct chk_step *chk_step_add(struct kw_call *k, struct chk_script *s, enum chk_step_kind kind)
{
	struct chk_step *step = arena_new(k->mem, struct chk_step);

	step->kind = (uint8_t)kind;
	step->number = s->n ? s->v[s->n - 1]->number + 1 : 1;
	chk_script_insert(k->mem, s, s->n, step);
	return step;
}

void chk_scope(struct kw_call *k, struct xscope *sc, const char *where)
{
	proxy_scope(k, sc, 0, where);
	sc->use = CHECK_USE;
	sc->warn = NULL;	/* the mode of the traffic does not matter here */
}

struct logfmt *chk_parse_format(struct kw_call *k, int word)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct logfmt *f;
	char before[200];

	chk_scope(k, &sc, "backend tcp-check rule");
	f = logfmt_compile(&sc, k->w[word], LF_HTTP, &e);
	if (!f) {
		snprintf(before, sizeof(before),
			 "'" STR_FMT " " STR_FMT "' : '" STR_FMT "' invalid log-format string (", STR_ARG(k->w[0]),
			 STR_ARG(k->w[1]), STR_ARG(k->w[word - 1]));
		put_load_err(k, word, &e, before, ").");
	}
	return f;
}

struct expr *chk_parse_expr(struct kw_call *k, const char *what)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct expr *x;
	char before[200];

	chk_scope(k, &sc, "backend tcp-check rule");
	x = expr_compile_words(&sc, k->w, k->n, &k->at, &e);
	snprintf(before, sizeof(before), "'" STR_FMT " " STR_FMT "' : error detected while parsing %s expression : ",
		 STR_ARG(k->w[0]), STR_ARG(k->w[1]), what);
	if (!x)
		put_load_err(k, k->at, &e, before, ".");
	return x;
}

bool chk_parse_comment(struct kw_call *k, struct str *out)
{
	if (!kw_peek(k).n && k->at == 2)
		return kw_err(k, 1, "'" STR_FMT " comment' : expects a string as argument.", STR_ARG(k->w[0]));
	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, "'" STR_FMT " " STR_FMT "' : 'comment' expects a string as argument.",
			      STR_ARG(k->w[0]), STR_ARG(k->w[1]));
	*out = k->w[k->at++];
	return true;
}

/* --- which check --- */

bool chk_parse_tcpchk(struct kw_call *k)
{
	struct chk_words *w = chk_words_of(k);

	/* Lines that stood already, here or in the defaults section, are used. */
	w->kind = CHK_TCP;
	if (!w->tcp || w->tcp->owner == w->owner)
		chk_script_of(k, false);
	return true;
}

static bool parse_external(struct kw_call *k)
{
	chk_words_of(k)->kind = CHK_EXTERNAL;
	return true;
}

static bool parse_dialogue(struct kw_call *k)
{
	return chk_parse_dialogue(k, &chk_dialogues[k->kw->priv]);
}

/* `no option httpchk` and the like: back to connecting. */
static bool parse_option(struct kw_call *k)
{
	static bool (*const parse[])(struct kw_call *) = { chk_parse_httpchk, chk_parse_tcpchk, parse_external };

	return parse[k->kw->priv](k);
}

/* type <the same words as behind `option`> */
static bool parse_type(struct kw_call *k)
{
	struct str word = kw_peek(k);

	k->at += kw_more(k);
	if (str_eqz(word, "httpchk"))
		return chk_parse_httpchk(k);
	if (str_eqz(word, "tcp-check"))
		return chk_parse_tcpchk(k);
	for (int i = 0; i < CHK_DIALOGUES; i++)
		if (str_eqz(word, chk_dialogues[i].name))
			return chk_parse_dialogue(k, &chk_dialogues[i]);
	kw_hint(k, "httpchk, tcp-check, ldap-check, mysql-check, pgsql-check, redis-check, smtpchk, spop-check, "
		   "ssl-hello-chk");
	return kw_err(k, k->at - 1, "'type' : unknown type of health check '" STR_FMT "'.", STR_ARG(word));
}

/* --- lines of scripts --- */

static bool parse_rule(struct kw_call *k, struct chk_script *s)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct rule *r;
	char before[200];

	chk_scope(k, &sc, "backend tcp-check rule");
	r = rule_parse(&sc, RS_CHECK, k->w + k->at, k->n - k->at, &e);
	snprintf(before, sizeof(before), "'" STR_FMT " " STR_FMT "' : ", STR_ARG(k->w[0]), STR_ARG(kw_peek(k)));
	if (!r)
		return put_load_err(k, k->at, &e, before, ".");
	k->at = k->n;
	chk_step_add(k, s, STEP_RULE)->rule = r;
	return true;
}

static bool is_rule(struct str w)
{
	return str_starts(w, STR("set-var")) || str_starts(w, STR("unset-var"));
}

/* A connect that is not the first step of a script must follow one that is. */
static bool connect_fits(struct kw_call *k, const struct chk_script *s)
{
	for (int i = 0; i < s->n; i++) {
		if (s->v[i]->kind == STEP_CONNECT)
			return true;
		if (s->v[i]->kind == STEP_REQUEST && s->v[i]->request.from_option)
			continue;
		if (s->v[i]->kind != STEP_RULE && s->v[i]->kind != STEP_COMMENT)
			return kw_err(k, k->at - 1,
				      "'" STR_FMT " connect' : first step MUST also be a 'connect', optionally "
				      "preceded by a 'set-var', an 'unset-var' or a 'comment', when there is a "
				      "'connect' step in the tcp-check ruleset.", STR_ARG(k->w[0]));
	}
	return true;
}

static bool parse_comment_step(struct kw_call *k, struct chk_script *s)
{
	struct str text;

	return chk_parse_comment(k, &text) && (chk_step_add(k, s, STEP_COMMENT)->comment = text, true);
}

bool chk_parse_tcp_step(struct kw_call *k, struct chk_script *s)
{
	struct str word = kw_peek(k);

	if (is_rule(word))
		return parse_rule(k, s);
	k->at += kw_more(k);
	if (str_eqz(word, "connect"))
		return connect_fits(k, s) && chk_parse_connect(k, chk_step_add(k, s, STEP_CONNECT), false);
	if (str_starts(word, STR("send")))
		return chk_parse_send(k, chk_step_add(k, s, STEP_SEND), word);
	if (str_eqz(word, "expect"))
		return chk_parse_expect(k, chk_step_add(k, s, STEP_EXPECT), false);
	if (str_eqz(word, "comment"))
		return parse_comment_step(k, s);
	k->at = k->n;
	return kw_err(k, 1,
		      "'tcp-check' only supports 'comment', 'connect', 'send', 'send-binary', 'expect', "
		      "'set-var-fmt(*)', "
		      "'set-var(*)', 'unset-var(*)'. but got '" STR_FMT "'.", STR_ARG(word));
}

static bool parse_tcp(struct kw_call *k)
{
	return chk_parse_tcp_step(k, chk_script_of(k, false));
}

/* --- http-check --- */

static bool order_err(struct kw_call *k, const char *what, const char *missing, int number)
{
	return kw_err(k, 0, "'http-check %s' : unable to add http-check %s rule at step %d (missing %s rule).", what,
		      what, number, missing);
}

static struct chk_step *last_action(const struct chk_script *s)
{
	for (int i = s->n - 1; i >= 0; i--)
		if (s->v[i]->kind != STEP_RULE && s->v[i]->kind != STEP_COMMENT)
			return s->v[i];
	return NULL;
}

/* One connection carries one exchange: connect, send, expect (several), and again. */
static bool order_fits(struct kw_call *k, const struct chk_script *s, enum chk_step_kind kind)
{
	const struct chk_step *last = last_action(s);
	int number = s->n ? s->v[s->n - 1]->number + 1 : 1;

	if (!last || (last->kind == STEP_REQUEST && last->request.from_option))
		return true;
	if (kind == STEP_REQUEST && last->kind != STEP_CONNECT)
		return order_err(k, "send", "connect", number);
	if (kind == STEP_EXPECT && last->kind != STEP_REQUEST && last->kind != STEP_EXPECT)
		return order_err(k, "expect", "send", number);
	if (kind == STEP_CONNECT && last->kind != STEP_EXPECT)
		return order_err(k, "connect", "expect", number);
	return true;
}

static bool parse_request_step(struct kw_call *k, struct chk_script *s)
{
	struct chk_step *step, *first = s->n ? s->v[0] : NULL;

	if (!order_fits(k, s, STEP_REQUEST))
		return false;
	step = chk_step_add(k, s, STEP_REQUEST);
	if (!chk_parse_request(k, step))
		return false;
	if (!first || first->kind != STEP_REQUEST || !first->request.from_option)
		return true;
	/* It completes what `option httpchk` said. */
	chk_script_remove(s, s->n - 1);
	chk_script_remove(s, 0);
	chk_request_merge(&first->request, &step->request);
	first->request.from_option = false;
	first->number = step->number;
	chk_script_insert(k->mem, s, s->n, first);
	return true;
}

static bool parse_http(struct kw_call *k)
{
	struct chk_words *w = chk_words_of(k);
	struct chk_script *s;
	struct str word = kw_peek(k);

	if (str_eqz(word, "disable-on-404") || str_eqz(word, "send-state")) {
		*(word.p[0] == 'd' ? &w->disable_404 : &w->send_state) = true;
		k->at++;
		return true;
	}
	s = chk_script_of(k, true);
	if (is_rule(word))
		return parse_rule(k, s);
	k->at += kw_more(k);
	if (str_eqz(word, "connect"))
		return connect_fits(k, s) && order_fits(k, s, STEP_CONNECT) &&
		       chk_parse_connect(k, chk_step_add(k, s, STEP_CONNECT), true);
	if (str_eqz(word, "send"))
		return parse_request_step(k, s);
	if (str_eqz(word, "expect"))
		return order_fits(k, s, STEP_EXPECT) && chk_parse_expect(k, chk_step_add(k, s, STEP_EXPECT), true);
	if (str_eqz(word, "comment"))
		return parse_comment_step(k, s);
	k->at = k->n;
	return kw_err(k, 1,
		      "'http-check' only supports 'disable-on-404', 'send-state', 'comment', 'connect', 'send', "
		      "'expect', 'set-var-fmt(*)', 'set-var(*)', 'unset-var(*)'. but got '" STR_FMT "'.",
		      STR_ARG(word));
}

/* --- sections --- */

static bool begin_healthcheck(struct kw_call *k)
{
	struct conf *c = k->ld->conf;
	struct chk_words *w = arena_new(k->mem, struct chk_words);
	struct conf_section *s, *other;

	w->owner = w;
	w->file = k->file;
	w->line = k->line;
	w->name = kw_peek(k);
	k->ld->obj = w;
	k->ld->proxy = NULL;
	if (!kw_more(k))
		return kw_err(k, 1, "'healthcheck' expects a name as argument.");
	k->at++;
	list_each(other, &c->sections, link)
		if (!strcmp(other->kind, "healthcheck") && str_eq(other->name, w->name))
			return kw_err(k, 1, "healthcheck section '" STR_FMT "' already declared at %s:%d.",
				      STR_ARG(w->name), ((struct chk_words *)other->obj)->file,
				      ((struct chk_words *)other->obj)->line);
	s = arena_new(k->mem, struct conf_section);
	s->kind = "healthcheck";
	s->name = w->name;
	s->obj = w;
	list_push(&c->sections, &s->link);
	return true;
}

const struct section_row check_sections[CHECK_SECTIONS] = {
	{ "healthcheck", KW_HEALTHCHECK, begin_healthcheck, NULL, NULL, "<name>",
	  "a health check that servers of any backend can refer to" },
};

#define OPT(word, fn, which, ...) \
	{ "option " word, KW_BE, .type = KT_PARSE, .parse = fn, .priv = which, __VA_ARGS__ }
#define DIALOGUE(word, which, ...) OPT(word, parse_dialogue, which, __VA_ARGS__)
const struct kw check_kws[CHECK_KWS] = {
	OPT("httpchk", parse_option, 0, .args = "[<uri> | <method> <uri> [<version> [<host>]]]",
	    .help = "health checks ask for a page"),
	OPT("tcp-check", parse_option, 1, .help = "health checks are dialogues that tcp-check lines describe"),
	OPT("external-check", parse_option, 2, .help = "health checks are done by a program"),
	DIALOGUE("ldap-check", 0, .help = "health checks are anonymous LDAPv3 bind requests"),
	DIALOGUE("mysql-check", 1, .args = "[user <name> [post-41|pre-41]]",
		 .help = "health checks shake hands with MySQL servers"),
	DIALOGUE("pgsql-check", 2, .args = "user <name>", .help = "health checks are PostgreSQL start-up messages"),
	DIALOGUE("redis-check", 3, .help = "health checks are Redis PING commands"),
	DIALOGUE("smtpchk", 4, .args = "[<command> <domain>]", .help = "health checks greet SMTP servers"),
	DIALOGUE("spop-check", 5, .help = "health checks greet agents that speak SPOP"),
	DIALOGUE("ssl-hello-chk", 6, .help = "health checks are TLS hellos"),
	{ "tcp-check", KW_BE | KW_HEALTHCHECK, .type = KT_PARSE, .parse = parse_tcp,
	  .args = "connect|send|send-lf|send-binary|send-binary-lf|expect|comment|set-var|set-var-fmt|unset-var ...",
	  .help = "a step of health checks over TCP" },
	{ "http-check", KW_BE | KW_HEALTHCHECK, .type = KT_PARSE, .parse = parse_http,
	  .args = "connect|send|expect|send-state|disable-on-404|comment|set-var|set-var-fmt|unset-var ...",
	  .help = "a step of HTTP health checks" },
	{ "type", KW_HEALTHCHECK, .type = KT_PARSE, .parse = parse_type, .args = "<check> [<words>]",
	  .help = "which kind of health check the section describes, in the words of `option`" },
};
