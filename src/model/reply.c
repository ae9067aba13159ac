/* Answers written in the configuration: pages in files, replies of rules and of http-error. */
#include "weir/model/reply.h"
#include "weir/model/conf.h"
#include "weir/base/num.h"
#include "weir/http/h1_read.h"
#include "weir/sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* --- whole answers in files --- */

static void keep_fields(struct arena *mem, struct reply *r, const struct msg *m)
{
	r->raw_hdrs = arena_array(mem, struct str, (size_t)m->live * 2 + 1);
	for (int i = 0; i < m->nf; i++) {
		const struct field *f = &m->f[i];

		if (f->flags & FIELD_F_DELETED || f->id == FIELD_CONTENT_LENGTH || f->id == FIELD_CONNECTION ||
		    f->id == FIELD_TRANSFER_ENCODING)
			continue;
		r->raw_hdrs[2 * r->nraw] = arena_str(mem, field_name_str(f));
		r->raw_hdrs[2 * r->nraw + 1] = arena_str(mem, field_value_str(f));
		r->nraw++;
	}
}

/* A length that is wrong is a file that was edited by half. */
static bool length_fits(const struct msg *m, size_t body, struct str path, struct load_err *err)
{
	int i = msg_find_id(m, FIELD_CONTENT_LENGTH, 0);
	uint64_t said;

	if (i < 0 || !num_u64(field_value_str(&m->f[i]), &said) || said == body)
		return true;
	load_err_set(err, NULL, "'%.*s': payload size does not match the announced content-length (%zu != %llu)",
		     STR_ARG(path), body, (unsigned long long)said);
	return false;
}

static bool parse_answer(struct arena *mem, struct reply *r, char *text, size_t n, struct str path,
			 struct load_err *err)
{
	struct h1_opts o = { .max_head = (uint32_t)n, .max_fields = 101 };
	struct h1_head h = { 0 };
	struct fault fault = { 0 };
	struct msg m;
	size_t used = 0;

	msg_init(&m, true, mem);
	if (h1_read_head(&h, text, n, &o, &m, &used, &fault) != H1_DONE) {
		load_err_set(err, NULL, "unable to parse HTTP response in custom error file '%.*s'", STR_ARG(path));
		return false;
	}
	if (!length_fits(&m, n - used, path, err))
		return false;
	r->raw = true;
	r->status = r->send_status = m.status;
	r->reason = arena_str(mem, m.reason);
	keep_fields(mem, r, &m);
	r->body = arena_str(mem, str_make(text + used, n - used));
	return true;
}

size_t reply_file_max(const struct tune *t)
{
	return t->bufsize ? t->bufsize : 16384;
}

static bool read_text(struct str path, size_t max, struct str *text, struct load_err *err)
{
	if (file_read(path, max, text))
		return true;
	if (errno == EFBIG)
		load_err_set(err, path.p, "file '%.*s' exceeds the buffer size (%zu)", STR_ARG(path), max);
	else
		load_err_set(err, path.p, "error opening file '%.*s'", STR_ARG(path));
	return false;
}

struct reply *reply_from_file(struct arena *mem, struct str path, int status, size_t max, struct load_err *err)
{
	struct reply *r = arena_new(mem, struct reply);
	struct str text;
	bool ok;

	list_init(&r->link);
	r->status = status;
	if (str_eqz(path, "/dev/null")) {
		r->silent = true;
		return r;
	}
	if (!read_text(path, max, &text, err))
		return NULL;
	ok = text.n == 0 || parse_answer(mem, r, (char *)text.p, text.n, path, err);
	if (text.n == 0)
		r->silent = true;
	free((char *)text.p);
	r->status = status ? status : r->status;
	return ok ? r : NULL;
}

/* --- words --- */

struct reply_words {
	struct xscope *sc;
	uint32_t set;			/* ruleset of the rule, 0: a line of its own */
	const char *what;
	const struct str *w;
	int n, *at;
	struct load_err *err;
	struct reply *r;
	bool payload;
	bool file;		/* the payload is a whole page: of a file, of a section, or built in */
	struct str payload_word;
	struct str ctype;
};

/* What HAProxy calls the argument of each word. */
static const char *arg_name(struct str name)
{
	static const struct { const char *word, *arg;
	} args[] = {
		{ "status", "<status_code>" },   { "deny_status", "<status_code>" },
		{ "content-type", "<ctype>" },   { "errorfiles", "<name>" },
		{ "string", "<str>" },           { "lf-string", "<fmt>" },
		{ "hdr", "<name> and <value>" },
	};

	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		if (str_eqz(name, args[i].word))
			return args[i].arg;
	return "<file>";
}

