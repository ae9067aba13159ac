/* Fetches about the start line of a message: method, target and its parts, version, status. */
#include <arpa/inet.h>
#include "expr_priv.h"
#include "fetch_priv.h"
#include "weir/base/hash.h"
#include "weir/base/num.h"
#include "weir/http/h1_read.h"
#include "weir/http/uri.h"

#define HEAD_MAX 65536

/* A head from bytes that nobody has taken for HTTP. The parser works in place, so on a copy. */
static struct msg *parse_payload(struct xctx *x, struct sample *out, enum xdir dir)
{
	static const struct h1_opts opts = { .max_head = HEAD_MAX, .max_fields = 1000 };
	struct str in = dir == X_REQ ? x->req_buf : x->res_buf;
	bool full = dir == X_REQ ? x->req_full : x->res_full;
	struct msg *m = arena_new(x->mem, struct msg);
	struct h1_head h = { 0 };
	struct fault fault;
	enum h1_result r = H1_MORE;
	size_t used;

	if (in.n) {
		struct str copy = arena_str(x->mem, in);

		msg_init(m, dir == X_RES, x->mem);
		r = h1_read_head(&h, (char *)(uintptr_t)copy.p, copy.n, &opts, m, &used, &fault);
	}
	if (r == H1_DONE)
		return m;
	if (r == H1_MORE && !full)
		out->flags |= SMP_F_MAY_CHANGE;
	return NULL;
}

struct msg *fetch_msg_parsed(struct xctx *x, struct sample *out, enum xdir dir)
{
	struct msg **m = dir == X_REQ ? &x->req : &x->res;

	*m = parse_payload(x, out, dir);
	return *m;
}

/* --- request line --- */

static bool fetch_method(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct msg *m = fetch_msg(x, out, X_REQ);

	if (!m)
		return false;
	out->type = SMP_METH;
	out->method = m->method;
	out->s = m->method_text;
	out->flags = SMP_F_CONST;
	return true;
}

enum { PART_PATH, PART_PATHQ, PART_QUERY, PART_URL };

static bool fetch_target(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct msg *m = fetch_msg(x, out, X_REQ);
	struct str s = STR_NONE;

	if (!m)
		return false;
	if (row->priv == PART_URL)
		s = msg_target(m);
	else if (m->form == TARGET_ASTERISK || m->form == TARGET_AUTHORITY)
		return false;
	else if (row->priv == PART_PATHQ)
		s = m->path;
	else
		s = row->priv == PART_PATH ? uri_path(m->path) : uri_query(m->path);
	if (!s.p)
		return false;
	smp_set_str(out, s, SMP_F_CONST);
	return true;
}

/* The target's host as an address, its port. */
static bool url_authority(struct xctx *x, struct sample *out, struct authority *a, struct msg **msg)
{
	struct msg *m = fetch_msg(x, out, X_REQ);

	*msg = m;
	return m && m->authority.n && authority_split(m->authority, a);
}

static bool fetch_url_ip(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct authority a;
	struct addr ip;
	struct msg *m;

	return url_authority(x, out, &a, &m) && addr_parse_ip(&ip, a.host) && smp_set_addr(out, &ip);
}

static bool fetch_url_port(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct authority a;
	struct msg *m;
	uint16_t port;

	if (!url_authority(x, out, &a, &m))
		return false;
	port = authority_port(&a, m->scheme);
	smp_set_int(out, port ? port : 80);
	return true;
}

/* --- host and path as one text --- */

enum { BASE_PATH, BASE_PATHQ, BASE_URL };

static bool host_and(struct xctx *x, struct sample *out, int what, struct str *text)
{
	struct msg *m = fetch_msg(x, out, X_REQ);
	struct str host, rest;
	char *p;
	int i;

	if (!m)
		return false;
	i = msg_find_id(m, FIELD_HOST, 0);
	host = i >= 0 ? field_value_str(&m->f[i]) : msg_host(m);
	rest = what == BASE_PATH ? uri_path(m->path) : m->path;
	if (!rest.n || rest.p[0] != '/')
		rest = STR("");
	p = arena_bytes(x->mem, host.n + rest.n + 1);
	if (host.n)
		memcpy(p, host.p, host.n);
	if (rest.n)
		memcpy(p + host.n, rest.p, rest.n);
	*text = str_make(p, host.n + rest.n);
	return true;
}

static bool fetch_base(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str text;

	if (!host_and(x, out, row->priv, &text))
		return false;
	smp_set_str(out, text, 0);
	return true;
}

static bool fetch_base32(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str text;

	if (!host_and(x, out, row->priv, &text))
		return false;
	smp_set_int(out, hash_avalanche(hash_sdbm(text)));
	return true;
}

