/* Log formats and unique ids are compiled when the section is complete; then what data all of it needs is known. */
#include "model.h"
#include "rows.h"

static void warn_at(struct xscope *sc, const char *text)
{
	struct loader *ld = sc->warn_arg;

	diag_say(ld->diag, DIAG_WARNING, "parsing [%s:%d] : %s", sc->file, sc->line, text);
}

static bool compile_for(struct loader *ld, struct proxy *p, const struct fmt_text *t, uint32_t use, unsigned opt,
						const char *what, struct logfmt **out)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;

	if (!t->file || !t->text.n)
		return true;
	conf_dir_enter(p->conf, t->file);
	proxy_scope_at(p->conf, p, t->file, t->line, use, what, &sc);
	sc.warn = warn_at;
	sc.warn_arg = ld;
	*out = logfmt_compile(&sc, t->text, opt | (p->mode == MODE_HTTP ? LF_HTTP : 0), &e);
	if (*out)
		return true;
	return loader_err(ld, "Parsing [%s:%d]: failed to parse %s : %s.", t->file, t->line, what, e.msg);
}

static bool compile_one(struct loader *ld, struct proxy *p, const struct fmt_text *t, unsigned opt, const char *what,
						struct logfmt **out)
{
	return compile_for(ld, p, t, log_use(), opt, what, out);
}

/* An HTTP format in a TCP proxy falls back to the format of TCP sessions, with a warning. */
static void fall_back(struct loader *ld, struct proxy *p)
{
	const char *name = p->log_kind == LOGK_HTTPS ? "httpslog" : "httplog";

	if (p->mode == MODE_HTTP ||
	    (p->log_kind != LOGK_HTTP && p->log_kind != LOGK_HTTP_CLF && p->log_kind != LOGK_HTTPS))
		return;
	diag_say(ld->diag, DIAG_WARNING,
		 "parsing [%s:%d] : 'option %s' not usable with %s '" STR_FMT "' (needs 'mode http'). "
		 "Falling back to 'option tcplog'.",
		 p->log_text.file, p->log_text.line, name, proxy_kind(p), STR_ARG(p->name));
	p->log_kind = LOGK_TCP;
	p->log_text.text = model_log_format(LOGK_TCP);
}

/* Fields that it sends with PROXY headers. */
bool server_compile(struct loader *ld, struct proxy *p, struct server_line *s)
{
	bool ok = true;

	for (struct pp_tlv *t = s->net.tlvs; t; t = t->next) {
		struct fmt_text text = { t->fmt, t->file, t->line };
		struct logfmt *f = t->compiled;

		if (!f)
			ok &= compile_for(ld, p, &text, ruleset_use(RS_HTTP_REQ, true), LF_HEADER_VALUE,
					  "set-proxy-v2-tlv-fmt", &f);
		t->compiled = f;
	}
	return ok;
}

static bool compile_tlvs(struct loader *ld, struct proxy *p)
{
	struct server_line *s;
	bool ok = true;

	list_each(s, &p->servers, link)
		ok &= server_compile(ld, p, s);
	return ok;
}

bool proxy_compile_formats(struct loader *ld, struct proxy *p)
{
	bool ok = compile_tlvs(ld, p);

	if (p->caps & PR_FE) {
		if ((p->log_text.file || p->log_sd_text.file) && !log_wants(&p->logs, &p->conf->global.logs)) {
			if (list_empty(&p->logs.targets) && !p->logs.global)
				diag_say(ld->diag, DIAG_WARNING,
					 "log format ignored for %s '" STR_FMT "' since it has no log address.",
					 proxy_kind(p), STR_ARG(p->name));
		}
		fall_back(ld, p);
		ok &= compile_one(ld, p, &p->log_text, LF_LOG, "log-format", &p->log_format);
		ok &= compile_one(ld, p, &p->error_log_text, LF_LOG, "error-log-format", &p->error_log_format);
		ok &= compile_one(ld, p, &p->log_sd_text, LF_LOG, "log-format-sd", &p->log_format_sd);
	}
	if (p->caps & (PR_FE | PR_BE))
		ok &= compile_for(ld, p, &p->unique_id_text, ruleset_use(RS_HTTP_REQ, false),
				  LF_HEADER_VALUE | LF_BLANKS, "unique-id", &p->unique_id);
	return ok;
}

static uint32_t rules_need(const struct list *rules)
{
	const struct rule *r;
	uint32_t need = 0;

	list_each(r, rules, link) {
		if (r->cond)
			need |= cond_uses(r->cond);
		if (r->fmt)
			need |= logfmt_uses(r->fmt);
		if (r->expr)
			need |= expr_uses(r->expr);
	}
	return need;
}

static uint32_t format_needs(const struct logfmt *f)
{
	return f ? logfmt_uses(f) : 0;
}

void proxy_collect_needs(struct proxy *p)
{
	const struct list *all[] = {
		&p->tcp_conn, &p->tcp_sess, &p->tcp_req,    &p->tcp_res,
		&p->http_req, &p->http_res, &p->http_after, &p->redirects,
	};
	const struct use_backend *u;
	const struct use_server *s;
	const struct server_line *line;
	uint32_t logs;

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		p->needs |= rules_need(all[i]);
	list_each(u, &p->switching, link)
		p->needs |= (u->cond ? cond_uses(u->cond) : 0) | format_needs(u->dyn);
	list_each(s, &p->server_rules, link)
		p->needs |= (s->cond ? cond_uses(s->cond) : 0) | format_needs(s->dyn);
	logs = format_needs(p->log_format) | format_needs(p->error_log_format) | format_needs(p->log_format_sd) |
	       p->conf->profile_needs;
	p->log_asks_server = logs & (USE_L4SRV | USE_L5SRV);
	p->needs |= logs | format_needs(p->unique_id);
	list_each(line, &p->servers, link)
		for (const struct pp_tlv *t = line->net.tlvs; t; t = t->next)
			p->needs |= format_needs(t->compiled);
	if (p->lb.expr)
		p->needs |= expr_uses(p->lb.expr);
	if (p->defaults)
		p->needs |= p->defaults->needs;
}