static bool take_arg(struct reply_words *p, struct str name, struct str *out)
{
	if (*p->at >= p->n || !p->w[*p->at].n) {
		load_err_set(p->err, name.p, "'%.*s' expects %s as argument%s", STR_ARG(name), arg_name(name),
			     str_eqz(name, "hdr") ? "s" : "");
		return false;
	}
	*out = p->w[(*p->at)++];
	return true;
}

static bool one_payload(struct reply_words *p, struct str name)
{
	if (p->payload) {
		load_err_set(p->err, name.p, "unexpected '%.*s' argument, '%.*s' already defined", STR_ARG(name),
			     STR_ARG(p->payload_word));
		return false;
	}
	p->payload = true;
	p->payload_word = name;
	return true;
}

static bool word_status(struct reply_words *p, struct str name)
{
	struct str v;
	int64_t n;

	if (!take_arg(p, name, &v))
		return false;
	if (!num_i64(v, &n) || n < 200 || n > 599) {
		load_err_set(p->err, v.p, "Unexpected status code '%.*s'", STR_ARG(v));
		return false;
	}
	p->r->status = (int)n;
	return true;
}

static bool word_ctype(struct reply_words *p, struct str name)
{
	struct str v;

	if (!take_arg(p, name, &v))
		return false;
	p->ctype = p->r->ctype = arena_str(p->sc->mem, v);
	return true;
}

static size_t rule_file_max(const struct reply_words *p)
{
	const struct proxy *px = p->sc->proxy;

	return px ? reply_file_max(&((const struct conf *)px->conf)->global.tune) : 16384;
}

static bool load_text(struct reply_words *p, struct str path, struct str *out)
{
	struct str text;

	if (!read_text(path, rule_file_max(p), &text, p->err))
		return false;
	*out = arena_str(p->sc->mem, text);
	free((char *)text.p);
	return true;
}

/* file, string and their log-format forms: priv bit 0: from a file, bit 1: a log format. */
static bool body_text(struct reply_words *p, struct str name, bool from_file, bool lf)
{
	struct str v, text;

	if (!one_payload(p, name) || !take_arg(p, name, &v))
		return false;
	text = v;
	if (from_file && !load_text(p, v, &text))
		return false;
	if (!lf) {
		p->r->body = arena_str(p->sc->mem, text);
		return true;
	}
	p->r->lf_body = logfmt_compile(p->sc, text, LF_HTTP, p->err);
	return p->r->lf_body != NULL;
}

static bool word_string(struct reply_words *p, struct str name) { return body_text(p, name, false, false); }
static bool word_lf_string(struct reply_words *p, struct str name) { return body_text(p, name, false, true); }
static bool word_file(struct reply_words *p, struct str name) { return body_text(p, name, true, false); }
static bool word_lf_file(struct reply_words *p, struct str name) { return body_text(p, name, true, true); }

static bool word_default(struct reply_words *p, struct str name)
{
	p->r->default_errors = p->file = true;
	return one_payload(p, name);
}

static bool word_errorfile(struct reply_words *p, struct str name)
{
	struct str v;
	struct reply *page;

	if (!one_payload(p, name) || !take_arg(p, name, &v))
		return false;
	page = reply_from_file(p->sc->mem, v, 0, rule_file_max(p), p->err);
	if (!page)
		return false;
	page->status = p->r->status;
	page->hdrs = p->r->hdrs;
	*p->r = *page;
	list_init(&p->r->link);
	p->file = true;
	return true;
}

static bool word_errorfiles(struct reply_words *p, struct str name)
{
	struct str v;

	if (!one_payload(p, name) || !take_arg(p, name, &v))
		return false;
	p->r->errors_name = arena_str(p->sc->mem, v);
	p->file = true;
	if (p->sc->proxy && !list_linked(&p->r->link))
		list_push(&((struct proxy *)p->sc->proxy)->conf->replies, &p->r->link);
	return true;
}