/* The address is a fetch of a floor above: known by name when the configuration is read. */
static bool check_src(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	a[0].p = (void *)(uintptr_t)fetch_find(STR("src"));
	if (!a[0].p)
		load_err_set(err, NULL, "no source address is known here");
	return a[0].p != NULL;
}

static bool fetch_base32_src(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct fetch_row *src = args[0].p;
	struct sample ip = { .type = SMP_ANY };
	struct str text;
	uint32_t hash;
	char *p;

	if (!host_and(x, out, row->priv, &text) || !src->fetch(NULL, &ip, x, src))
		return false;
	hash = htonl(hash_avalanche(hash_sdbm(text)));
	if (!smp_cast(&ip, SMP_BIN, x->mem))
		return false;
	p = arena_bytes(x->mem, ip.s.n + 4);
	memcpy(p, &hash, 4);
	memcpy(p + 4, ip.s.p, ip.s.n);
	smp_set_bin(out, str_make(p, ip.s.n + 4), 0);
	return true;
}

/* --- versions, status --- */

static bool fetch_ver(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct msg *m = fetch_msg(x, out, fetch_dir(row->priv, x));
	char *p;

	if (!m)
		return false;
	p = arena_bytes(x->mem, 3);
	p[0] = (char)('0' + m->major % 10);
	p[1] = '.';
	p[2] = (char)('0' + m->minor % 10);
	smp_set_str(out, str_make(p, 3), 0);
	return true;
}

static bool fetch_status(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct msg *m = fetch_msg(x, out, X_RES);

	if (!m)
		return false;
	smp_set_int(out, m->status);
	return true;
}

/* The preface of HTTP/2, or its beginning, where nobody has parsed anything yet. */
static bool is_preface(const struct xctx *x)
{
	static const struct str preface = STR_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	size_t n = MIN(x->req_buf.n, preface.n);

	return !x->req && n && memcmp(x->req_buf.p, preface.p, n) == 0 && (n == preface.n || !x->req_full);
}

static bool fetch_proto_http(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	if (is_preface(x)) {
		smp_set_bool(out, true);
		return true;
	}
	if (!fetch_msg(x, out, X_REQ))
		return false;
	smp_set_bool(out, true);
	return true;
}

#define ROW(name, fn, out, use, help, priv) { name, fn, { 0 }, NULL, out, use, help, priv }
const struct fetch_row fetch_head_rows[FETCH_HEAD_ROWS] = {
	ROW("base", fetch_base, SMP_STR, USE_HRQHV, "Host and path", BASE_PATH),
	{ "base32", fetch_base32, { 0 }, NULL, SMP_SINT, USE_HRQHV, "32-bit hash of base", BASE_PATH },
	{ "base32+src", fetch_base32_src, { 0 }, check_src, SMP_BIN, USE_HRQHV, "base32 and the client's address",
	  BASE_PATH },
	ROW("baseq", fetch_base, SMP_STR, USE_HRQHV, "Host, path and query", BASE_PATHQ),
	ROW("method", fetch_method, SMP_METH, USE_HRQHP, "the request's method", 0),
	ROW("path", fetch_target, SMP_STR, USE_HRQHV, "the path, without the query", PART_PATH),
	ROW("pathq", fetch_target, SMP_STR, USE_HRQHV, "path and query", PART_PATHQ),
	ROW("query", fetch_target, SMP_STR, USE_HRQHV, "the query, behind the question mark", PART_QUERY),
	ROW("req.proto_http", fetch_proto_http, SMP_BOOL, USE_HRQHP, "whether the request is HTTP", 0),
	ROW("req.ver", fetch_ver, SMP_STR, USE_HRQHV, "version of the request: 1.0, 1.1, 2.0", FOR_REQ),
	ROW("req_proto_http", fetch_proto_http, SMP_BOOL, USE_HRQHP, "req.proto_http", 0),
	ROW("req_ver", fetch_ver, SMP_STR, USE_HRQHV, "req.ver", FOR_REQ),
	ROW("res.ver", fetch_ver, SMP_STR, USE_HRSHV, "version of the response", FOR_RES),
	ROW("resp_ver", fetch_ver, SMP_STR, USE_HRSHV, "res.ver", FOR_RES),
	ROW("status", fetch_status, SMP_SINT, USE_HRSHP, "status code of the response", 0),
	ROW("url", fetch_target, SMP_STR, USE_HRQHV, "the target as written", PART_URL),
	ROW("url32", fetch_base32, SMP_SINT, USE_HRQHV, "32-bit hash of Host, path and query", BASE_URL),
	{ "url32+src", fetch_base32_src, { 0 }, check_src, SMP_BIN, USE_HRQHV, "url32 and the client's address",
	  BASE_URL },
	ROW("url_ip", fetch_url_ip, SMP_ADDR, USE_HRQHV, "the target's host when it is an address", 0),
	ROW("url_port", fetch_url_port, SMP_SINT, USE_HRQHV, "the target's port, 80 when it has none", 0),
};
