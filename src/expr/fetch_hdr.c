/* Fetches about fields: hdr() splits values at commas, fhdr() takes whole lines. Without a position they give the last
 * value; a condition sees all of them in turn. */
#include <arpa/inet.h>
#include "fetch_priv.h"
#include "weir/base/num.h"

/* What stands in a row's priv besides the direction. */
enum { HDR_SPLIT = 4, HDR_IP = 8, HDR_INT = 16 };
/* Positions from the end go back so far at most. */
#define BACK_MAX 10

/* The name in lower case, its number, the position or 0: made once at load. */
struct hdr_arg {
	struct field_key key;
	int occ;
	bool has_occ;
	bool unnamed;			/* nothing was said: no value, but all may be counted */
};

static bool check_hdr(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	struct hdr_arg *h = arena_new(sc->mem, struct hdr_arg);
	struct str name = n > 0 ? arena_str(sc->mem, a[0].s) : STR("");

	str_lower((char *)(uintptr_t)name.p, name.n);
	h->key = field_key(name);
	if (n > 1 && (a[1].i < -BACK_MAX || a[1].i > 65535)) {
		load_err_set(err, NULL, "only occurrences from -%d on are supported", BACK_MAX);
		return false;
	}
	h->unnamed = n == 0;
	h->has_occ = n > 1;
	h->occ = n > 1 ? (int)a[1].i : 0;
	a[0].p = h;
	return true;
}

/* --- walking --- */

struct walk { int index; size_t off; };	/* field, place behind the last value in it */

/* The next field that is asked for; without a name all are. -1: none. */
static int next_field(const struct msg *m, const struct hdr_arg *h, int from)
{
	if (h->key.name.n)
		return msg_find_key(m, &h->key, from);
	while (from < m->nf && (m->f[from].flags & FIELD_F_DELETED))
		from++;
	return from < m->nf ? from : -1;
}

/* End of a list element: a comma outside quotes. */
static size_t element_end(struct str v, size_t from)
{
	const char *comma = memchr(v.p + from, ',', v.n - from);
	bool quoted = false;

	if (!comma)
		return v.n;
	if (!memchr(v.p + from, '"', (size_t)(comma - v.p) - from))
		return (size_t)(comma - v.p);
	for (size_t i = from; i < v.n; i++) {
		char c = v.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ',' && !quoted)
			return i;
	}
	return v.n;
}

/* Next value; off > value's length: this field is done. */
static bool next_value(const struct msg *m, const struct hdr_arg *h, bool split, struct walk *w, struct str *v)
{
	for (int i; (i = next_field(m, h, w->index)) >= 0; w->index = i + 1, w->off = 0) {
		struct str all = field_value_str(&m->f[i]);
		size_t end;

		if (i != w->index)
			*w = (struct walk){ i, 0 };
		if (w->off > all.n)
			continue;
		end = split ? element_end(all, w->off) : all.n;
		*v = str_trim(str_make(all.p + w->off, end - w->off));
		w->off = end + 1;
		return true;
	}
	return false;
}

/* The value at a position: from 1 on, or from -1 backwards. */
static bool value_at(const struct msg *m, const struct hdr_arg *h, bool split, int occ, struct str *v)
{
	struct str last[BACK_MAX];
	struct walk w = { 0, 0 };
	int n = 0;

	while (next_value(m, h, split, &w, v)) {
		if (occ > 0 && n + 1 == occ)
			return true;
		last[n++ % BACK_MAX] = *v;
	}
	if (occ >= 0 || n < -occ)
		return false;
	*v = last[(n + occ) % BACK_MAX];
	return true;
}

/* One value into out, by position or in turn. */
static bool fetch_value(const struct arg *args, struct sample *out, struct xctx *x, int priv, struct str *v)
{
	const struct msg *m = fetch_msg(x, out, fetch_dir(priv, x));
	const struct hdr_arg *h = args[0].p;
	bool split = priv & HDR_SPLIT;
	struct walk w = { out->ctx.index, out->ctx.off };

	if (!m || h->unnamed)
		return false;
	if (h->has_occ && h->occ != 0)
		return value_at(m, h, split, h->occ, v);
	if (!out->ctx.iterate)
		return value_at(m, h, split, -1, v);
	if (!next_value(m, h, split, &w, v))
		return false;
	out->ctx.index = w.index;
	out->ctx.off = w.off;
	out->flags |= SMP_F_MORE;	/* perhaps: the next call tells */
	return true;
}

