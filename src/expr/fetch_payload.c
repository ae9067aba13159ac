/* Fetches about bytes in the buffers of a connection whose protocol nobody has parsed. */
#include "fetch_priv.h"
#include "weir/base/enc.h"
#include "weir/base/num.h"

/* Not enough bytes: more may come. Always false. */
static bool too_short(struct sample *out, const struct xctx *x, enum xdir dir)
{
	if (!fetch_raw_full(x, dir))
		out->flags |= SMP_F_MAY_CHANGE;
	return false;
}

static bool fetch_len(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	enum xdir dir = fetch_dir(row->priv, x);
	const struct msg *m = dir == X_REQ ? x->req : x->res;

	if (x->messages && !m)
		return false;
	smp_set_int(out, (int64_t)(x->messages ? m->bytes + (dir == X_REQ ? x->req_buf : x->res_buf).n
					       : fetch_raw(x, dir).n));
	out->flags = SMP_F_VOLATILE;
	if (!fetch_raw_full(x, dir))
		out->flags |= SMP_F_MAY_CHANGE;
	return true;
}

static bool check_payload(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	if (a[0].i < 0 || a[1].i < 0) {
		load_err_set(err, NULL, "offset and length must not be negative");
		return false;
	}
	return true;
}

static bool give(struct sample *out, struct str buf, uint64_t off, uint64_t len)
{
	smp_set_bin(out, str_make(buf.p + off, (size_t)len), SMP_F_CONST | SMP_F_VOLATILE);
	return true;
}

static bool fetch_bytes(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	enum xdir dir = fetch_dir(row->priv, x);
	struct str buf = fetch_raw(x, dir);
	uint64_t off = (uint64_t)args[0].i, len = (uint64_t)args[1].i;

	if (!buf.n || off > buf.n || len > buf.n - off)
		return too_short(out, x, dir);
	give(out, buf, off, len ? len : buf.n - off);
	if (!len && !fetch_raw_full(x, dir))
		out->flags |= SMP_F_MAY_CHANGE;
	return true;
}

/* The third argument of payload_lv: absolute, or with a sign relative to the end of the length. */
static bool check_payload_lv(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	struct str s;
	int64_t off = 0;

	if (a[0].i < 0 || a[1].i <= 0) {
		load_err_set(err, NULL, "payload length must be > 0");
		return false;
	}
	if (n < 3 || !a[2].s.n)
		return true;
	s = a[2].s;
	if (!num_i64(s.p[0] == '+' ? str_skip(s, 1) : s, &off)) {
		load_err_set(err, NULL, "payload offset2 is not a number");
		return false;
	}
	a[2].i = off;
	a[2].unresolved = s.p[0] == '+' || s.p[0] == '-';	/* relative; nothing else looks at it in a text */
	if (a[2].unresolved && a[0].i + a[1].i + off < 0) {
		load_err_set(err, NULL, "payload offset2 too negative");
		return false;
	}
	return true;
}

static bool fetch_lv(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	enum xdir dir = fetch_dir(row->priv, x);
	struct str buf = fetch_raw(x, dir);
	uint64_t off = (uint64_t)args[0].i, n = (uint64_t)args[1].i, at = off + n, len = 0;

	if (off > buf.n || n > buf.n - off)
		return too_short(out, x, dir);
	for (uint64_t i = 0; i < n; i++)
		len = len << 8 | (unsigned char)buf.p[off + i];
	if (args[2].type != ARG_END && args[2].s.n)
		at = args[2].unresolved ? (uint64_t)((int64_t)at + args[2].i) : (uint64_t)args[2].i;
	if (!len || at > buf.n || len > buf.n - at)
		return len ? too_short(out, x, dir) : false;
	return give(out, buf, at, len);
}

/* --- RDP: "Cookie: name=value" behind a TPKT and a connection request --- */

/* False with *wait: more bytes are needed to tell. */
static bool rdp_cookie(struct str buf, struct str want, struct str *value, bool *wait)
{
	struct str line, name;
	size_t len, eq, end;

	*wait = buf.n <= 11;
	if (*wait || buf.p[0] != 3 || (unsigned char)buf.p[5] != 0xe0)
		return false;
	len = (unsigned char)buf.p[4];
	if (len < 6 + 7 || buf.n < len + 5) {
		*wait = len >= 6 + 7;
		return false;
	}
	line = str_make(buf.p + 11, len - 6);
	if (line.n < 7 || strncasecmp(line.p, "Cookie:", 7) != 0)
		return false;
	line = str_trim(str_skip(line, 7));
	eq = str_chr(line, '=');
	if (eq == (size_t)-1)
		return false;
	name = str_head(line, eq);
	if (want.n && !str_ieq(name, want))
		return false;
	line = str_skip(line, eq + 1);
	end = str_find(line, STR("\r\n"));
	*value = str_head(line, end);
	return end != (size_t)-1;
}

enum { RDP_VALUE, RDP_COUNT };

