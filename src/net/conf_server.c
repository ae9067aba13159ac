/* Words of `server` and `default-server` lines about sockets, and the proxy's `source`. k->obj is the struct server_net
 * of the line, or the struct source_net of the proxy (see conf_net.h). */
#include "weir/base/num.h"
#include "weir/base/obj.h"
#include "weir/base/row.h"
#include "weir/net/conf_net.h"
#include "weir/sys/netns.h"

bool kw_address(struct kw_call *k, const char *what, unsigned flags, struct addr_conf *out)
{
	struct addr_fault fault;
	struct str s;

	if (!kw_next(k, what, &s))
		return false;
	s = addr_conf_env(s, k->mem);
	if (addr_conf_parse(out, s, flags, STR_NONE, &fault))
		return true;
	return kw_err_at(k, k->at - 1, fault.at, "'%s " STR_FMT "' : %s", k->kw->name, STR_ARG(s), fault.text);
}

/* --- source --- */

/* hdr_ip(name[,occurrence]) */
static bool usesrc_header(struct kw_call *k, struct str word, struct source_net *s)
{
	struct str inside = str_skip(word, 7), name;
	int64_t occ = -1;

	if (inside.n && inside.p[inside.n - 1] == ')')
		inside.n--;
	name = str_trim(str_cut(&inside, ','));
	inside = inside.p ? str_trim(inside) : STR_NONE;
	if (!name.n)
		return kw_err(k, k->at - 1, "usesrc hdr_ip(name,num) : missing header name.");
	if (inside.n && !num_i64(inside, &occ))
		return kw_err_at(k, k->at - 1, inside.p,
				 "usesrc hdr_ip(name,num) : unexpected characters in num '" STR_FMT
				 "'.",
				 STR_ARG(inside));
	if (occ < -10)
		return kw_err(k, k->at - 1,
			      "usesrc hdr_ip(name,num) does not support negative occurrences "
			      "values smaller than "
			      "10.");
	s->usesrc = USESRC_HDR_IP;
	s->usesrc_hdr = name;
	s->usesrc_occ = (int)occ;
	return true;
}

static bool parse_usesrc(struct kw_call *k, struct source_net *s)
{
	struct addr_conf c;
	struct addr_fault fault;
	struct str word;

	if (!kw_more(k) || !kw_peek(k).n)
		return kw_err(k, k->at,
			      "'usesrc' expects <addr>[:<port>], 'client', 'clientip', or "
			      "'hdr_ip(name,#)' as "
			      "argument.");
	word = k->w[k->at++];
	if (str_eq(word, STR("client"))) {
		s->usesrc = USESRC_CLIENT;
	} else if (str_eq(word, STR("clientip"))) {
		s->usesrc = USESRC_CLIENTIP;
	} else if (str_starts(word, STR("hdr_ip("))) {
		return usesrc_header(k, word, s);
	} else if (addr_conf_parse(&c, word, AC_PORT | AC_STREAM | AC_LOOK_UP, STR_NONE, &fault)) {
		s->usesrc = USESRC_ADDR;
		s->usesrc_addr = c.addr;
	} else {
		return kw_err_at(k, k->at - 1, fault.at, "'usesrc " STR_FMT "' : %s", STR_ARG(word), fault.text);
	}
	return true;
}

static bool parse_interface(struct kw_call *k, struct source_net *s)
{
	if (!kw_more(k) || !kw_peek(k).n)
		return kw_err(k, k->at, "'source' : missing interface name.");
	s->interface = k->w[k->at++];
	return true;
}

/* <addr>[:<port>[-<port>]] [usesrc ...] [interface <name>]. flags: may ports be a range? */
static bool parse_source(struct kw_call *k, struct source_net *s, unsigned flags)
{
	struct addr_conf c;
	bool ok = true;

	if (!kw_address(k,
			"<addr>[:<port>[-<port>]], and optionally 'usesrc' <addr>, and 'interface' "
			"<name> as argument.",
			flags, &c))
		return false;
	memset(s, 0, sizeof(*s));
	if (!addr_is_any(&c.addr) || c.port_low)
		s->addr = c.addr;
	if (c.port_low != c.port_high) {
		s->port_low = c.port_low;
		s->port_high = c.port_high;
	}
	while (ok && kw_more(k)) {
		if (kw_take_if(k, "usesrc"))
			ok = parse_usesrc(k, s);
		else if (kw_take_if(k, "interface"))
			ok = parse_interface(k, s);
		else
			break;
	}
	return ok;
}

