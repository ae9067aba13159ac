#include <stdlib.h>
#include "weir/net/addr_conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include "weir/base/num.h"
#include "weir/base/obj.h"
#include "weir/base/row.h"
#include "weir/base/sbuf.h"
#include "weir/sys/names.h"
#include "weir/sys/sock.h"

enum kind { KIND_IP, KIND_UNIX, KIND_ABNS, KIND_ABNSZ, KIND_FD, KIND_SOCKPAIR, KIND_RHTTP };
enum { ANY_TYPE, STREAM, DGRAM, QUIC };

struct prefix {
	const char *name;
	uint8_t kind, type;
	int family;
};

static const struct prefix prefixes[] = {
	{ "ip", KIND_IP, ANY_TYPE, AF_UNSPEC },
	{ "ipv4", KIND_IP, ANY_TYPE, AF_INET },
	{ "ipv6", KIND_IP, ANY_TYPE, AF_INET6 },
	{ "tcp", KIND_IP, STREAM, AF_UNSPEC },
	{ "tcp4", KIND_IP, STREAM, AF_INET },
	{ "tcp6", KIND_IP, STREAM, AF_INET6 },
	{ "udp", KIND_IP, DGRAM, AF_UNSPEC },
	{ "udp4", KIND_IP, DGRAM, AF_INET },
	{ "udp6", KIND_IP, DGRAM, AF_INET6 },
	{ "quic4", KIND_IP, QUIC, AF_INET },
	{ "quic6", KIND_IP, QUIC, AF_INET6 },
	{ "unix", KIND_UNIX, ANY_TYPE, AF_UNIX },
	{ "uxst", KIND_UNIX, STREAM, AF_UNIX },
	{ "uxdg", KIND_UNIX, DGRAM, AF_UNIX },
	{ "abns", KIND_ABNS, ANY_TYPE, AF_UNIX },
	{ "abnsz", KIND_ABNSZ, ANY_TYPE, AF_UNIX },
	{ "fd", KIND_FD, ANY_TYPE, AF_UNSPEC },
	{ "sockpair", KIND_SOCKPAIR, ANY_TYPE, AF_UNIX },
	{ "rhttp", KIND_RHTTP, STREAM, AF_UNSPEC },
};
static const struct prefix ip_prefix = { "", KIND_IP, ANY_TYPE, AF_UNSPEC };
static const struct prefix path_prefix = { "", KIND_UNIX, ANY_TYPE, AF_UNIX };

/* All that is known while one address is read. */
struct reading {
	struct addr_conf *out;
	struct str whole;
	unsigned flags;
	struct addr_fault *fault;
};

static bool wrong(struct reading *r, const char *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static bool wrong(struct reading *r, const char *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->fault->text, sizeof(r->fault->text), fmt, ap);
	va_end(ap);
	r->fault->at = at;
	return false;
}

/* "stream+", "dgram+", then a family. An unknown word before '@' is no prefix: it stays in the host's name, which will
 * then be found wrong. */
static const struct prefix *take_prefixes(struct str *text, int *type)
{
	const struct prefix *p;
	size_t at;

	*type = ANY_TYPE;
	if (str_starts(*text, STR("stream+"))) {
		*type = STREAM;
		*text = str_skip(*text, 7);
	} else if (str_starts(*text, STR("dgram+"))) {
		*type = DGRAM;
		*text = str_skip(*text, 6);
	}
	at = str_chr(*text, '@');
	p = at == (size_t)-1 ? NULL
			     : row_find(prefixes, ARRAY_LEN(prefixes), sizeof(*prefixes), str_head(*text, at));
	if (p)
		*text = str_skip(*text, at + 1);
	else
		p = text->n && *text->p == '/' ? &path_prefix : &ip_prefix;
	if (*type == ANY_TYPE)
		*type = p->type;
	return p;
}

static bool check_type(struct reading *r, int type)
{
	if (type == ANY_TYPE)
		type = r->flags & AC_DGRAM_DEFAULT ? DGRAM : STREAM;
	r->out->dgram = type != STREAM;
	r->out->quic = type == QUIC;
	if (type == QUIC)
		return wrong(r, r->whole.p, "unsupported stream protocol for datagram family %d address '" STR_FMT
			     "'; QUIC is not compiled in if this is what you were looking for.",
			     r->out->family, STR_ARG(r->whole));
	if (!(r->flags & (type == DGRAM ? AC_DGRAM : AC_STREAM)))
		return wrong(r, r->whole.p, "%s-type address not acceptable in '" STR_FMT "'",
			     type == DGRAM ? "dgram" : "stream", STR_ARG(r->whole));
	return true;
}

