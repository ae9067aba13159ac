/* option httpchk. */
#include "weir/feature/check/check.h"

#include "weir/base/sbuf.h"
#include "weir/http/chars.h"
#include "weir/model/proxy.h"

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

/* One "Name: value" as it goes out. */
static bool put_field(struct sbuf *out, struct str line)
{
	size_t colon = 0;

	while (colon < line.n && line.p[colon] != ':')
		colon++;
	if (colon == line.n || !is_token(str_make(line.p, colon)))
		return false;
	for (size_t i = 0; i < colon; i++)
		sbuf_putc(out, (char)http_lower[(unsigned char)line.p[i]]);
	for (size_t i = colon; i < line.n; i++)
		if ((unsigned char)line.p[i] < ' ' && line.p[i] != '\t')
			return false;
	return sbuf_put(out, line.p + colon, line.n - colon) && sbuf_putz(out, "\r\n");
}

/* Old files hide fields behind the version: HTTP/1.1\r\nHost:\ www */
static bool put_hidden_fields(struct sbuf *out, struct str rest)
{
	while (rest.n) {
		size_t n = 0;

		while (n < rest.n && rest.p[n] != '\r' && rest.p[n] != '\n')
			n++;
		if (n && !put_field(out, str_make(rest.p, n)))
			return false;
		while (n < rest.n && (rest.p[n] == '\r' || rest.p[n] == '\n'))
			n++;
		rest = str_make(rest.p + n, rest.n - n);
	}
	return true;
}

static bool is_version(struct str v)
{
	return v.n == 8 && !memcmp(v.p, "HTTP/", 5) && v.p[5] == '1' && v.p[6] == '.' &&
	       (v.p[7] == '0' || v.p[7] == '1');
}

/* option httpchk [<uri> | <method> <uri> [<version> [<host>]]] */
static bool parse_httpchk(struct kw_call *k)
{
	struct str method = STR("OPTIONS"), uri = STR("/"), version = STR("HTTP/1.0"), hidden = STR_NONE,
		   host = STR_NONE;
	struct proxy *p = k->obj;
	char mem[4096];
	struct sbuf out = sbuf_fixed(mem, sizeof(mem));
	int n = k->n - k->at, at = k->at;

	if (n == 1)
		uri = k->w[k->at++];
	if (n > 1) {
		method = k->w[k->at++];
		uri = k->w[k->at++];
	}
	if (kw_more(k)) {
		version = k->w[k->at++];
		if (version.n > 8) {
			hidden = str_make(version.p + 8, version.n - 8);
			version.n = 8;
		}
	}
	if (kw_more(k))
		host = k->w[k->at++];
	if (!is_token(method) || !uri.n || has_ctl(uri) || has_ctl(host))
		return kw_err(k, at, "'%s' : a method, a URI, a version and a host without blanks are expected.",
			      k->kw->name);
	if (!is_version(version))
		return kw_err(k, at + 2,
			      "'%s' : version HTTP/1.0 or HTTP/1.1 expected, '" STR_FMT "' is not built in weir.",
			      k->kw->name, STR_ARG(version));
	sbuf_printf(&out, STR_FMT " " STR_FMT " " STR_FMT "\r\n", STR_ARG(method), STR_ARG(uri), STR_ARG(version));
	if (host.n)
		sbuf_printf(&out, "host: " STR_FMT "\r\n", STR_ARG(host));
	if (!put_hidden_fields(&out, hidden))
		return kw_err(k, at + 2, "'%s' : malformed header field behind the version.", k->kw->name);
	sbuf_putz(&out, version.p[7] == '1' ? "connection: close\r\n\r\n" : "\r\n");
	if (out.full)
		return kw_err(k, at, "'%s' : request too long.", k->kw->name);
	p->check = arena_new(k->mem, struct httpchk_words);
	p->check->request = arena_str(k->mem, sbuf_str(&out));
	return true;
}

const struct kw check_kws[CHECK_KWS] = {
	{ "option httpchk", KW_BE, .type = KT_PARSE, .parse = parse_httpchk,
	  .args = "[<uri> | <method> <uri> [<version> [<host>]]]",
	  .help = "health checks ask for a page: 2xx and 3xx are good" },
};