static bool server_source(struct kw_call *k)
{
	struct server_net *n = k->obj;

	n->source_set = true;
	return parse_source(k, &n->source, AC_SOURCE);
}

static bool lone_usesrc(struct kw_call *k)
{
	return kw_err(k, k->at - 1, "'%s' only allowed after a 'source' statement.", k->kw->name);
}

static bool proxy_source(struct kw_call *k)
{
	return parse_source(k, k->obj, AC_PORT | AC_STREAM | AC_LOOK_UP);
}

/* --- PROXY protocol to the server --- */

/* Version 2 when both are asked for, whatever came last. */
static void ask_proxy(struct server_net *n, unsigned words)
{
	n->proxy_words = (uint8_t)words;
	n->proxy_version = words & 2 ? 2 : (uint8_t)words;
}

/* kw->priv: the version that the word chooses; min: options that it brings along. */
static bool parse_send_proxy(struct kw_call *k)
{
	struct server_net *n = k->obj;

	ask_proxy(n, n->proxy_words | (unsigned)k->kw->priv);
	n->pp_options |= (unsigned)k->kw->min;
	return true;
}

static bool parse_no_send_proxy(struct kw_call *k)
{
	struct server_net *n = k->obj;

	ask_proxy(n, n->proxy_words & ~(unsigned)k->kw->priv);
	n->pp_options &= ~(unsigned)k->kw->min;
	return true;
}

struct pp_word { const char *name; unsigned bits; };
static const struct pp_word pp_words[] = {
	{ "ssl", PPO_SSL }, { "cert-cn", PPO_SSL | PPO_SSL_CN }, { "ssl-cipher", PPO_SSL | PPO_SSL_CIPHER },
	{ "cert-sig", PPO_SSL | PPO_CERT_SIG }, { "cert-key", PPO_SSL | PPO_CERT_KEY },
	{ "authority", PPO_AUTHORITY }, { "crc32c", PPO_CRC32C }, { "unique-id", PPO_UNIQUE_ID },
};

static bool parse_pp_options(struct kw_call *k)
{
	struct server_net *n = k->obj;
	struct str list = kw_more(k) ? k->w[k->at++] : STR(""), one;

	do {
		const struct pp_word *w;

		one = str_cut(&list, ',');
		w = row_find(pp_words, ARRAY_LEN(pp_words), sizeof(*pp_words), one);
		if (!w) {
			kw_hint(k, "ssl, cert-cn, ssl-cipher, cert-sig, cert-key, authority, crc32c, unique-id");
			return kw_err_at(k, k->at - 1, one.p,
					 "'" STR_FMT "' : proxy v2 option not implemented.",
					 STR_ARG(one));
		}
		n->pp_options |= w->bits;
	} while (list.p);
	return true;
}

