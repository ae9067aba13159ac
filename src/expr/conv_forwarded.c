/* One element of the Forwarded header (RFC 7239): pairs of a parameter and a token or quoted
 * string, with semicolons between them. Each parameter may come once; what its value must look like
 * is checked by its own function. */
#include <arpa/inet.h>
#include "conv_priv.h"
#include "weir/base/addr.h"

/* tchar of RFC 9110 5.6.2 */
static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* --- nodes --- */

struct node {
	struct str name, port;	/* port without its colon; p NULL: none */
};

/* "_" and at least one of the characters of obfuscated identifiers. */
static bool is_obfuscated(struct str s)
{
	if (s.n < 2 || s.p[0] != '_')
		return false;
	for (size_t i = 1; i < s.n; i++) {
		char c = s.p[i] | 0x20;

		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (c >= 'a' && c <= 'z') ||
		      (s.p[i] && strchr("._-", s.p[i]))))
			return false;
	}
	return true;
}

static bool port_number(struct str s, unsigned *port)
{
	*port = 0;
	if (s.n == 0 || s.n > 5)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*port = *port * 10 + (s.p[i] - '0');
	}
	return *port <= 65535;
}

/* The address in a node's name: IPv4, or IPv6 in brackets. */
static bool node_addr(struct str name, struct addr *a)
{
	if (!addr_parse_ip(a, name))
		return false;
	return addr_family(a) == AF_INET || name.p[0] == '[';
}

static bool node_parse(struct str s, struct node *n)
{
	size_t colon = s.n && s.p[0] == '[' ? str_chr(s, ']') + 1 : str_chr(s, ':');
	struct addr a;
	unsigned port;

	*n = (struct node){ .name = s };
	if (colon < s.n) {
		n->name = str_head(s, colon);
		n->port = str_skip(s, colon + 1);
		if (s.p[colon] != ':' || !(port_number(n->port, &port) || is_obfuscated(n->port)))
			return false;
	}
	return node_addr(n->name, &a) || str_ieq(n->name, STR("unknown")) || is_obfuscated(n->name);
}

/* --- parameters --- */

static bool valid_node(struct str v)
{
	struct node n;

	return node_parse(v, &n);
}

static bool valid_proto(struct str v)
{
	return str_ieq(v, STR("http")) || str_ieq(v, STR("https"));
}

static bool is_host_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (c && strchr("-._~!$&'()*+,;=%", c));
}

/* A Host field: a name or an address, perhaps with a port. */
static bool valid_host(struct str v)
{
	bool brackets = v.n && v.p[0] == '[';
	size_t end = brackets ? str_chr(v, ']') + 1 : str_chr(v, ':');
	struct addr a;
	unsigned port;

	if (end < v.n && (v.p[end] != ':' || !port_number(str_skip(v, end + 1), &port)))
		return false;
	v = str_head(v, end);
	if (brackets)
		return addr_parse_ip(&a, v);
	for (size_t i = 0; i < v.n; i++)
		if (!is_host_char(v.p[i]))
			return false;
	return v.n > 0;
}

enum fwd_param { FWD_PROTO, FWD_HOST, FWD_FOR, FWD_BY, FWD_PARAMS };

static const struct {
	const char *name;
	bool (*valid)(struct str value);
} params[FWD_PARAMS] = {
	[FWD_PROTO] = { "proto", valid_proto },
	[FWD_HOST] = { "host", valid_host },
	[FWD_FOR] = { "for", valid_node },
	[FWD_BY] = { "by", valid_node },
};

static enum fwd_param param_find(struct str name)
{
	enum fwd_param f = 0;

	while (f < FWD_PARAMS && !str_ieq(name, str_c(params[f].name)))
		f++;
	return f;
}

/* --- the element --- */

static struct str take_token(struct str *s)
{
	struct str all = *s;
	size_t n = 0;

	while (n < all.n && is_token_char(all.p[n]))
		n++;
	*s = str_skip(all, n);
	return str_head(all, n);
}

/* A token or a quoted string; backslashes in one have no place in any of our values. */
static bool take_value(struct str *s, struct str *value)
{
	size_t end;

	if (!s->n || s->p[0] != '"') {
		*value = take_token(s);
		return value->n > 0;
	}
	*s = str_skip(*s, 1);
	end = str_chr(*s, '"');
	if (end == (size_t)-1)
		return false;
	*value = str_head(*s, end);
	*s = str_skip(*s, end + 1);
	return true;
}

static bool take_char(struct str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

/* Reads the whole element. False: it is not valid. values[f].p is NULL where a parameter is not
 * given. */
static bool element_parse(struct str s, struct str values[FWD_PARAMS])
{
	memset(values, 0, FWD_PARAMS * sizeof(*values));
	do {
		enum fwd_param f = param_find(take_token(&s));
		struct str v;

		if (f == FWD_PARAMS || values[f].p || !take_char(&s, '=') || !take_value(&s, &v) ||
		    !params[f].valid(v))
			return false;
		values[f] = v;
	} while (take_char(&s, ';'));
	return s.n == 0;
}

/* --- converters --- */

static bool conv_is_valid(const struct arg *args, struct sample *smp, struct xctx *x,
			  const struct conv_row *row)
{
	struct str values[FWD_PARAMS];

	smp_set_bool(smp, element_parse(smp->s, values));
	return true;
}

static bool conv_field(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	struct str values[FWD_PARAMS];

	if (!element_parse(smp->s, values))
		return false;
	smp->s = values[args[0].i];
	return smp->s.p != NULL;
}

static bool check_field(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	enum fwd_param f = param_find(args[0].s);

	args[0].i = f;
	return f < FWD_PARAMS || conv_refuse(err, "expects one of 'proto', 'host', 'for' or 'by'");
}

static bool conv_n2nn(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	struct node n;
	struct addr a;

	if (!node_parse(smp->s, &n))
		return false;
	if (node_addr(n.name, &a))
		return smp_set_addr(smp, &a);
	smp->s = n.name;
	return true;
}

static bool conv_n2np(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	struct node n;
	unsigned port;

	if (!node_parse(smp->s, &n) || !n.port.p)
		return false;
	if (port_number(n.port, &port))
		smp_set_int(smp, port);
	else
		smp->s = n.port;
	return true;
}

const struct conv_row conv_forwarded_rows[CONV_FORWARDED_ROWS] = {
	{ "rfc7239_is_valid", conv_is_valid, { 0 }, NULL, SMP_STR, SMP_BOOL,
	  "is this a valid Forwarded header?", 0 },
	{ "rfc7239_field", conv_field, { 1, { ARG_STR } }, check_field, SMP_STR, SMP_STR,
	  "a parameter of a Forwarded header", 0 },
	{ "rfc7239_n2nn", conv_n2nn, { 0 }, NULL, SMP_STR, SMP_ANY,
	  "the name or address in a Forwarded node", 0 },
	{ "rfc7239_n2np", conv_n2np, { 0 }, NULL, SMP_STR, SMP_ANY, "the port in a Forwarded node",
	  0 },
};
