#include "weir/http/uri.h"

#include "blocks.h"
#include "weir/base/num.h"

/* Offset of the first byte that may not stand in a target, or its length. */
static size_t first_bad(struct str text, bool unsafe)
{
	size_t i = 0;

	while (i + BLOCK <= text.n && block_target(text.p + i) == BLOCK)
		i += BLOCK;
	for (; i < text.n; i++) {
		unsigned char c = text.p[i];

		if (!http_is(c, CH_TARGET) && !(unsafe && (c == '#' || c > 0x7f)))
			break;
	}
	return i;
}

/* Length of "scheme:" with "//" behind it, or 0. */
static size_t scheme_length(struct str text)
{
	size_t colon = str_chr(text, ':');

	if (colon == (size_t)-1 || text.n < colon + 3 || text.p[colon + 1] != '/' || text.p[colon + 2] != '/')
		return 0;
	if (!http_is_alpha(text.p[0]) || !http_all(str_head(text, colon), CH_SCHEME))
		return 0;
	return colon;
}

static bool split_absolute(struct str text, struct target *t)
{
	size_t n = scheme_length(text), end;
	struct str rest;

	if (n == 0)
		return false;
	rest = str_skip(text, n + 3);
	for (end = 0; end < rest.n; end++)
		if (rest.p[end] == '/' || rest.p[end] == '?' || rest.p[end] == '#')
			break;
	t->form = TARGET_ABSOLUTE;
	t->scheme = str_head(text, n);
	t->authority = str_head(rest, end);
	t->path = str_skip(rest, end);
	return t->authority.n > 0;
}

static bool split_authority(struct str text, struct target *t)
{
	struct authority a;

	t->form = TARGET_AUTHORITY;
	t->authority = text;
	return authority_split(text, &a) && a.port.n > 0;
}

bool target_split(struct str text, enum method method, bool unsafe, struct target *t, size_t *bad)
{
	size_t end = first_bad(text, unsafe);

	*t = (struct target){ .path = text };
	if (bad)
		*bad = end < text.n ? end : 0;
	if (end < text.n || text.n == 0)
		return false;
	if (method == METHOD_CONNECT) {
		t->path = STR_NONE;
		return split_authority(text, t);
	}
	if (text.p[0] == '/') {
		t->form = TARGET_ORIGIN;
		return true;
	}
	if (str_eq(text, STR("*"))) {
		t->form = TARGET_ASTERISK;
		return method == METHOD_OPTIONS;
	}
	if (!split_absolute(text, t))
		return false;
	/* OPTIONS without a path asks about the server as a whole (RFC 9112 section 3.2.4). */
	if (t->path.n == 0 && method != METHOD_OPTIONS)
		t->path = STR("/");
	return true;
}

/* ---- authority ----------------------------------------------------------------------------- */

static bool host_ok(struct str host)
{
	if (host.n == 0)
		return false;
	if (host.p[0] == '[')
		return host.n > 2 && host.p[host.n - 1] == ']' && http_all(str_make(host.p + 1, host.n - 2), CH_HOST) &&
		       str_chr(str_make(host.p + 1, host.n - 2), '[') == (size_t)-1;
	for (size_t i = 0; i < host.n; i++)
		if (!http_is(host.p[i], CH_HOST) || host.p[i] == '[' || host.p[i] == ']' || host.p[i] == ':')
			return false;
	return true;
}

/* What most are: a name or an IPv4 address, perhaps with a port. */
static bool split_plain(struct str text, struct authority *a)
{
	size_t n = 0, end;

	while (n < text.n && http_is(text.p[n], CH_UNRESERVED))
		n++;
	for (end = n + 1; end < text.n && http_is_digit(text.p[end]);)
		end++;
	if (n == 0 || (n < text.n && (text.p[n] != ':' || end < text.n || end - n > 5)))
		return false;
	*a = (struct authority){ .host = str_head(text, n), .has_colon = n < text.n };
	if (a->has_colon)
		a->port = str_skip(text, n + 1);
	return true;
}

bool authority_split(struct str text, struct authority *a)
{
	size_t at, end, colon;
	uint64_t port;

	if (split_plain(text, a))
		return true;
	at = str_rchr(text, '@');
	*a = (struct authority){ .has_at = at != (size_t)-1 };
	if (a->has_at) {
		a->userinfo = str_head(text, at);
		text = str_skip(text, at + 1);
	}
	end = text.n && text.p[0] == '[' ? str_chr(text, ']') + 1 : 0;	/* no ']': 0 */
	colon = str_chr(str_skip(text, end), ':');
	a->has_colon = colon != (size_t)-1;
	a->host = a->has_colon ? str_head(text, end + colon) : text;
	if (a->has_colon)
		a->port = str_skip(text, end + colon + 1);
	if (!host_ok(a->host))
		return false;
	return a->port.n == 0 || (a->port.n <= 5 && num_u64(a->port, &port) && port <= 65535);
}

struct str scheme_port(struct str scheme)
{
	if (str_ieq(scheme, STR("http")))
		return STR("80");
	if (str_ieq(scheme, STR("https")))
		return STR("443");
	return STR_NONE;
}

uint16_t authority_port(const struct authority *a, struct str scheme)
{
	uint64_t port = 0;
	struct str text = a->port.n ? a->port : scheme_port(scheme);

	num_u64(text, &port);
	return port;
}

/* ---- parts --------------------------------------------------------------------------------- */

struct str uri_path(struct str pathq)
{
	size_t i;

	for (i = 0; i < pathq.n; i++)
		if (pathq.p[i] == '?' || pathq.p[i] == '#')
			break;
	return str_head(pathq, i);
}

struct str uri_query(struct str pathq)
{
	struct str rest = str_skip(pathq, uri_path(pathq).n);
	size_t end;

	if (rest.n == 0 || rest.p[0] != '?')
		return STR_NONE;
	rest = str_skip(rest, 1);
	end = str_chr(rest, '#');
	return end == (size_t)-1 ? rest : str_head(rest, end);
}
