/* option httpchk and http-check send: the request of an HTTP check. */
#include "script.h"

#include "weir/http/chars.h"

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!http_is_token((unsigned char)s.p[i]))
			return false;
	return s.n > 0;
}

static bool has_ctl(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 127)
			return true;
	return false;
}

static struct str lower(struct arena *mem, struct str s)
{
	char *p = arena_bytes(mem, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)http_lower[(unsigned char)s.p[i]];
	return str_make(p, s.n);
}

static struct chk_field *add_field(struct arena *mem, struct chk_request *r, struct str name)
{
	struct chk_field **at = &r->fields;

	while (*at)
		at = &(*at)->next;
	*at = arena_new(mem, struct chk_field);
	(*at)->name = lower(mem, name);
	return *at;
}

void chk_request_merge(struct chk_request *r, const struct chk_request *over)
{
	if (over->method.n)
		r->method = over->method;
	if (over->version.n)
		r->version = over->version;
	if (over->uri.s.n || over->uri.fmt)
		r->uri = over->uri;
	if (over->body.s.n || over->body.fmt)
		r->body = over->body;
	if (over->fields)
		r->fields = over->fields;
}

/* --- option httpchk --- */

/* One "Name: value" as it goes out. */
static bool hidden_field(struct kw_call *k, struct chk_request *r, struct str line)
{
	struct str value = line, name = str_cut(&value, ':');

	if (!value.p || !is_token(name))
		return false;
	value = str_trim(value);
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' && value.p[i] != '\t')
			return false;
	add_field(k->mem, r, name)->value.s = value;
	return true;
}

/* Old files hide fields and a body behind the version: HTTP/1.1\r\nHost:\ www\r\n\r\nbody */
static bool hidden_part(struct kw_call *k, struct chk_request *r, struct str rest)
{
	struct str line;

	kw_warn(k, k->at,
		"'%s' : hiding headers or body at the end of the version string is deprecated. Please, consider to "
		"use 'http-check send' directive instead.", k->kw->name);
	str_cut(&rest, '\n');
	while (rest.p) {
		line = str_cut(&rest, '\n');
		if (str_ends(line, STR("\r")))
			line.n--;
		if (!line.n) {
			r->body.s = rest;
			return true;
		}
		if (!hidden_field(k, r, line))
			return false;
	}
	return true;
}

static bool version_ok(struct str v)
{
	return str_starts(v, STR("HTTP/")) && v.n == 8 && v.p[5] >= '0' && v.p[5] <= '9' && v.p[6] == '.' &&
	       v.p[7] >= '0' && v.p[7] <= '9';
}

/* [<uri> | <method> <uri> [<version> [<host>]]] */
static bool option_words(struct kw_call *k, struct chk_request *r)
{
	int n = k->n - k->at;
	struct str version;

	if (n == 1)
		r->uri.s = k->w[k->at++];
	if (n < 2)
		return true;
	r->method = k->w[k->at++];
	r->uri.s = k->w[k->at++];
	if (!kw_more(k))
		return true;
	version = kw_peek(k);
	r->version = str_head(version, 8);
	if (version.n > 8 && !hidden_part(k, r, str_skip(version, 8)))
		return kw_err(k, k->at, "'%s' : unable to parse the request '" STR_FMT "'.", k->kw->name,
			      STR_ARG(version));
	k->at++;
	if (kw_more(k))
		add_field(k->mem, r, STR("host"))->value.s = k->w[k->at++];
	return true;
}

/* The request goes to the front, or overrides that of the first http-check send line. */
static void put_option(struct kw_call *k, struct chk_script *s, struct chk_step *step)
{
	int at = s->n && s->v[0]->kind == STEP_CONNECT ? 1 : 0;
	struct chk_step *there = s->n > at ? s->v[at] : NULL;

	if (!there || there->kind != STEP_REQUEST) {
		chk_script_insert(k->mem, s, 0, step);
	} else if (there->request.from_option) {
		chk_script_remove(s, at);
		chk_script_insert(k->mem, s, 0, step);
	} else {
		chk_request_merge(&there->request, &step->request);
	}
}

