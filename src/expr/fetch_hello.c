/* Fetches about a TLS hello that lies in a buffer and is not ours to decrypt. */
#include "fetch_priv.h"
#include "weir/base/sbuf.h"
#include "weir/http/client_hello.h"

/* False: there is none, or not yet (out says so). */
static bool read_hello(struct xctx *x, struct sample *out, struct client_hello *h)
{
	struct str in = fetch_raw(x, X_REQ);
	struct sbuf scratch = sbuf_fixed(arena_bytes(x->mem, in.n + 1), in.n);
	enum hello_result r = in.n ? client_hello_read(in.p, in.n, &scratch, h) : HELLO_MORE;

	if (r == HELLO_MORE && !fetch_raw_full(x, X_REQ))
		out->flags |= SMP_F_MAY_CHANGE;
	return r == HELLO_DONE;
}

enum { GIVE_SNI, GIVE_ALPN, GIVE_CIPHERS, GIVE_SIGALGS, GIVE_GROUPS, GIVE_SHARES };

/* The groups of key shares, without the keys. */
static struct str share_groups(struct arena *mem, struct str shares)
{
	char *p = arena_bytes(mem, shares.n + 1);
	struct str key;
	uint16_t group;
	size_t n = 0;

	while (client_hello_next_share(&shares, &group, &key)) {
		p[n++] = (char)(group >> 8);
		p[n++] = (char)group;
	}
	return str_make(p, n);
}

static bool fetch_list(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct client_hello h;
	struct str v = STR_NONE;

	if (!read_hello(x, out, &h))
		return false;
	switch (row->priv) {
	case GIVE_SNI: v = h.sni; break;
	case GIVE_ALPN: client_hello_next_alpn(&h.alpn, &v); break;	/* the one it likes best */
	case GIVE_CIPHERS: v = h.ciphers; break;
	case GIVE_SIGALGS: v = h.sigalgs; break;
	case GIVE_GROUPS: v = h.groups; break;
	case GIVE_SHARES: v = h.key_shares.p ? share_groups(x->mem, h.key_shares) : STR_NONE; break;
	}
	if (!v.p)
		return false;
	out->type = row->out;
	out->s = v;
	out->flags = SMP_F_CONST | SMP_F_VOLATILE;
	return true;
}

enum { ASK_VER, ASK_EC, ASK_TICKET };

static bool fetch_fact(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct client_hello h;

	if (!read_hello(x, out, &h))
		return false;
	if (row->priv == ASK_VER) {
		smp_set_int(out, (h.version >> 8) << 16 | (h.version & 0xff));
	} else if (row->priv == ASK_TICKET) {
		smp_set_int(out, !h.ticket.p ? 0 : h.ticket.n ? 2 : 1);
	} else {
		smp_set_bool(out, true);
		return h.groups.p != NULL;
	}
	return true;
}

/* Type of a complete handshake message at the beginning of a buffer: 1 from clients, 2 from servers. */
static bool fetch_type(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	bool res = row->priv == FOR_RES;
	struct str in = fetch_raw(x, res ? X_RES : X_REQ);
	const unsigned char *p = (const unsigned char *)in.p;
	struct client_hello h;
	size_t record, message;

	if (!res) {
		if (!read_hello(x, out, &h))
			return false;
		smp_set_int(out, 1);
		return true;
	}
	if (in.n && (p[0] != 0x16 || (in.n > 1 && p[1] != 3)))
		return false;
	record = in.n >= 5 ? (size_t)p[3] << 8 | p[4] : 0;
	message = in.n >= 9 ? (size_t)p[6] << 16 | (size_t)p[7] << 8 | p[8] : 0;
	if (in.n < 9 || in.n < 5 + record) {
		if (!fetch_raw_full(x, X_RES))
			out->flags |= SMP_F_MAY_CHANGE;
		return false;
	}
	smp_set_int(out, p[5]);
	return record >= 4 && message <= record - 4;
}

#define ROW(name, fn, out, use, help, priv) { name, fn, { 0 }, NULL, out, use, help, priv }
const struct fetch_row fetch_hello_rows[FETCH_HELLO_ROWS] = {
	ROW("rep_ssl_hello_type", fetch_type, SMP_SINT, USE_L6RES, "res.ssl_hello_type", FOR_RES),
	ROW("req.ssl_alpn", fetch_list, SMP_STR, USE_L6REQ, "first protocol of the client's ALPN list", GIVE_ALPN),
	ROW("req.ssl_cipherlist", fetch_list, SMP_BIN, USE_L6REQ, "the client's cipher suites, two bytes each",
	    GIVE_CIPHERS),
	ROW("req.ssl_ec_ext", fetch_fact, SMP_BOOL, USE_L6REQ, "whether the client names elliptic curves", ASK_EC),
	ROW("req.ssl_hello_type", fetch_type, SMP_SINT, USE_L6REQ, "type of the TLS hello of the request: 1",
	    FOR_REQ),
	ROW("req.ssl_keyshare_groups", fetch_list, SMP_BIN, USE_L6REQ,
	    "groups of the client's key shares, two bytes each", GIVE_SHARES),
	ROW("req.ssl_sigalgs", fetch_list, SMP_BIN, USE_L6REQ, "the client's signature algorithms, two bytes each",
	    GIVE_SIGALGS),
	ROW("req.ssl_sni", fetch_list, SMP_STR, USE_L6REQ, "the server's name that the client asks for", GIVE_SNI),
	ROW("req.ssl_st_ext", fetch_fact, SMP_SINT, USE_L6REQ, "session ticket: 0 none, 1 supported, 2 given",
	    ASK_TICKET),
	ROW("req.ssl_supported_groups", fetch_list, SMP_BIN, USE_L6REQ, "the client's groups, two bytes each",
	    GIVE_GROUPS),
	ROW("req.ssl_ver", fetch_fact, SMP_SINT, USE_L6REQ, "version in the client's hello: major * 65536 + minor",
	    ASK_VER),
	ROW("req_ssl_hello_type", fetch_type, SMP_SINT, USE_L6REQ, "req.ssl_hello_type", FOR_REQ),
	ROW("req_ssl_sni", fetch_list, SMP_STR, USE_L6REQ, "req.ssl_sni", GIVE_SNI),
	ROW("req_ssl_ver", fetch_fact, SMP_SINT, USE_L6REQ, "req.ssl_ver", ASK_VER),
	ROW("res.ssl_hello_type", fetch_type, SMP_SINT, USE_L6RES, "type of the TLS hello of the response: 2",
	    FOR_RES),
};