static bool fetch_hdr(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	if (!fetch_value(args, out, x, row->priv, &v))
		return false;
	smp_set_str(out, v, (uint8_t)(out->flags | SMP_F_CONST));
	return true;
}

/* An address: IPv4, perhaps with a port; IPv6, perhaps in brackets. */
static bool value_ip(struct sample *out, struct str v)
{
	char z[INET6_ADDRSTRLEN + 8];
	size_t colon = str_chr(v, ':');
	uint64_t port;

	if (v.n >= sizeof(z))
		return false;
	if (v.n > 2 && v.p[0] == '[' && v.p[v.n - 1] == ']')
		v = str_make(v.p + 1, v.n - 2);
	else if (colon != (size_t)-1 && memchr(v.p, '.', colon) && num_u64(str_skip(v, colon + 1), &port) &&
		 port <= 65535)
		v.n = colon;
	str_z(v, z, sizeof(z));
	if (inet_pton(AF_INET, z, &out->ip4) == 1)
		out->type = SMP_IPV4;
	else if (inet_pton(AF_INET6, z, &out->ip6) == 1)
		out->type = SMP_IPV6;
	else
		return false;
	return true;
}

/* Values that are no address are passed over while there are others. */
static bool fetch_hdr_ip(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	do {
		out->flags = 0;
		if (!fetch_value(args, out, x, row->priv, &v))
			return false;
		if (value_ip(out, v))
			return true;
	} while (out->flags & SMP_F_MORE);
	return false;
}

static bool fetch_hdr_val(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	if (!fetch_value(args, out, x, row->priv, &v))
		return false;
	out->type = SMP_SINT;
	out->i = text_int(v);
	return true;
}

static bool fetch_hdr_cnt(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct msg *m = fetch_msg(x, out, fetch_dir(row->priv, x));
	struct walk w = { 0, 0 };
	struct str v;
	int n = 0;

	if (!m)
		return false;
	while (next_value(m, args[0].p, row->priv & HDR_SPLIT, &w, &v))
		n++;
	smp_set_int(out, n);
	return true;
}

/* --- all fields --- */

static bool fetch_names(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct msg *m = fetch_msg(x, out, fetch_dir(row->priv, x));
	char delim = args[0].type != ARG_END && args[0].s.n ? args[0].s.p[0] : ',';
	size_t n = 0;
	char *p;

	if (!m)
		return false;
	for (int i = 0; i < m->nf; i++)
		n += m->f[i].name_len + 1U;
	p = arena_bytes(x->mem, n + 1);
	n = 0;
	for (int i = 0; i < m->nf; i++) {
		if (m->f[i].flags & FIELD_F_DELETED)
			continue;
		if (n)
			p[n++] = delim;
		memcpy(p + n, m->f[i].name, m->f[i].name_len);
		n += m->f[i].name_len;
	}
	smp_set_str(out, str_make(p, n), 0);
	return true;
}

static char *put(char *p, const char *bytes, size_t n)
{
	if (n)
		memcpy(p, bytes, n);
	return p + n;
}

/* A length as SPOE writes it: up to 239 one byte, then four bits and seven bits each. */
static char *put_varint(char *p, uint64_t v)
{
	if (v < 240) {
		*p++ = (char)v;
		return p;
	}
	*p++ = (char)(v | 240);
	v = (v - 240) >> 4;
	while (v >= 128) {
		*p++ = (char)(v | 128);
		v = (v - 128) >> 7;
	}
	*p++ = (char)v;
	return p;
}

static char *put_text(char *p, const struct field *f)
{
	p = put(put(p, f->name, f->name_len), ": ", 2);
	return put(put(p, f->value, f->value_len), "\r\n", 2);
}

static char *put_binary(char *p, const struct field *f)
{
	p = put(put_varint(p, f->name_len), f->name, f->name_len);
	return put(put_varint(p, f->value_len), f->value, f->value_len);
}

#define FIELD_EXTRA 20 /* bytes that either form adds to a field at most */

/* All fields in one form, and two bytes behind them. */
static bool all_fields(struct sample *out, struct xctx *x, const struct fetch_row *row,
		       char *(*form)(char *p, const struct field *f), const char *end)
{
	const struct msg *m = fetch_msg(x, out, fetch_dir(row->priv, x));
	size_t n = 2;
	char *start, *p;

	if (!m)
		return false;
	for (int i = 0; i < m->nf; i++)
		n += m->f[i].name_len + m->f[i].value_len + FIELD_EXTRA;
	start = p = arena_bytes(x->mem, n);
	for (int i = 0; i < m->nf; i++)
		if (!(m->f[i].flags & FIELD_F_DELETED))
			p = form(p, &m->f[i]);
	p = put(p, end, 2);
	smp_set_bin(out, str_make(start, (size_t)(p - start)), 0);
	return true;
}