/* --- ports --- */

static bool read_number(struct reading *r, struct str digits, struct str port, uint64_t *n)
{
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return wrong(r, digits.p + i,
				     "invalid character '%c' in port number '" STR_FMT
				     "' in '" STR_FMT "'",
				     digits.p[i], STR_ARG(port), STR_ARG(r->whole));
	if (!num_u64(digits, n) || *n > 65535)
		return wrong(r, digits.p, "invalid port '" STR_FMT "'", STR_ARG(digits));
	return true;
}

static bool read_offset(struct reading *r, struct str port)
{
	uint64_t n;

	if (!(r->flags & AC_PORT_OFFSET))
		return wrong(r, port.p, "port offset not permitted here in '" STR_FMT "'", STR_ARG(r->whole));
	if (!read_number(r, str_skip(port, 1), port, &n))
		return false;
	r->out->port_offset = true;
	r->out->port_delta = *port.p == '-' ? -(int)n : (int)n;
	return true;
}

static bool read_range(struct reading *r, struct str port, size_t dash)
{
	uint64_t low, high;

	if (!(r->flags & AC_PORT_RANGE))
		return wrong(r, port.p + dash, "port range not permitted here in '" STR_FMT "'", STR_ARG(r->whole));
	if (!read_number(r, str_head(port, dash), port, &low) || !read_number(r, str_skip(port, dash + 1), port, &high))
		return false;
	if (!low || !high)
		return wrong(r, port.p, "invalid port '%d'", 0);
	if (low > high)
		return wrong(r, port.p, "invalid port range '" STR_FMT "'", STR_ARG(port));
	r->out->port_low = (uint16_t)low;
	r->out->port_high = (uint16_t)high;
	return true;
}

static bool read_port(struct reading *r, struct str port)
{
	size_t dash;
	uint64_t n;

	if (!(r->flags & AC_PORT))
		return wrong(r, port.p, "port not permitted here in '" STR_FMT "'", STR_ARG(r->whole));
	if (*port.p == '+' || *port.p == '-')
		return read_offset(r, port);
	dash = str_chr(port, '-');
	if (dash != (size_t)-1)
		return read_range(r, port, dash);
	if (!read_number(r, port, port, &n))
		return false;
	if (!n && (r->flags & AC_PORT_NEEDED))
		return wrong(r, port.p, "invalid port '" STR_FMT "'", STR_ARG(port));
	r->out->port_low = r->out->port_high = (uint16_t)n;
	return true;
}

/* The port stands behind the last colon that is not inside brackets: "::1:80" is ::1, port 80. */
static struct str cut_port(struct str *host)
{
	size_t colon = str_rchr(*host, ':'), bracket = str_rchr(*host, ']');
	struct str port;

	if (colon == (size_t)-1 || (bracket != (size_t)-1 && bracket > colon))
		return STR_NONE;
	port = str_skip(*host, colon + 1);
	*host = str_head(*host, colon);
	return port;
}

/* --- the families --- */

static bool set_host(struct reading *r)
{
	static const unsigned char any[16];
	struct addr_conf *c = r->out;

	if (!c->host.n || str_eq(c->host, STR("*"))) {
		if (c->family == AF_INET6)
			addr_set6(&c->addr, any, 0);
		else
			addr_set4(&c->addr, any, 0);
		return true;
	}
	if (addr_parse_ip(&c->addr, c->host)) {
		if (c->family == AF_UNSPEC || addr_family(&c->addr) == c->family)
			return true;
	} else if (!(r->flags & AC_LOOK_UP)) {
		return true;		/* later, by the name */
	} else if (names_look_up(c->host, r->flags & AC_V4_ONLY ? AF_INET : c->family, &c->addr)) {
		return true;
	}
	return wrong(r, c->host.p, "invalid address: '" STR_FMT "' in '" STR_FMT "'",
		     STR_ARG(c->host), STR_ARG(r->whole));
}

static bool parse_ip(struct reading *r, struct str text)
{
	struct addr_conf *c = r->out;
	struct str port = cut_port(&text);

	c->host = text;
	if (port.n && !read_port(r, port))
		return false;
	if (!port.n && (r->flags & AC_PORT_NEEDED))
		return wrong(r, r->whole.p + r->whole.n,
			     "missing port specification in '" STR_FMT "'", STR_ARG(r->whole));
	if (!set_host(r))
		return false;
	addr_set_port(&c->addr, c->port_low);
	return true;
}

