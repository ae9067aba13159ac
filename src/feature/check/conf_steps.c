/* The words of connect and send steps. */
#include "script.h"

#include "weir/base/enc.h"
#include "weir/base/num.h"
#include "weir/model/words.h"
#include "weir/mux/conf_mux.h"
#include "weir/net/addr_conf.h"

/* --- connect --- */

static bool connect_err(struct kw_call *k, const char *fmt)
{
	return kw_err(k, k->at - 1, fmt, STR_ARG(k->w[0]), STR_ARG(k->w[k->at - 1]));
}

static bool take_addr(struct kw_call *k, struct chk_connect *c)
{
	struct addr_fault fault;
	struct addr_conf a;

	if (!kw_peek(k).n)
		return connect_err(k, "'" STR_FMT " connect' : '" STR_FMT "' expects <ipv4|ipv6> as argument.");
	if (!addr_conf_parse(&a, kw_peek(k), AC_STREAM | AC_LOOK_UP | AC_PORT, STR_NONE, &fault))
		return kw_err_at(k, k->at, fault.at, "'" STR_FMT " connect' : %s", STR_ARG(k->w[0]), fault.text);
	k->at++;
	c->addr = a.addr;
	if (!c->port && a.port_low)
		c->port = a.port_low;
	return true;
}

/* A number, or an expression that gives one. */
static bool take_port(struct kw_call *k, struct chk_connect *c)
{
	int64_t v;

	if (!kw_peek(k).n)
		return connect_err(k, "'" STR_FMT " connect' : '" STR_FMT "' expects a port number or a sample "
				      "expression as argument.");
	if (num_i64(kw_peek(k), &v)) {
		if (v < 1 || v > 65535)
			return kw_err(k, k->at,
				      "'" STR_FMT " connect' : expects a valid TCP port (from range 1 to 65535) or a "
				      "sample expression, got " STR_FMT ".", STR_ARG(k->w[0]), STR_ARG(kw_peek(k)));
		c->port = (int)v;
		k->at++;
		return true;
	}
	c->port_expr = chk_parse_expr(k, "port");
	return c->port_expr != NULL;
}

static bool take_proto(struct kw_call *k, struct chk_connect *c, bool http)
{
	if (!kw_peek(k).n)
		return connect_err(k, "'" STR_FMT " connect' : '" STR_FMT "' expects a MUX protocol as argument.");
	c->proto = mux_find(kw_peek(k), MUX_BACK);
	k->at++;
	if (!c->proto)
		return connect_err(k, "'" STR_FMT " connect' : 'proto' : unknown MUX protocol '" STR_FMT "'.");
	if (c->proto->http != http)
		return kw_err(k, k->at - 1, "'proto' : invalid MUX protocol '" STR_FMT "' for %s",
			      STR_ARG(k->w[k->at - 1]), http ? "http-check" : "tcp-check");
	return true;
}

static bool take_text(struct kw_call *k, struct str *out)
{
	if (!kw_peek(k).n)
		return connect_err(k, "'" STR_FMT " connect' : '" STR_FMT "' expects a string as argument.");
	*out = k->w[k->at++];
	return true;
}

static bool take_alpn(struct kw_call *k, struct chk_connect *c)
{
	if (!kw_peek(k).n)
		return connect_err(k, "'" STR_FMT " connect' : '" STR_FMT "' : missing the comma-delimited ALPN "
				      "protocol suite.");
	k->at++;
	return mux_alpn_list(k, k->at - 1, &c->alpn);
}

static const struct { const char *word; unsigned flag; } connect_flags[] = {
	{ "default", CN_DEFAULT }, { "send-proxy", CN_SEND_PROXY }, { "ssl", CN_SSL },
	{ "via-socks4", CN_SOCKS4 }, { "linger", CN_LINGER },
};

static bool take_flag(struct chk_connect *c, struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(connect_flags); i++)
		if (str_eqz(word, connect_flags[i].word)) {
			c->flags |= connect_flags[i].flag;
			return true;
		}
	return false;
}

static bool connect_word(struct kw_call *k, struct chk_step *s, bool http)
{
	struct chk_connect *c = &s->connect;
	struct str word = k->w[k->at++];

	if (take_flag(c, word))
		return true;
	if (str_eqz(word, "addr"))
		return take_addr(k, c);
	if (str_eqz(word, "port"))
		return take_port(k, c);
	if (str_eqz(word, "proto"))
		return take_proto(k, c, http);
	if (str_eqz(word, "sni"))
		return take_text(k, &c->sni);
	if (str_eqz(word, "comment"))
		return chk_parse_comment(k, &s->comment);
	if (str_eqz(word, "alpn"))
		return take_alpn(k, c);
	return connect_err(k, "'" STR_FMT " connect' : expects 'comment', 'port', 'addr', 'send-proxy', 'ssl', 'sni', "
			      "'alpn' or 'via-socks4', 'linger', 'default' but got '" STR_FMT "' as argument.");
}

bool chk_parse_connect(struct kw_call *k, struct chk_step *s, bool http)
{
	while (kw_more(k))
		if (!connect_word(k, s, http))
			return false;
	return true;
}

/* --- send --- */

bool chk_parse_hex(struct kw_call *k, int word, struct str *out)
{
	struct sbuf b = sbuf_grow();
	bool ok = hex_dec(&b, k->w[word]) && b.n;

	if (ok)
		*out = arena_str(k->mem, sbuf_str(&b));
	sbuf_fini(&b);
	return ok || kw_err(k, word, "'" STR_FMT "' invalid binary string (an even number of hex digit expected).",
			    STR_ARG(k->w[word - 1]));
}

bool chk_parse_send(struct kw_call *k, struct chk_step *s, struct str word)
{
	bool format = str_ends(word, STR("-lf")), hex = str_starts(word, STR("send-binary"));

	if (!str_eqz(word, "send") && !str_eqz(word, "send-lf") && !str_eqz(word, "send-binary") &&
	    !str_eqz(word, "send-binary-lf"))
		return kw_err(k, k->at - 1,
			      "'tcp-check' only supports 'comment', 'connect', 'send', 'send-binary', 'expect', "
			      "'set-var-fmt(*)', 'set-var(*)', 'unset-var(*)'. but got '" STR_FMT "'.",
			      STR_ARG(word));
	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, "'tcp-check " STR_FMT "' : '" STR_FMT "' expects a %s as argument",
			      STR_ARG(word), STR_ARG(word), hex ? "binary string" : "string");
	s->send.text.s = k->w[k->at];
	s->send.hex = format && hex;
	if (format && !(s->send.text.fmt = chk_parse_format(k, k->at)))
		return false;
	if (!format && hex && !chk_parse_hex(k, k->at, &s->send.text.s))
		return false;
	k->at++;
	if (!kw_take_if(k, "comment"))
		return !kw_more(k) || kw_err(k, k->at, "'tcp-check " STR_FMT "' : expects 'comment' but got '" STR_FMT
						       "' as argument.", STR_ARG(word), STR_ARG(kw_peek(k)));
	return chk_parse_comment(k, &s->comment);
}