static bool word_hdr(struct reply_words *p, struct str name)
{
	struct reply_hdr *h = arena_new(p->sc->mem, struct reply_hdr), **end = &p->r->hdrs;
	struct str hname, v;
	char *low, text[100];

	if (!take_arg(p, name, &hname) || !take_arg(p, name, &v))
		return false;
	if (str_ieq(hname, STR("connection")) || str_ieq(hname, STR("content-length")) ||
	    str_ieq(hname, STR("transfer-encoding"))) {
		snprintf(text, sizeof(text), "header '%.40s' always ignored by the http reply.", hname.p);
		if (p->sc->warn)
			p->sc->warn(p->sc, text);
		return true;
	}
	low = arena_strz(p->sc->mem, hname.p);
	str_lower(low, hname.n);
	h->name = str_make(low, hname.n);
	h->value = logfmt_compile(p->sc, v, LF_HTTP | LF_HEADER_VALUE, p->err);
	while (*end)
		end = &(*end)->next;
	*end = h;
	return h->value != NULL;
}

static const struct reply_word {
	const char *name;
	bool (*take)(struct reply_words *p, struct str name);
} words[] = {
	{ "status", word_status },
	{ "deny_status", word_status },
	{ "content-type", word_ctype },
	{ "default-errorfiles", word_default },
	{ "errorfile", word_errorfile },
	{ "errorfiles", word_errorfiles },
	{ "file", word_file },
	{ "lf-file", word_lf_file },
	{ "string", word_string },
	{ "lf-string", word_lf_string },
	{ "hdr", word_hdr },
};

static const struct reply_word *word_find(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eqz(s, words[i].name))
			return &words[i];
	return NULL;
}

static struct reply *unknown_word(struct reply_words *p)
{
	struct str word = p->w[*p->at];

	if (!p->set) {
		load_err_set(p->err, word.p, "unknown keyword '%.*s'.", STR_ARG(word));
	} else {
		load_err_set(p->err, word.p,
			     "'%s %s' expects either 'if' or 'unless' followed by a condition but found '%.*s'.",
			     ruleset_name(p->set), p->what, STR_ARG(word));
		p->err->whole = true;
	}
	return NULL;
}

/* A page that is named by its status alone must be one that there is; refusals have such a page when nothing is said.
 */
static bool page_exists(struct reply_words *p)
{
	bool refusal = p->set && (!strcmp(p->what, "deny") || !strcmp(p->what, "tarpit"));
	bool built_in = p->r->default_errors || (refusal && p->r->empty && !p->r->hdrs);

	if ((!built_in && !p->r->errors_name.n) || reply_is_handled(p->r->status))
		return true;
	load_err_set(p->err, NULL, "status code '%d' not handled by default with '%s' argument.", p->r->status,
		     built_in ? "default-errorfiles" : "errorfiles");
	return false;
}

/* Words that a page which is complete, or empty, has no use for. */
static void say_ignored(struct reply_words *p)
{
	char text[200];

	if (!p->sc->warn)
		return;
	if (p->ctype.n && (p->file || !p->payload)) {
		snprintf(text, sizeof(text), "content-type '%.100s' ignored by the http reply %s.", p->ctype.p,
			 p->file ? "when used with an erorrfile"
				 : "because neither errorfile nor payload defined");
		p->sc->warn(p->sc, text);
	}
	if (p->r->hdrs && p->file)
		p->sc->warn(p->sc, "hdr parameters ignored by the http reply when used with an erorrfile.");
}

struct reply *reply_parse(struct xscope *sc, uint32_t set, const char *what, int default_status,
			  const struct str *w, int n, int *at, struct load_err *err)
{
	struct reply_words p = { .sc = sc, .set = set, .what = what, .w = w, .n = n, .at = at, .err = err };

	p.r = arena_new(sc->mem, struct reply);
	list_init(&p.r->link);
	p.r->status = default_status;
	p.r->file = sc->file;
	p.r->line = sc->line;
	while (*at < n && !str_eqz(w[*at], "if") && !str_eqz(w[*at], "unless")) {
		const struct reply_word *rw = word_find(w[*at]);

		if (!rw)
			return unknown_word(&p);
		(*at)++;
		if (!rw->take(&p, w[*at - 1]))
			return NULL;
	}
	if (!p.payload)
		p.r->empty = true;
	if (!page_exists(&p))
		return NULL;
	say_ignored(&p);
	if ((p.r->body.n || p.r->lf_body) && !p.r->ctype.n && !p.r->raw) {
		load_err_set(err, NULL, "a content type must be defined when non-empty payload is configured");
		return NULL;
	}
	return p.r;
}
