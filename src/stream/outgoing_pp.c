/* The PROXY header that a stream's server connection begins with. */
#include "stream_priv.h"
#include "weir/base/sbuf.h"
#include "weir/expr/compile.h"
#include "weir/stream/outgoing.h"
#include "weir/tls/proxy_say.h"

#define MAX_TLVS 32

/* A field without a format, or whose format gives nothing, is sent all the same, empty. */
static struct str tlv_value(struct stream *s, const struct pp_tlv *t)
{
	struct sbuf b = sbuf_grow();
	struct str out = STR("");

	if (t->compiled)
		logfmt_build(t->compiled, &b, stream_x(s, s->be, X_REQ));
	if (b.n)
		out = arena_str(s->mem, sbuf_str(&b));
	sbuf_fini(&b);
	return out;
}

static int custom_tlvs(struct stream *s, const struct pp_tlv *t, struct proxy_tlv out[MAX_TLVS])
{
	int n = 0;

	for (; t && n < MAX_TLVS; t = t->next)
		out[n++] = (struct proxy_tlv){ t->type, tlv_value(s, t) };
	return n;
}

static bool write_v2(struct stream *s, struct sbuf *b)
{
	const struct server_net *n = &s->line->net;
	struct conn *c = s->sess->conn;
	struct proxy_tlv custom[MAX_TLVS];
	struct proxy_say_ssl ssl;
	struct proxy_say say = { .src = stream_src(s), .dst = stream_dst(s), .custom = custom,
				 .crc32c = n->pp_options & PPO_CRC32C };

	say.ncustom = custom_tlvs(s, n->tlvs, custom);
	if (n->pp_options & PPO_SSL) {	/* all zero: the client does not speak TLS */
		tls_proxy_say(c, n->pp_options, s->mem, &ssl);
		say.ssl = &ssl;
	}
	if (!conn_ask(c, ASK_ALPN, &say.alpn) || !say.alpn.n)
		say.alpn = STR_NONE;
	if (!(n->pp_options & PPO_AUTHORITY) || !conn_ask(c, ASK_SNI, &say.authority) || !say.authority.n)
		say.authority = STR_NONE;
	if (n->pp_options & PPO_UNIQUE_ID)
		say.unique_id = stream_unique_id(s);
	return proxy_write_v2(b, &say);
}

bool outgoing_proxy_header(struct stream *s, struct str *out)
{
	struct sbuf b = sbuf_grow();
	bool ok = true;

	*out = STR_NONE;
	if (s->line->net.proxy_version == 1)
		ok = proxy_write_v1(&b, stream_src(s), stream_dst(s));
	else if (s->line->net.proxy_version == 2)
		ok = write_v2(s, &b);
	if (ok && b.n)
		*out = arena_str(s->mem, sbuf_str(&b));
	sbuf_fini(&b);
	return ok;
}