static bool fetch_hdrs(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	return all_fields(out, x, row, put_text, "\r\n");
}

static bool fetch_hdrs_bin(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	return all_fields(out, x, row, put_binary, "\0\0");
}

#define NAME_OCC { 0, { ARG_STR, ARG_SINT } }
#define NAME { 0, { ARG_STR } }
#define HDR(name, dir, how, help) \
	{ name, fetch_hdr, NAME_OCC, check_hdr, SMP_STR, USE_OF_##dir, help, FOR_##dir | (how) }
#define CNT(name, dir, how, help) \
	{ name, fetch_hdr_cnt, NAME, check_hdr, SMP_SINT, USE_OF_##dir, help, FOR_##dir | (how) }
#define IP(name, dir, help) \
	{ name, fetch_hdr_ip, NAME_OCC, check_hdr, SMP_ADDR, USE_OF_##dir, help, FOR_##dir | HDR_SPLIT | HDR_IP }
#define VAL(name, dir, help) \
	{ name, fetch_hdr_val, NAME_OCC, check_hdr, SMP_SINT, USE_OF_##dir, help, FOR_##dir | HDR_SPLIT | HDR_INT }
#define ALL(name, fn, out, dir, help) { name, fn, { 0 }, NULL, out, USE_OF_##dir, help, FOR_##dir }

const struct fetch_row fetch_hdr_rows[FETCH_HDR_ROWS] = {
	HDR("hdr", DIR, HDR_SPLIT, "a field's value in the direction of the rule, split at commas"),
	CNT("hdr_cnt", REQ, HDR_SPLIT, "req.hdr_cnt"),
	IP("hdr_ip", REQ, "req.hdr_ip"),
	VAL("hdr_val", REQ, "req.hdr_val"),
	HDR("req.fhdr", REQ, 0, "a request field's whole value, the last line or the one at a position"),
	CNT("req.fhdr_cnt", REQ, 0, "number of lines of a request field, or of all"),
	HDR("req.hdr", REQ, HDR_SPLIT, "a request field's value, split at commas, the last or the one at a position"),
	CNT("req.hdr_cnt", REQ, HDR_SPLIT, "number of values of a request field, or of all"),
	IP("req.hdr_ip", REQ, "a request field's value as an address"),
	{ "req.hdr_names", fetch_names, NAME, NULL, SMP_STR, USE_HRQHV, "names of the request's fields in order",
	  FOR_REQ },
	VAL("req.hdr_val", REQ, "a request field's value as an integer"),
	ALL("req.hdrs", fetch_hdrs, SMP_BIN, REQ, "the request's fields as HTTP/1 text"),
	ALL("req.hdrs_bin", fetch_hdrs_bin, SMP_BIN, REQ, "the request's fields as SPOE strings"),
	HDR("res.fhdr", RES, 0, "a response field's whole value"),
	CNT("res.fhdr_cnt", RES, 0, "number of lines of a response field, or of all"),
	HDR("res.hdr", RES, HDR_SPLIT, "a response field's value, split at commas"),
	CNT("res.hdr_cnt", RES, HDR_SPLIT, "number of values of a response field, or of all"),
	IP("res.hdr_ip", RES, "a response field's value as an address"),
	{ "res.hdr_names", fetch_names, NAME, NULL, SMP_STR, USE_HRSHV, "names of the response's fields in order",
	  FOR_RES },
	VAL("res.hdr_val", RES, "a response field's value as an integer"),
	ALL("res.hdrs", fetch_hdrs, SMP_BIN, RES, "the response's fields as HTTP/1 text"),
	ALL("res.hdrs_bin", fetch_hdrs_bin, SMP_BIN, RES, "the response's fields as SPOE strings"),
	HDR("shdr", RES, HDR_SPLIT, "res.hdr"),
	CNT("shdr_cnt", RES, HDR_SPLIT, "res.hdr_cnt"),
	IP("shdr_ip", RES, "res.hdr_ip"),
	VAL("shdr_val", RES, "res.hdr_val"),
};
