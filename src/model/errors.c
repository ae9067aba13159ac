/* Error pages: errorfile, errorfiles, errorloc*, http-error, and sections http-errors. */
#include "model.h"
#include "rows.h"
#include "weir/model/reply.h"
#include "weir/model/sections.h"

#include "weir/base/num.h"

/* Statuses that HAProxy makes answers for by itself. */
static const uint16_t handled[] = {
	200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502, 503, 504,
};

bool reply_is_handled(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(handled); i++)
		if (handled[i] == status)
			return true;
	return false;
}

static bool take_status(struct kw_call *k, const char *usage, int *status)
{
	int64_t v;

	if (k->n - k->at < 2)
		return kw_err(k, k->at, "%s : expects <status_code> and <%s> as arguments.", k->kw->name, usage);
	if (!num_i64(k->w[k->at], &v) || v < 0 || v >= REPLY_CODES || !reply_is_handled((int)v))
		return kw_err(k, k->at, "%s : status code '" STR_FMT "' not handled.", k->kw->name,
			      STR_ARG(k->w[k->at]));
	k->at++;
	*status = (int)v;
	return true;
}

static struct reply *take_file(struct kw_call *k)
{
	struct load_err e = { .msg = "" };
	struct reply *r;
	int status;

	if (!take_status(k, "file", &status))
		return NULL;
	r = reply_from_file(k->mem, k->w[k->at], status, reply_file_max(&kw_conf(k)->global.tune), &e);
	if (!r)
		kw_err(k, k->at, "%s : %s.", k->kw->name, e.msg);
	k->at++;
	if (r) {
		r->file = k->file;
		r->line = k->line;
	}
	return r;
}

static struct error_line *add_line(struct kw_call *k, struct reply *r)
{
	struct error_line *l = arena_new(k->mem, struct error_line);

	l->reply = r;
	l->file = k->file;
	l->line = k->line;
	list_push(&kw_proxy(k)->error_lines, &l->link);
	return l;
}

static bool parse_errorfile(struct kw_call *k)
{
	struct reply *r = take_file(k);

	if (r)
		add_line(k, r);
	return r != NULL;
}

/* errorloc is errorloc302. */
static bool parse_errorloc(struct kw_call *k)
{
	struct reply *r;
	int status;

	if (!take_status(k, "url", &status))
		return false;
	r = arena_new(k->mem, struct reply);
	list_init(&r->link);
	r->status = status;
	r->send_status = k->kw->priv;
	r->reason = k->kw->priv == 302 ? STR("Found") : STR("See Other");
	r->raw = true;
	r->nraw = 2;
	r->raw_hdrs = arena_array(k->mem, struct str, 4);
	r->raw_hdrs[0] = STR("cache-control");
	r->raw_hdrs[1] = STR("no-cache");
	r->raw_hdrs[2] = STR("location");
	r->raw_hdrs[3] = k->w[k->at++];
	add_line(k, r);
	return true;
}

static bool parse_errorfiles(struct kw_call *k)
{
	struct error_line *l;
	int64_t v;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "errorfiles : expects <name> as argument.");
	l = add_line(k, NULL);
	l->errors_name = k->w[k->at++];
	for (; kw_more(k); k->at++) {
		if (!num_i64(k->w[k->at], &v) || v < 0 || v >= REPLY_CODES || !reply_is_handled((int)v) ||
		    l->ncodes == (int)ARRAY_LEN(l->codes))
			return kw_err(k, k->at, "errorfiles : status code '" STR_FMT "' not handled.",
				      STR_ARG(k->w[k->at]));
		l->codes[l->ncodes++] = (uint16_t)v;
	}
	return true;
}

static bool parse_http_error(struct kw_call *k)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct reply *r;

	if (k->n - k->at < 1 || !str_eq(kw_peek(k), STR("status")))
		return kw_err(k, k->at, "http-error : expects at least a <status> as arguments.");
	proxy_scope(k, &sc, RS_HTTP_RES, "http-error");
	r = reply_parse(&sc, 0, "http-error", 0, k->w, k->n, &k->at, &e);
	if (!r)
		return put_load_err(k, MIN(k->at, k->n - 1), &e, "http-error : ", "");
	if (!reply_is_handled(r->status))
		return kw_err(k, 2, "http-error : status code '%d' not handled.", r->status);
	add_line(k, r);
	return true;
}

/* --- section http-errors --- */

