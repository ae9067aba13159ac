/* Sections log-profile, and log-steps of proxies. */
#include "model.h"
#include "rows.h"
#include "weir/log/profile.h"
#include "weir/model/sections.h"

struct log_profile *conf_log_profile(const struct conf *c, struct str name)
{
	struct log_profile_item *i;

	list_each(i, &c->log_profiles, link)
		if (str_eq(i->p.name, name))
			return &i->p;
	return NULL;
}

struct log_profile *conf_log_profile_named(struct conf *c, struct str name, const char *file, int line)
{
	struct log_profile *p = conf_log_profile(c, name);
	struct log_profile_item *i;

	if (p)
		return p;
	i = arena_new(&c->mem, struct log_profile_item);
	i->p.name = name;
	i->wanted_file = file;
	i->wanted_line = line;
	list_push(&c->log_profiles, &i->link);
	return &i->p;
}

/* --- the section --- */

bool begin_log_profile(struct kw_call *k)
{
	struct log_profile *p;
	struct str name = kw_peek(k);

	if (!name.n)
		return kw_err(k, 1, "'log-profile' expects <name> as argument.");
	k->at++;
	p = conf_log_profile_named(kw_conf(k), name, k->file, k->line);
	k->ld->obj = p;
	k->ld->proxy = NULL;
	if (p->file)
		return kw_err(k, 1, "log-profile section '" STR_FMT "' already declared at %s:%d.", STR_ARG(name),
			      p->file, p->line);
	p->file = k->file;
	p->line = k->line;
	return true;
}

static bool parse_tag(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, MIN(k->at, k->n - 1), "'log-tag' expects a tag for use in syslog.");
	((struct log_profile *)k->obj)->tag = k->w[k->at++];
	return true;
}

/* The step of that name; those of log-steps only when regular. -1: none. */
static int step_named(struct str name, bool regular)
{
	for (int i = 0; i < LOG_STEPS; i++)
		if (log_step_rows[i].name && str_eqz(name, log_step_rows[i].name) &&
		    (!regular || log_step_rows[i].regular))
			return i;
	return -1;
}

static bool no_step(struct kw_call *k, struct str name, bool regular)
{
	struct row_near near;
	char list[400];
	size_t n = 0;

	row_near_init(&near, name);
	for (int i = 0; i < LOG_STEPS; i++) {
		const struct log_step_row *r = &log_step_rows[i];

		if (!r->name || (regular && !r->regular))
			continue;
		row_near_try(&near, r->name);
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s'%s'", n ? ", " : "", r->name);
	}
	if (row_near_best(&near))
		kw_hint(k, "'%s' ?", row_near_best(&near));
	return kw_err_at(k, MIN(k->at, k->n - 1), name.p, "'%s' expects %s%s (got '" STR_FMT "')", k->kw->name,
			 regular ? "'all', or a list of " : "a step: ", list, STR_ARG(name));
}

static bool take_format(struct kw_call *k, struct str *out)
{
	const char *what = k->w[k->at - 1].p;

	if (!kw_more(k))
		return kw_err(k, k->n - 1, "'on' : '%s' expects a log format.", what);
	*out = k->w[k->at++];
	return true;
}

static bool parse_on(struct kw_call *k)
{
	struct log_profile *p = k->obj;
	struct log_profile_step *s;
	int step = step_named(kw_peek(k), false);

	if (step < 0)
		return no_step(k, kw_peek(k), false);
	k->at++;
	s = &p->steps[step];
	*s = (struct log_profile_step){ .said = true, .file = k->file, .line = k->line };
	while (kw_more(k)) {
		bool ok = true;

		if (kw_take_if(k, "drop"))
			s->drop = true;
		else if (kw_take_if(k, "format"))
			ok = take_format(k, &s->text);
		else if (kw_take_if(k, "sd"))
			ok = take_format(k, &s->sd_text);
		else
			ok = kw_err(k, k->at, "'on %s' expects 'drop', 'format' and 'sd' (got '" STR_FMT "')",
				    log_step_rows[step].name, STR_ARG(kw_peek(k)));
		if (!ok)
			return false;
	}
	return true;
}

/* --- log-steps --- */

static bool take_steps(struct kw_call *k, struct str word, unsigned *bits)
{
	while (word.p) {
		struct str one = str_cut(&word, ',');
		int step = step_named(one, true);

		if (step < 0)
			return no_step(k, one, true);
		*bits |= 1U << step;
	}
	return true;
}

static bool parse_log_steps(struct kw_call *k)
{
	unsigned bits = 0;

	if (!kw_peek(k).n)
		return no_step(k, STR(""), true);
	if (kw_take_if(k, "all")) {
		for (int i = 0; i < LOG_STEPS; i++)
			bits |= log_step_rows[i].regular ? 1U << i : 0;
	} else {
		for (; kw_more(k); k->at++)
			if (!take_steps(k, k->w[k->at], &bits))
				return false;
	}
	kw_proxy(k)->log_steps = bits;
	return true;
}

#define ROW(word, fn, a, text) { word, KW_LOG_PROFILE, .type = KT_PARSE, .parse = fn, .args = a, .help = text }
const struct kw model_log_profile[MODEL_LOG_PROFILE] = {
	ROW("log-tag", parse_tag, "<tag>", "tag of the syslog header instead of the proxy's"),
	ROW("on", parse_on, "<step> [drop] [format <format>] [sd <format>]",
	    "what lines of that step say, or that there are none"),
	{ "log-steps", KW_FE, .type = KT_PARSE, .parse = parse_log_steps, .args = "all | <step>[,<step>...]",
	  .help = "when an exchange is logged (default: when it ends)" },
};

/* --- when all files were read --- */

static bool compile(struct loader *ld, struct conf *c, const struct log_profile_step *s, struct str text,
		    const char *what, struct logfmt **out)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;

	if (!text.n)
		return true;
	proxy_scope_at(c, NULL, s->file, s->line, log_use(), what, &sc);
	*out = logfmt_compile(&sc, text, LF_LOG | LF_HTTP, &e);
	if (!*out)
		return loader_err(ld, "Parsing [%s:%d]: failed to parse %s : %s.", s->file, s->line, what, e.msg);
	c->profile_needs |= logfmt_uses(*out);
	return true;
}

bool log_profiles_check(struct loader *ld, struct conf *c)
{
	struct log_profile_item *i;
	bool ok = true;

	list_each(i, &c->log_profiles, link) {
		if (!i->p.file)
			ok = loader_err_line(ld, i->wanted_file, i->wanted_line,
					     "unknown log-profile '" STR_FMT "'.", STR_ARG(i->p.name));
		for (int step = 0; step < LOG_STEPS; step++) {
			struct log_profile_step *s = &i->p.steps[step];

			ok &= compile(ld, c, s, s->text, "log-profile format", &s->format);
			ok &= compile(ld, c, s, s->sd_text, "log-profile sd", &s->sd);
		}
	}
	return ok;
}