static bool fetch_rdp(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v, want = args[0].type == ARG_END ? STR("") : args[0].s;
	bool wait, found = rdp_cookie(fetch_raw(x, X_REQ), want, &v, &wait);

	if (!found && wait)
		return too_short(out, x, X_REQ);
	if (row->priv == RDP_COUNT) {
		smp_set_int(out, found);
		return true;
	}
	if (found)
		smp_set_str(out, v, SMP_F_CONST | SMP_F_VOLATILE);
	return found;
}

/* --- distcc: tokens of four letters and a number of eight hexadecimal digits --- */

/* Tokens whose number is a length, with so many bytes behind them. */
static bool has_body(struct str token)
{
	static const char *const names[] = { "ARGV", "DOTI", "SERR", "SOUT", "DOTO", "FILE", "LINK", "NAME", "CDIR" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqz(token, names[i]))
			return true;
	return false;
}

enum { DISTCC_PARAM, DISTCC_BODY };

static bool fetch_distcc(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	enum xdir dir = (enum xdir)x->dir;
	struct str buf = fetch_raw(x, dir);
	int64_t occ = args[1].type == ARG_SINT ? args[1].i : 1;
	size_t at = 0;

	while (buf.n - at >= 12) {
		struct str token = str_make(buf.p + at, 4);
		uint64_t param = 0;

		for (int i = 4; i < 12; i++) {
			int d = enc_hex_digit(buf.p[at + (size_t)i]);

			if (d < 0)
				return false;
			param = param << 4 | (unsigned)d;
		}
		at += 12;
		if (str_eq(token, args[0].s) && --occ <= 0) {
			if (row->priv == DISTCC_PARAM) {
				smp_set_int(out, (int64_t)param);
				return true;
			}
			return param <= buf.n - at ? give(out, buf, at, param) : too_short(out, x, dir);
		}
		if (has_body(token)) {
			if (param > buf.n - at)
				break;
			at += param;
		}
	}
	return too_short(out, x, dir);
}

#define OFF_LEN { 2, { ARG_SINT, ARG_SINT } }
#define LV { 2, { ARG_SINT, ARG_SINT, ARG_STR } }
#define NAME { 0, { ARG_STR } }
#define TOKEN { 1, { ARG_STR, ARG_SINT } }

const struct fetch_row fetch_payload_rows[FETCH_PAYLOAD_ROWS] = {
	{ "distcc_body", fetch_distcc, TOKEN, NULL, SMP_BIN, USE_L6REQ | USE_L6RES, "the bytes behind a distcc token",
	  DISTCC_BODY },
	{ "distcc_param", fetch_distcc, TOKEN, NULL, SMP_SINT, USE_L6REQ | USE_L6RES, "the number of a distcc token",
	  DISTCC_PARAM },
	{ "payload", fetch_bytes, OFF_LEN, check_payload, SMP_BIN, USE_L6REQ | USE_L6RES,
	  "req.payload or res.payload by the rule's direction", FOR_DIR },
	{ "payload_lv", fetch_lv, LV, check_payload_lv, SMP_BIN, USE_L6REQ | USE_L6RES,
	  "req.payload_lv or res.payload_lv by the rule's direction", FOR_DIR },
	{ "rdp_cookie", fetch_rdp, NAME, NULL, SMP_STR, USE_L6REQ, "req.rdp_cookie", RDP_VALUE },
	{ "rdp_cookie_cnt", fetch_rdp, NAME, NULL, SMP_SINT, USE_L6REQ, "req.rdp_cookie_cnt", RDP_COUNT },
	{ "req.len", fetch_len, { 0 }, NULL, SMP_SINT, USE_L6REQ, "bytes in the request buffer", FOR_REQ },
	{ "req.payload", fetch_bytes, OFF_LEN, check_payload, SMP_BIN, USE_L6REQ,
	  "bytes of the request buffer from an offset on (length 0: all)", FOR_REQ },
	{ "req.payload_lv", fetch_lv, LV, check_payload_lv, SMP_BIN, USE_L6REQ,
	  "bytes of the request buffer whose length stands in it", FOR_REQ },
	{ "req.rdp_cookie", fetch_rdp, NAME, NULL, SMP_STR, USE_L6REQ, "the cookie of an RDP connection request",
	  RDP_VALUE },
	{ "req.rdp_cookie_cnt", fetch_rdp, NAME, NULL, SMP_SINT, USE_L6REQ, "number of RDP cookies", RDP_COUNT },
	{ "req_len", fetch_len, { 0 }, NULL, SMP_SINT, USE_L6REQ, "req.len", FOR_REQ },
	{ "res.len", fetch_len, { 0 }, NULL, SMP_SINT, USE_L6RES, "bytes in the response buffer", FOR_RES },
	{ "res.payload", fetch_bytes, OFF_LEN, check_payload, SMP_BIN, USE_L6RES,
	  "bytes of the response buffer from an offset on (length 0: all)", FOR_RES },
	{ "res.payload_lv", fetch_lv, LV, check_payload_lv, SMP_BIN, USE_L6RES,
	  "bytes of the response buffer whose length stands in it", FOR_RES },
};
