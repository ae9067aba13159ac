/* Fetches about the PROXY header that the client's connection began with. */
#include <stdlib.h>

#include "stream_priv.h"
#include "weir/base/num.h"
#include "weir/base/row.h"
#include "weir/http/proxy_proto.h"
#include "weir/stream/fetches.h"

struct tlv_name {
	const char *name;
	int type;
};
static const struct tlv_name tlv_names[] = {
	{ "ALPN", PROXY_TLV_ALPN }, { "AUTHORITY", PROXY_TLV_AUTHORITY }, { "CRC32C", PROXY_TLV_CRC32C },
	{ "NOOP", PROXY_TLV_NOOP }, { "UNIQUE_ID", PROXY_TLV_UNIQUE_ID }, { "SSL", PROXY_TLV_SSL },
	{ "NETNS", PROXY_TLV_NETNS },
};

static bool hex(struct str s, uint64_t *v)
{
	char text[8], *end;

	if (s.n < 3 || s.n > 4 || (s.p[1] | 0x20) != 'x')
		return false;
	*v = strtoul(str_z(s, text, sizeof(text)), &end, 16);
	return !*end;
}

/* A name, or a number from 0 to 255. The type goes to args[0].i. */
static bool check_type(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	const struct tlv_name *t = row_find(tlv_names, ARRAY_LEN(tlv_names), sizeof(*tlv_names), args[0].s);
	uint64_t v;

	if (t) {
		args[0].i = t->type;
	} else if ((num_u64(args[0].s, &v) || hex(args[0].s, &v)) && v <= 255) {
		args[0].i = (int64_t)v;
	} else {
		load_err_set(err, args[0].s.p,
			     "invalid PROXY protocol TLV type '" STR_FMT "' (a number from 0 to 255 or a name)",
			     STR_ARG(args[0].s));
		return false;
	}
	return true;
}

static bool f_tlv(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	uint8_t type = (uint8_t)(row->priv ? row->priv : args[0].i);
	const struct session *se = x->sess;
	struct proxy_hdr *h;
	struct str value;

	if (!se || !conn_ask(se->conn, ASK_PP_HDR, &h) || !proxy_tlv_find(h->tlvs, type, &value))
		return false;
	smp_set_str(out, value, SMP_F_CONST);
	return true;
}

const struct fetch_row stream_pp_fetches[STREAM_PP_FETCHES] = {
	{ .name = "fc_pp_authority", .fetch = f_tlv, .out = SMP_STR, .use = USE_L4CLI, .priv = PROXY_TLV_AUTHORITY,
	  .help = "host name in the PROXY header" },
	{ .name = "fc_pp_unique_id", .fetch = f_tlv, .out = SMP_STR, .use = USE_L4CLI, .priv = PROXY_TLV_UNIQUE_ID,
	  .help = "unique id in the PROXY header" },
	{ .name = "fc_pp_tlv", .fetch = f_tlv, .args = { 1, { ARG_STR } }, .check = check_type, .out = SMP_STR,
	  .use = USE_L4CLI, .help = "a field of the PROXY header, by number or name" },
};