static bool parse_unix(struct reading *r, struct str path, struct str prefix, bool abstract, bool padded)
{
	struct addr_conf *c = r->out;
	char mem[256];
	struct sbuf full = sbuf_fixed(mem, sizeof(mem));
	size_t max = sizeof(c->addr.un.sun_path) - 1;

	if (!path.n)
		return wrong(r, path.p, "missing %s in '" STR_FMT "'", abstract ? "name" : "path", STR_ARG(r->whole));
	if (!abstract)
		sbuf_puts(&full, prefix);
	sbuf_puts(&full, path);
	if (full.full || !addr_set_unix(&c->addr, sbuf_str(&full), abstract, padded))
		return wrong(r, path.p, "socket path '" STR_FMT "' too long (max %d)", STR_ARG(path),
			     (int)(max - (abstract ? 0 : MIN(prefix.n, max))));
	return true;
}

static bool parse_fd(struct reading *r, struct str number, bool sockpair)
{
	struct addr_conf *c = r->out;
	uint64_t n;

	if (!(r->flags & AC_FD) && !(sockpair && (r->flags & AC_SOCKPAIR)))
		return wrong(r, r->whole.p,
			     "a file descriptor is not acceptable here in '" STR_FMT "'",
			     STR_ARG(r->whole));
	if (!num_u64(number, &n) || n > INT32_MAX)
		return wrong(r, number.p, "file descriptor '" STR_FMT "' is not a valid integer in '" STR_FMT "'",
			     STR_ARG(number), STR_ARG(r->whole));
	if (!sock_name((int)n, &c->addr))
		return wrong(r, number.p, "cannot use file descriptor '" STR_FMT "' : %s.",
			     STR_ARG(number), strerror(errno));
	c->fd = (int)n;
	c->sockpair = sockpair;
	c->port_low = c->port_high = addr_port(&c->addr);
	return true;
}

static bool parse_rhttp(struct reading *r, struct str rest)
{
	if (!(r->flags & AC_RHTTP))
		return wrong(r, r->whole.p, "a reverse HTTP address is not acceptable here in '" STR_FMT "'",
			     STR_ARG(r->whole));
	r->out->rhttp = true;
	r->out->host = rest;
	return true;
}

bool addr_conf_parse(struct addr_conf *out, struct str text, unsigned flags, struct str unix_prefix,
		     struct addr_fault *fault)
{
	struct reading r = { out, text, flags, fault };
	const struct prefix *p;
	int type;

	memset(out, 0, sizeof(*out));
	memset(fault, 0, sizeof(*fault));
	out->fd = -1;
	if (!text.n)
		return wrong(&r, text.p, "'' resolves to an empty address (environment variable missing?)");
	p = take_prefixes(&text, &type);
	out->family = p->family;
	if (!check_type(&r, type))
		return false;
	switch ((enum kind)p->kind) {
	case KIND_IP:
		return parse_ip(&r, text);
	case KIND_UNIX:
		return parse_unix(&r, text, unix_prefix, false, false);
	case KIND_ABNS:
		return parse_unix(&r, text, unix_prefix, true, true);
	case KIND_ABNSZ:
		return parse_unix(&r, text, unix_prefix, true, false);
	case KIND_FD:
		return parse_fd(&r, text, false);
	case KIND_SOCKPAIR:
		return parse_fd(&r, text, true);
	case KIND_RHTTP:
		return parse_rhttp(&r, text);
	}
	return false;
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Text behind a dollar: its value goes to out, what follows is returned. */
static struct str put_variable(struct sbuf *out, struct str s)
{
	bool braces = s.n && s.p[0] == '{';
	struct str name = str_skip(s, braces), rest;
	char z[256];
	const char *value;
	size_t n = 0;

	while (n < name.n && is_name(name.p[n]))
		n++;
	rest = str_skip(name, n);
	value = getenv(str_z(str_head(name, n), z, sizeof(z)));
	sbuf_putz(out, value ? value : "");
	return str_skip(rest, braces && rest.n && rest.p[0] == '}');
}

struct str addr_conf_env(struct str text, struct arena *mem)
{
	struct sbuf b = sbuf_grow();
	struct str out;

	if (!memchr(text.p, '$', text.n))
		return text;
	while (text.n) {
		size_t at = str_chr(text, '$');

		sbuf_puts(&b, str_head(text, at));
		if (at >= text.n)
			break;
		text = put_variable(&b, str_skip(text, at + 1));
	}
	out = arena_str(mem, sbuf_str(&b));
	sbuf_fini(&b);
	return out;
}

bool addr_conf_next(struct str *list, struct str *one)
{
	if (!list->p)
		return false;
	*one = str_cut(list, ',');
	if (list->p && !list->n)
		list->p = NULL;
	return true;
}