static bool hex_or_decimal(struct str s, uint64_t *v)
{
	uint64_t n = 0;

	if (s.n < 3 || s.n > 4 || s.p[0] != '0' || (s.p[1] | 0x20) != 'x')
		return num_u64(s, v);
	for (size_t i = 2; i < s.n; i++) {
		char c = (char)(s.p[i] | 0x20);

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		n = n * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*v = n;
	return true;
}

/* set-proxy-v2-tlv-fmt(<type>) <format>: the row's name ends with the parenthesis, the type is in the word. */
static bool parse_tlv(struct kw_call *k)
{
	struct server_net *n = k->obj;
	struct str word = k->w[k->at - 1], type = str_skip(word, strlen(k->kw->name));
	struct pp_tlv *t, **end = &n->tlvs;
	uint64_t v;

	if (!type.n || type.p[type.n - 1] != ')')
		return kw_err(k, k->at - 1, "'" STR_FMT "' : missing closing parenthesis.", STR_ARG(word));
	type.n--;
	if (!hex_or_decimal(type, &v) || v > 255)
		return kw_err_at(k, k->at - 1, type.p,
				 "'" STR_FMT
				 "' : the TLV type must be a number from 0 to 255, in decimal "
				 "or hexadecimal.",
				 STR_ARG(word));
	if (!kw_more(k))
		return kw_err(k, k->at, "'" STR_FMT "' : missing format.", STR_ARG(word));
	t = arena_new(k->mem, struct pp_tlv);
	t->type = (uint8_t)v;
	t->fmt = k->w[k->at++];
	t->file = k->file;
	t->line = k->line;
	while (*end)
		end = &(*end)->next;
	*end = t;
	return true;
}

/* --- the rest --- */

static bool parse_socks4(struct kw_call *k)
{
	struct server_net *n = k->obj;
	struct addr_conf c;

	if (!kw_address(k, "<addr>:<port> as argument.", AC_PORT | AC_PORT_NEEDED | AC_STREAM | AC_LOOK_UP, &c))
		return false;
	n->socks4 = c.addr;
	return true;
}

static bool parse_namespace(struct kw_call *k)
{
	struct server_net *n = k->obj;
	struct str s;

	if (!kw_more(k) || !kw_peek(k).n)
		return kw_err(k, k->at, "'%s' : expects <name> as argument", k->kw->name);
	s = k->w[k->at++];
	if (str_eq(s, STR("*")))
		return kw_err(k, k->at - 1, "'namespace *' is known to HAProxy, not built in weir.");
	n->ns = s;
	if (!netns_exists(s))
		return kw_err(k, k->at - 1, "Cannot open namespace '" STR_FMT "'.", STR_ARG(s));
	return true;
}

static bool parse_cc(struct kw_call *k)
{
	return kw_next(k, "a congestion control algorithm", &((struct server_net *)k->obj)->cc);
}

static bool parse_tcp_ut(struct kw_call *k)
{
	struct server_net *n = k->obj;
	const char *bad;
	uint64_t v;

	if (!kw_more(k) || !kw_peek(k).n)
		return kw_err(k, k->at, "'%s' : missing TCP User Timeout value", k->kw->name);
	if (num_time(k->w[k->at++], TIME_MS, TIME_MS, &v, &bad) != NUM_OK)
		return kw_err(k, k->at - 1, "'%s' : expects a positive delay in milliseconds", k->kw->name);
	n->tcp_ut = (unsigned)v;
	return true;
}

static bool parse_md5sig(struct kw_call *k)
{
	struct server_net *n = k->obj;
	struct str s;

	if (!kw_next(k, "a password as argument", &s))
		return false;
	if (s.n > 80)
		return kw_err(k, k->at - 1, "'%s' : password too long (at most 80 bytes)", k->kw->name);
	n->tcp_md5sig = s;
	return true;
}

static bool init_method(struct kw_call *k, struct server_net *n, struct str word, uint8_t *method)
{
	if (str_eq(word, STR("none")))
		*method = INIT_ADDR_NONE;
	else if (str_eq(word, STR("libc")))
		*method = INIT_ADDR_LIBC;
	else if (str_eq(word, STR("last")))
		*method = INIT_ADDR_LAST;
	else if (addr_parse_ip(&n->init_ip, word))
		*method = INIT_ADDR_IP;
	else
		return kw_err_at(k, k->at - 1, word.p,
				 "'%s' : unknown init-addr method '" STR_FMT
				 "', supported methods are "
				 "'libc', 'last', 'none'.",
				 k->kw->name, STR_ARG(word));
	return true;
}

static bool parse_init_addr(struct kw_call *k)
{
	struct server_net *n = k->obj;
	struct str list = kw_more(k) ? k->w[k->at++] : STR_NONE, one;
	size_t count = 0;

	memset(n->init_addr, INIT_ADDR_END, sizeof(n->init_addr));
	while (addr_conf_next(&list, &one)) {
		uint8_t method = INIT_ADDR_END;

		if (!init_method(k, n, one, &method))
			return false;
		if (method == INIT_ADDR_IP && memchr(n->init_addr, INIT_ADDR_IP, count))
			return kw_err_at(k, k->at - 1, one.p, "'%s' : initial address already specified.", k->kw->name);
		if (count + 1 == sizeof(n->init_addr))
			return kw_err_at(
				k, k->at - 1, one.p,
				"'%s' : too many init-addr methods when trying to add '" STR_FMT
				"'",
				k->kw->name, STR_ARG(one));
		n->init_addr[count++] = method;
	}
	return true;
}

static bool parse_tfo(struct kw_call *k)
{
	((struct server_net *)k->obj)->tfo = k->kw->priv;
	return true;
}

#define SRV (KW_SERVER | KW_DYNSRV)
const struct kw net_server_kws[NET_SERVER_KWS] = {
	{ .name = "cc", .scopes = SRV, .type = KT_PARSE, .parse = parse_cc, .args = "<algorithm>",
	  .help = "TCP congestion control algorithm" },
	{ .name = "init-addr", .scopes = KW_SERVER | KW_DYNSRV, .type = KT_PARSE, .parse = parse_init_addr,
	  .args = "{last|libc|none|<ip>}[,...]", .help = "how the first address of a server given by name is found" },
	{ .name = "namespace", .scopes = SRV, .type = KT_PARSE, .parse = parse_namespace, .args = "<name>",
	  .help = "network namespace to connect in" },
	{ .name = "no-send-proxy", .scopes = SRV, .type = KT_PARSE, .parse = parse_no_send_proxy, .priv = 1,
	  .help = "undoes send-proxy of a default-server line" },
	{ .name = "no-send-proxy-v2", .scopes = SRV, .type = KT_PARSE, .parse = parse_no_send_proxy, .priv = 2,
	  .help = "undoes send-proxy-v2 of a default-server line" },
	{ .name = "no-send-proxy-v2-ssl", .scopes = SRV, .type = KT_PARSE, .parse = parse_no_send_proxy, .priv = 2,
	  .min = PPO_SSL, .help = "undoes send-proxy-v2-ssl of a default-server line" },
	{ .name = "no-send-proxy-v2-ssl-cn", .scopes = SRV, .type = KT_PARSE, .parse = parse_no_send_proxy, .priv = 2,
	  .min = PPO_SSL | PPO_SSL_CN, .help = "undoes send-proxy-v2-ssl-cn of a default-server line" },
	{ .name = "no-tfo", .scopes = SRV, .type = KT_PARSE, .parse = parse_tfo, .priv = 0,
	  .help = "undoes tfo of a default-server line" },
	{ .name = "proxy-v2-options", .scopes = SRV, .type = KT_PARSE, .parse = parse_pp_options,
	  .args = "<option>[,...]", .help = "what a PROXY v2 header tells besides the addresses" },
	{ .name = "send-proxy", .scopes = SRV, .type = KT_PARSE, .parse = parse_send_proxy, .priv = 1,
	  .help = "begin each connection with a PROXY header, version 1" },
	{ .name = "send-proxy-v2", .scopes = SRV, .type = KT_PARSE, .parse = parse_send_proxy, .priv = 2,
	  .help = "begin each connection with a PROXY header, version 2" },
	{ .name = "send-proxy-v2-ssl", .scopes = SRV, .type = KT_PARSE, .parse = parse_send_proxy, .priv = 2,
	  .min = PPO_SSL, .help = "the same, telling about the client's TLS" },
	{ .name = "send-proxy-v2-ssl-cn", .scopes = SRV, .type = KT_PARSE, .parse = parse_send_proxy, .priv = 2,
	  .min = PPO_SSL | PPO_SSL_CN, .help = "the same, with the common name of the client's certificate" },
	{ .name = "set-proxy-v2-tlv-fmt(", .scopes = SRV, .type = KT_PARSE, .parse = parse_tlv,
	  .args = "<type>) <format>", .help = "one more type-length-value field for PROXY v2 headers" },
	{ .name = "socks4", .scopes = SRV, .type = KT_PARSE, .parse = parse_socks4, .args = "<addr>:<port>",
	  .help = "connect through this SOCKS4 proxy" },
	{ .name = "source", .scopes = SRV, .type = KT_PARSE, .parse = server_source,
	  .args = "<addr>[:<port>[-<port>]] [usesrc <addr>|client|clientip|hdr_ip(<field>[,<n>])] [interface <name>]",
	  .help = "where connections to the server come from" },
	{ .name = "tcp-md5sig", .scopes = SRV, .type = KT_PARSE, .parse = parse_md5sig, .args = "<password>",
	  .help = "sign every segment with this password (RFC 2385)" },
	{ .name = "tcp-ut", .scopes = SRV, .type = KT_PARSE, .parse = parse_tcp_ut, .args = "<delay>",
	  .help = "give up a connection whose data stay unacknowledged for so long" },
	{ .name = "tfo", .scopes = SRV, .type = KT_PARSE, .parse = parse_tfo, .priv = 1,
	  .help = "TCP Fast Open: the first bytes travel with the SYN" },
	{ .name = "usesrc", .scopes = SRV, .type = KT_PARSE, .parse = lone_usesrc, .args = "<addr>",
	  .help = "belongs behind 'source <addr>'" },
};

const struct kw net_source_kws[NET_SOURCE_KWS] = {
	{ .name = "source", .scopes = KW_BE, .type = KT_PARSE, .parse = proxy_source,
	  .args = "<addr>[:<port>] [usesrc <addr>|client|clientip|hdr_ip(<field>[,<n>])] [interface <name>]",
	  .help = "where connections to the servers come from" },
};