bool chk_parse_httpchk(struct kw_call *k)
{
	struct chk_words *w = chk_words_of(k);
	struct chk_script *s;
	struct chk_step *step = arena_new(k->mem, struct chk_step);
	struct chk_request *r = &step->request;
	int at = k->at;

	w->kind = CHK_HTTP;
	s = chk_script_of(k, true);
	step->kind = STEP_REQUEST;
	r->from_option = true;
	if (!option_words(k, r))
		return false;
	if ((r->method.n && !is_token(r->method)) || has_ctl(r->uri.s))
		return kw_err(k, at, "'%s' : a method and a URI without blanks are expected.", k->kw->name);
	if (r->version.n && !version_ok(r->version))
		return kw_err(k, at + 2, "'%s' : HTTP/<major>.<minor> expected instead of '" STR_FMT "'.",
			      k->kw->name, STR_ARG(r->version));
	put_option(k, s, step);
	return true;
}

/* --- http-check send --- */

static bool take(struct kw_call *k, struct str *out)
{
	struct str word = k->w[k->at - 1];

	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, "'http-check send' : '" STR_FMT "' expects a string as argument.",
			      STR_ARG(word));
	*out = k->w[k->at++];
	return true;
}

static bool take_text(struct kw_call *k, struct chk_text *t, bool format)
{
	t->fmt = NULL;
	if (!take(k, &t->s))
		return false;
	if (!format)
		return true;
	t->fmt = chk_parse_format(k, k->at - 1);
	return t->fmt != NULL;
}

/* How the body is framed is not for the configuration to say. */
static bool is_framing(struct str name)
{
	return str_ieq(name, STR("content-length")) || str_ieq(name, STR("transfer-encoding"));
}

static bool take_field(struct kw_call *k, struct chk_request *r)
{
	struct chk_field *f;
	struct logfmt *fmt;

	if (k->n - k->at < 2 || !k->w[k->at].n || !k->w[k->at + 1].n)
		return kw_err(k, k->at - 1, "'http-check send' : 'hdr' expects <name> and <value> as arguments.");
	if (!is_token(k->w[k->at]))
		return kw_err(k, k->at, "'http-check send' : '" STR_FMT "' is no name of a field.",
			      STR_ARG(k->w[k->at]));
	if (is_framing(k->w[k->at])) {
		k->at += 2;
		return true;
	}
	f = add_field(k->mem, r, k->w[k->at]);
	fmt = chk_parse_format(k, k->at + 1);
	if (fmt && !logfmt_is_const(fmt, &f->value.s))
		f->value.fmt = fmt;
	k->at += 2;
	return fmt != NULL;
}

static bool take_version(struct kw_call *k, struct chk_request *r)
{
	if (!take(k, &r->version))
		return false;
	if (version_ok(r->version))
		return true;
	return kw_err(k, k->at - 1, "'http-check send' : HTTP/<major>.<minor> expected instead of '" STR_FMT "'.",
		      STR_ARG(r->version));
}

static bool take_method(struct kw_call *k, struct chk_request *r)
{
	if (!take(k, &r->method))
		return false;
	return is_token(r->method) || kw_err(k, k->at - 1, "'http-check send' : '" STR_FMT "' is no method.",
					     STR_ARG(r->method));
}

static bool take_uri(struct kw_call *k, struct chk_request *r, bool format)
{
	if (!take_text(k, &r->uri, format))
		return false;
	return format || !has_ctl(r->uri.s) ||
	       kw_err(k, k->at - 1, "'http-check send' : a URI without blanks is expected.");
}

static bool one_word(struct kw_call *k, struct chk_step *s)
{
	struct chk_request *r = &s->request;
	struct str word = k->w[k->at++];

	if (str_eqz(word, "meth"))
		return take_method(k, r);
	if (str_eqz(word, "uri") || str_eqz(word, "uri-lf"))
		return take_uri(k, r, word.n > 3);
	if (str_eqz(word, "ver"))
		return take_version(k, r);
	if (str_eqz(word, "hdr"))
		return take_field(k, r);
	if (str_eqz(word, "body") || str_eqz(word, "body-lf"))
		return take_text(k, &r->body, word.n > 4);
	if (str_eqz(word, "comment"))
		return chk_parse_comment(k, &s->comment);
	return kw_err(k, k->at - 1,
		      "'http-check send' : expects 'comment', 'meth', 'uri', 'uri-lf', 'ver', 'hdr', 'body' or "
		      "'body-lf' but got '" STR_FMT "' as argument.", STR_ARG(word));
}

bool chk_parse_request(struct kw_call *k, struct chk_step *s)
{
	while (kw_more(k))
		if (!one_word(k, s))
			return false;
	return true;
}