bool begin_http_errors(struct kw_call *k)
{
	struct conf *c = kw_conf(k);
	struct http_errors *h, *same;
	struct str name;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "missing name for http-errors section.");
	name = k->w[k->at++];
	same = conf_http_errors(c, name);
	if (same)
		return kw_err(k, 1, "http-errors section '" STR_FMT "' already exists (declared at %s:%d).",
			      STR_ARG(name), same->file, same->line);
	h = arena_new(k->mem, struct http_errors);
	h->name = name;
	h->file = k->file;
	h->line = k->line;
	list_push(&c->http_errors, &h->link);
	k->ld->obj = h;
	return true;
}

static bool parse_section_file(struct kw_call *k)
{
	struct http_errors *h = k->obj;
	struct reply *r = take_file(k);

	if (r)
		h->errors[r->status] = r;
	return r != NULL;
}

/* --- when all was read --- */

static bool apply_section(struct loader *ld, struct proxy *p, const struct error_line *l)
{
	struct http_errors *h = conf_http_errors(p->conf, l->errors_name);

	if (!h)
		return loader_err(ld, "proxy '" STR_FMT "': unknown http-errors section '" STR_FMT "' (at %s:%d).",
		                  STR_ARG(p->name), STR_ARG(l->errors_name), l->file, l->line);
	for (int i = 0; i < l->ncodes; i++) {
		int code = l->codes[i];

		if (h->errors[code])
			p->errors[code] = h->errors[code];
		else
			diag_say(ld->diag, DIAG_WARNING,
				 "config: proxy '" STR_FMT "' : status '%d' not declared in http-errors "
				 "section '" STR_FMT "' (at %s:%d).",
				 STR_ARG(p->name), code, STR_ARG(h->name), l->file, l->line);
	}
	for (int code = 0; l->ncodes == 0 && code < REPLY_CODES; code++)
		if (h->errors[code])
			p->errors[code] = h->errors[code];
	return true;
}

/* The last line about a status wins. */
bool proxy_apply_errors(struct loader *ld, struct proxy *p)
{
	const struct error_line *l;
	bool ok = true;

	p->errors = p->conf->no_errors;
	if (list_empty(&p->error_lines))
		return true;
	p->errors = arena_array(&p->conf->mem, struct reply *, REPLY_CODES);
	list_each(l, &p->error_lines, link) {
		if (!l->reply) {
			ok &= apply_section(ld, p, l);
			continue;
		}
		p->errors[l->reply->status] = l->reply->errors ? l->reply->errors->errors[l->reply->status] : l->reply;
	}
	return ok;
}

/* Replies of rules and of http-error that take the pages of an http-errors section. */
bool replies_resolve(struct loader *ld, struct conf *c)
{
	struct reply *r;
	bool ok = true;

	list_each(r, &c->replies, link) {
		r->errors = conf_http_errors(c, r->errors_name);
		if (!r->errors)
			ok = loader_err_line(ld, r->file, r->line,
					     "unknown http-errors section '" STR_FMT "' referenced by an http "
					     "reply",
					     STR_ARG(r->errors_name));
		else if (!r->errors->errors[r->status])
			ok = loader_err_line(ld, r->file, r->line,
					     "status '%d' referenced by an http reply not declared in "
					     "http-errors section '" STR_FMT "'.",
					     r->status, STR_ARG(r->errors_name));
	}
	return ok;
}

#define KW(word, scope, fn, ...) { word, scope, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
const struct kw model_errors[MODEL_ERRORS] = {
	KW("errorfile", KW_ANYPROXY, parse_errorfile, .args = "<status> <file>",
	   .help = "whole answer sent for a status; /dev/null: close without a word"),
	KW("errorfile", KW_HTTP_ERRORS, parse_section_file, .args = "<status> <file>",
	   .help = "whole answer for a status"),
	KW("errorfiles", KW_ANYPROXY, parse_errorfiles, .args = "<http-errors> [<status>...]",
	   .help = "pages of an http-errors section"),
	KW("errorloc", KW_ANYPROXY, parse_errorloc, .args = "<status> <url>", .priv = 302,
	   .help = "redirection sent for a status"),
	KW("errorloc302", KW_ANYPROXY, parse_errorloc, .args = "<status> <url>", .priv = 302,
	   .help = "redirection by 302 sent for a status"),
	KW("errorloc303", KW_ANYPROXY, parse_errorloc, .args = "<status> <url>", .priv = 303,
	   .help = "redirection by 303 sent for a status"),
	KW("http-error", KW_ANYPROXY, parse_http_error, .args = "status <status> [<reply>]",
	   .help = "answer for a status, written like that of `return`"),
};
