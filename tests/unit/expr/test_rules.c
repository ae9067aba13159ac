/* Rules: parsing, running, waiting, limits; payload, credentials, HTTP in TCP. */
#include "src/expr/acl_priv.h"
#include "tests/unit/expr/all_rows.h"
#include "weir/expr/auth.h"

/* Actions of the test's own: they end a list, wait, count. */
static int counted, waits;

static enum act_result do_stop(const struct rule *r, struct xctx *x) { return ACT_STOP; }
static enum act_result do_count(const struct rule *r, struct xctx *x)
{
	counted++;
	return ACT_NEXT;
}
static enum act_result do_wait(const struct rule *r, struct xctx *x) { return waits-- > 0 ? ACT_WAIT : ACT_NEXT; }

static const struct action_row own_rows[] = {
	{ "stop", RS_HTTP_REQ | RS_TCP_REQ, NULL, do_stop, true, "", "", 0 },
	{ "count", RS_HTTP_REQ | RS_TCP_REQ, NULL, do_count, false, "", "", 0 },
	{ "linger", RS_HTTP_REQ, NULL, do_wait, false, "", "", 0 },
	{ "track-sc(*)", RS_HTTP_REQ, NULL, do_count, false, "", "", 0 },
};
static const struct action_table own_actions[] = {
	{ act_map_rows, ACT_MAP_ROWS }, { act_msg_rows, ACT_MSG_ROWS },
	{ act_bin_rows, ACT_BIN_ROWS }, { act_uri_rows, ACT_URI_ROWS },
	{ act_var_rows, ACT_VAR_ROWS }, { own_rows, 4 }, { NULL, 0 },
};

static void setup(struct world *w)
{
	static const struct expr_tables own = { all_fetches, all_convs, own_actions };

	world_init(w);
	expr_set_tables(&own);
	counted = waits = 0;
}

static struct rule *parse(struct world *w, uint32_t set, const char *line)
{
	struct str words[40];
	int n = split_words(&w->conf, line, words, 40);

	return rule_parse(&w->sc, set, words, n, &w->err);
}

static void put(struct world *w, struct list *rules, uint32_t set, const char *line)
{
	struct rule *r = parse(w, set, line);

	ck_assert_msg(r != NULL, "%s: %s", line, w->err.msg);
	list_push(rules, &r->link);
}

START_TEST(in_order)
{
	struct world w;
	struct list rules;
	const struct rule *at = NULL;

	setup(&w);
	list_init(&rules);
	make_request(&w, "GET / HTTP/1.1\nHost: h\n");
	put(&w, &rules, RS_HTTP_REQ, "count");
	put(&w, &rules, RS_HTTP_REQ, "count if FALSE");
	put(&w, &rules, RS_HTTP_REQ, "count unless METH_GET");
	put(&w, &rules, RS_HTTP_REQ, "track-sc0 if TRUE");
	put(&w, &rules, RS_HTTP_REQ, "stop if METH_GET");
	put(&w, &rules, RS_HTTP_REQ, "count");
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_STOP);
	ck_assert_int_eq(counted, 2);
	ck_assert_str_eq(at->action->name, "stop");
	ck_assert_int_eq(at->line, 1);
	world_fini(&w);
}
END_TEST

/* A rule that waits for data, and one whose action waits: its condition is not asked again. */
START_TEST(waiting)
{
	struct world w;
	struct list rules;
	const struct rule *at = NULL;

	setup(&w);
	list_init(&rules);
	put(&w, &rules, RS_TCP_REQ, "count");
	put(&w, &rules, RS_TCP_REQ, "stop if { req.payload(0,3) -m str abc }");
	put(&w, &rules, RS_TCP_REQ, "count if { req.len ge 5 }");
	w.x.final = false;
	w.x.req_buf = STR("ab");
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_WAIT);
	ck_assert_int_eq(counted, 1);
	w.x.req_buf = STR("abx");
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_WAIT);
	w.x.req_buf = STR("abxyz");
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_NEXT);
	ck_assert_int_eq(counted, 2);
	at = NULL;
	w.x.req_buf = STR("ab");
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_WAIT);
	w.x.final = true;
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_NEXT);
	list_init(&rules);
	at = NULL;
	put(&w, &rules, RS_HTTP_REQ,
	    "linger if { str(x),set-var(txn.seen,ifnotexists) -m found } !{ var(txn.again) -m found }");
	put(&w, &rules, RS_HTTP_REQ, "count");
	waits = 2;
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_WAIT);
	VALUE(&w, "str(1),set-var(txn.again)", "1");
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_WAIT);
	ck_assert_int_eq(rules_run(&rules, &at, &w.x), ACT_NEXT);
	ck_assert_int_eq(waits, -1);
	world_fini(&w);
}
END_TEST

#define REFUSED(w, set, line, text) \
	do { \
		ck_assert_ptr_null(parse(w, set, line)); \
		ck_assert_str_eq((w)->err.msg, text); \
	} while (0)

START_TEST(messages)
{
	struct world w;

	setup(&w);
	REFUSED(&w, RS_HTTP_REQ, "set-header a", "expects exactly 2 arguments");
	REFUSED(&w, RS_HTTP_REQ, "set-header a b c",
		"'http-request set-header' expects either 'if' or 'unless' followed by a "
		"condition but found 'c'.");
	ck_assert(w.err.whole);
	REFUSED(&w, RS_HTTP_REQ, "set-header a b unless nope", "no such ACL : 'nope'");
	ck_assert(w.err.in_cond && !w.err.whole);
	ck_assert_ptr_null(parse(&w, RS_HTTP_REQ, "set-heade a b"));
	ck_assert_ptr_nonnull(strstr(w.err.msg, "'http-request' expects "));
	ck_assert_ptr_nonnull(strstr(w.err.msg, "but got 'set-heade'. Did you mean 'set-header' maybe ?"));
	ck_assert_ptr_null(parse(&w, RS_HTTP_RES, "set-path /x"));
	REFUSED(&w, RS_HTTP_REQ, "del-header a -m", "-m flag expects exactly 1 argument");
	REFUSED(&w, RS_HTTP_REQ, "del-header a -m foo", "-m with unsupported matching method 'foo'");
	REFUSED(&w, RS_HTTP_REQ, "del-header", "expects at least 1 argument");
	REFUSED(&w, RS_HTTP_REQ, "replace-header a (b c", "regex '(b' is invalid (error=missing closing parenthesis, "
		"erroffset=2)");
	REFUSED(&w, RS_HTTP_REQ, "replace-path a b c",
		"expects exactly 2 arguments <match-regex> and <replace-format>");
	REFUSED(&w, RS_HTTP_REQ, "set-path", "expects exactly 1 argument <format>");
	REFUSED(&w, RS_HTTP_REQ, "set-method GET x", "expects exactly 1 argument <format>");
	REFUSED(&w, RS_HTTP_REQ, "strict-mode maybe", "Unexpected value 'maybe'. Only 'on' and 'off' are supported");
	REFUSED(&w, RS_HTTP_REQ, "cache-use x", "action 'cache-use' is known to HAProxy, not built in weir");
	REFUSED(&w, RS_HTTP_REQ, "normalize-uri foo", "unknown normalizer 'foo'");
	REFUSED(&w, RS_HTTP_REQ, "set-map(f) a", "expects exactly 2 arguments");
	REFUSED(&w, RS_HTTP_RES, "set-status 99", "expects an integer status code between 100 and 999");
	REFUSED(&w, RS_HTTP_RES, "set-status", "expects 1 argument: <status>; or 3 arguments: <status> reason <fmt>");
	REFUSED(&w, RS_HTTP_REQ, "set-var(txn.a path", "incomplete argument after action 'set-var(txn.a'. Expects "
		"'set-var(*)'");
	world_fini(&w);
}
END_TEST

static enum act_result run_one(struct world *w, uint32_t set, const char *line)
{
	const struct rule *at = NULL;
	struct list rules;

	list_init(&rules);
	put(w, &rules, set, line);
	return rules_run(&rules, &at, &w->x);
}

START_TEST(responses)
{
	struct world w;

	setup(&w);
	make_response(&w, 200, "a: 1\na: 2, 3\nserver: x\nset-cookie: s=v; path=/\nset-cookie: t=7\n");
	w.x.dir = X_RES;
	VALUE(&w, "status", "200");
	VALUE(&w, "res.hdr(a)", "3");
	VALUE(&w, "hdr(a)", "3");
	VALUE(&w, "res.fhdr(a)", "2, 3");
	VALUE(&w, "res.hdr_cnt(a)", "3");
	VALUE(&w, "res.cook(s)", "v");
	VALUE(&w, "res.cook_val(t)", "7");
	VALUE(&w, "res.cook_cnt", "2");
	VALUE(&w, "res.cook_names", "s,t");
	VALUE(&w, "cookie(t)", "7");
	VALUE(&w, "res.ver", "1.1");
	VALUE(&w, "res.hdr_names(;)", "a;a;server;set-cookie;set-cookie");
	ck_assert_int_eq(run_one(&w, RS_HTTP_RES, "set-status 404 reason Gone%20away"), ACT_NEXT);
	VALUE(&w, "status", "404");
	ck_assert_int_eq(run_one(&w, RS_HTTP_RES, "set-header a %[status]"), ACT_NEXT);
	VALUE(&w, "res.fhdr(a)", "404");
	ck_assert_int_eq(run_one(&w, RS_HTTP_AFTER, "del-header server"), ACT_NEXT);
	VALUE(&w, "res.hdr_cnt(server)", "0");
	world_fini(&w);
}
END_TEST

/* Lists as req.hdrs_bin gives them: names and values behind their lengths. */
START_TEST(binary_lists)
{
	struct world w;

	setup(&w);
	make_request(&w, "GET / HTTP/1.1\nA: 1\nA: 2\nB: 3\n");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-var(txn.l) bin(0141013701430478797a7a0000)"), ACT_NEXT);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "add-headers-bin var(txn.l)"), ACT_NEXT);
	VALUE(&w, "req.hdrs,lower", "a: 1\r\na: 2\r\nb: 3\r\na: 7\r\nc: xyzz\r\n\r\n");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-headers-bin var(txn.l)"), ACT_NEXT);
	VALUE(&w, "req.hdrs,lower", "b: 3\r\na: 7\r\nc: xyzz\r\n\r\n");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "add-headers-bin req.hdrs_bin prefix X-"), ACT_NEXT);
	VALUE(&w, "req.hdrs,lower", "b: 3\r\na: 7\r\nc: xyzz\r\nx-b: 3\r\nx-a: 7\r\nx-c: xyzz\r\n\r\n");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "del-headers-bin bin(0142034e6f7001410000)"), ACT_NEXT);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "del-headers-bin bin(02582d) -m beg"), ACT_NEXT);
	VALUE(&w, "req.hdrs,lower", "c: xyzz\r\n\r\n");
	/* empty, no value: nothing to do */
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-headers-bin str()"), ACT_NEXT);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-headers-bin var(txn.none)"), ACT_NEXT);
	ck_assert_uint_eq(w.x.failed_rewrites, 0);
	/* cut, a name that is none, a length without end: nothing is changed */
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-headers-bin bin(0143013704)"), ACT_ERROR);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-headers-bin bin(01430137022041013700)"), ACT_ERROR);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "add-headers-bin bin(f0ffffffffffffffff)"), ACT_ERROR);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "del-headers-bin bin(014305)"), ACT_ERROR);
	w.x.head_max = w.req.bytes + 10;
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "add-headers-bin bin(01640832323232323232320000)"), ACT_ERROR);
	ck_assert_uint_eq(w.x.failed_rewrites, 5);
	VALUE(&w, "req.hdrs,lower", "c: xyzz\r\n\r\n");
	REFUSED(&w, RS_HTTP_REQ, "add-headers-bin", "expects an expression");
	REFUSED(&w, RS_HTTP_REQ, "add-headers-bin req.hdrs_bin prefix", "'prefix' expects what names of fields may "
		"begin with");
	REFUSED(&w, RS_HTTP_REQ, "del-headers-bin req.hdrs_bin -m reg", "names that come at run time cannot be matched "
		"as expressions ('-m reg')");
	ck_assert_ptr_null(parse(&w, RS_TCP_REQ, "add-headers-bin req.hdrs_bin"));
	world_fini(&w);
}
END_TEST

START_TEST(rewrite_limits)
{
	struct world w;

	setup(&w);
	make_request(&w, "GET /path HTTP/1.1\nHost: h\nA: 1\n");
	w.x.head_max = w.req.bytes + 20;
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "add-header x 0123456789"), ACT_NEXT);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "add-header y 0123456789"), ACT_ERROR);
	ck_assert_uint_eq(w.x.failed_rewrites, 1);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "strict-mode off"), ACT_NEXT);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "add-header y 0123456789"), ACT_NEXT);
	ck_assert_uint_eq(w.x.failed_rewrites, 2);
	VALUE(&w, "req.hdr_cnt(y)", "0");
	ck_assert_int_eq(
		run_one(&w, RS_HTTP_REQ, "replace-header a (.*) \\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1"),
		ACT_NEXT);
	VALUE(&w, "req.hdr(a)", "1");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-path /0123456789012345678901234567890123456789"), ACT_NEXT);
	VALUE(&w, "path", "/path");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "strict-mode on"), ACT_NEXT);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-uri /0123456789012345678901234567890123456789"), ACT_ERROR);
	make_request(&w, "GET /a%zz HTTP/1.1\nHost: h\n");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "normalize-uri percent-to-uppercase"), ACT_NEXT);
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "normalize-uri percent-to-uppercase strict"), ACT_INVALID);
	world_fini(&w);
}
END_TEST

START_TEST(maps_by_rules)
{
	struct world w;

	setup(&w);
	make_request(&w, "GET /k HTTP/1.1\nHost: h\n");
	VALUE(&w, "str(/k),map(virt@m,none)", "none");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-map(virt@m) %[path] first"), ACT_NEXT);
	VALUE(&w, "str(/k),map(virt@m,none)", "first");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "set-map(virt@m) %[path] v-%[hdr(host)]"), ACT_NEXT);
	VALUE(&w, "str(/k),map(virt@m,none)", "v-h");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "del-map(virt@m) %[path]"), ACT_NEXT);
	VALUE(&w, "str(/k),map(virt@m,none)", "none");
	COND(&w, "{ path -f virt@a }", "no");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "add-acl(virt@a) %[path]"), ACT_NEXT);
	COND(&w, "{ path -f virt@a }", "yes");
	ck_assert_int_eq(run_one(&w, RS_HTTP_REQ, "del-acl(virt@a) %[path]"), ACT_NEXT);
	COND(&w, "{ path -f virt@a }", "no");
	world_fini(&w);
}
END_TEST

/* --- bytes of connections --- */

START_TEST(payload)
{
	struct world w;

	setup(&w);
	w.x.req_full = true;
	w.x.req_buf = str_make("\x00\x03" "abcdef", 8);
	VALUE(&w, "req.len", "8");
	VALUE(&w, "req.payload(2,3)", "616263");
	VALUE(&w, "req.payload(2,0)", "616263646566");
	VALUE(&w, "req.payload(2,7)", "<none>");
	VALUE(&w, "req.payload_lv(0,2)", "616263");
	VALUE(&w, "req.payload_lv(0,2,4)", "636465");
	VALUE(&w, "req.payload_lv(0,2,+1)", "626364");
	VALUE(&w, "req.payload_lv(0,2,-1)", "036162");
	VALUE(&w, "req.payload_lv(2,1)", "<none>");
	VALUE(&w, "req.payload_lv(0,0)",
	      "ERR invalid args in fetch method 'req.payload_lv' : payload length must be > 0");
	VALUE(&w, "req.payload_lv(0,1,-5)",
	      "ERR invalid args in fetch method 'req.payload_lv' : payload offset2 too negative");
	w.x.req_full = false;
	VALUE(&w, "req.payload(2,7)", "<wait>");
	w.x.final = false;
	COND(&w, "{ req.len lt 5 }", "wait");
	COND(&w, "REQ_CONTENT", "yes");
	COND(&w, "{ req.payload(2,3) -m bin 616263 }", "yes");
	w.x.res_buf = STR("DIST00000001ARGC00000002ARGV00000003gccARGV00000002-cDOTI00000004body");
	w.x.dir = X_RES;
	w.x.res_full = true;
	VALUE(&w, "distcc_param(DIST)", "1");
	VALUE(&w, "distcc_body(ARGV)", "676363");
	VALUE(&w, "distcc_body(ARGV,2)", "2d63");
	VALUE(&w, "distcc_param(DOTI)", "4");
	VALUE(&w, "distcc_body(DOTI)", "626f6479");
	VALUE(&w, "distcc_param(NOPE)", "<none>");
	VALUE(&w, "res.len", "69");
	VALUE(&w, "payload(0,4)", "44495354");
	world_fini(&w);
}
END_TEST

START_TEST(rdp)
{
	static const char hello[] = "\x03\x00\x00\x2a\x25\xe0\x00\x00\x00\x00\x00"
				    "Cookie: mstshash=user1\r\n"
				    "\x01\x00\x08\x00"
				    "\x03\x00\x00";
	struct world w;

	setup(&w);
	w.x.req_buf = str_make(hello, sizeof(hello) - 1);
	VALUE(&w, "req.rdp_cookie", "user1");
	VALUE(&w, "rdp_cookie(MSTSHASH)", "user1");
	VALUE(&w, "rdp_cookie(msts)", "<none>");
	VALUE(&w, "req.rdp_cookie_cnt", "1");
	COND(&w, "RDP_COOKIE", "yes");
	w.x.req_buf.n = 20;
	w.x.final = false;
	COND(&w, "RDP_COOKIE", "wait");
	w.x.req_full = true;
	COND(&w, "RDP_COOKIE", "no");
	world_fini(&w);
}
END_TEST

/* What OpenSSL sends for TLS 1.2 to a.example with ALPN h2 and http/1.1. */
static const unsigned char hello12[] = {
	0x16, 0x03, 0x01, 0x00, 0xc1, 0x01, 0x00, 0x00, 0xbd, 0x03, 0x03, 0x24, 0xe1, 0x44, 0xd4, 0x4a,
	0x62, 0x2f, 0x13, 0xe6, 0xa1, 0x3c, 0x91, 0xc9, 0x7b, 0xc4, 0xf3, 0x46, 0x11, 0x3d, 0x3e, 0xe6,
	0x17, 0x0b, 0x77, 0x8a, 0x54, 0x3e, 0x6a, 0x34, 0x57, 0xdc, 0xb5, 0x00, 0x00, 0x1e, 0xc0, 0x2c,
	0xc0, 0x30, 0xc0, 0x2b, 0xc0, 0x2f, 0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x24, 0xc0, 0x28, 0xc0, 0x23,
	0xc0, 0x27, 0x00, 0x9f, 0x00, 0x9e, 0x00, 0x6b, 0x00, 0x67, 0x00, 0xff, 0x01, 0x00, 0x00, 0x76,
	0x00, 0x00, 0x00, 0x0e, 0x00, 0x0c, 0x00, 0x00, 0x09, 0x61, 0x2e, 0x65, 0x78, 0x61, 0x6d, 0x70,
	0x6c, 0x65, 0x00, 0x0b, 0x00, 0x04, 0x03, 0x00, 0x01, 0x02, 0x00, 0x0a, 0x00, 0x0c, 0x00, 0x0a,
	0x00, 0x1d, 0x00, 0x17, 0x00, 0x1e, 0x00, 0x19, 0x00, 0x18, 0x00, 0x23, 0x00, 0x00, 0x00, 0x10,
	0x00, 0x0e, 0x00, 0x0c, 0x02, 0x68, 0x32, 0x08, 0x68, 0x74, 0x74, 0x70, 0x2f, 0x31, 0x2e, 0x31,
	0x00, 0x16, 0x00, 0x00, 0x00, 0x17, 0x00, 0x00, 0x00, 0x0d, 0x00, 0x2a, 0x00, 0x28, 0x04, 0x03,
	0x05, 0x03, 0x06, 0x03, 0x08, 0x07, 0x08, 0x08, 0x08, 0x09, 0x08, 0x0a, 0x08, 0x0b, 0x08, 0x04,
	0x08, 0x05, 0x08, 0x06, 0x04, 0x01, 0x05, 0x01, 0x06, 0x01, 0x03, 0x03, 0x03, 0x01, 0x03, 0x02,
	0x04, 0x02, 0x05, 0x02, 0x06, 0x02,
};

START_TEST(client_hello)
{
	struct world w;

	setup(&w);
	w.x.req_buf = str_make((const char *)hello12, sizeof(hello12));
	VALUE(&w, "req.ssl_hello_type", "1");
	VALUE(&w, "req.ssl_sni", "a.example");
	VALUE(&w, "req.ssl_alpn", "h2");
	VALUE(&w, "req.ssl_ec_ext", "1");
	VALUE(&w, "req.ssl_st_ext", "1");
	VALUE(&w, "req.ssl_ver", "196611");
	VALUE(&w, "req.ssl_cipherlist,bytes(0,2),hex", "C02C");
	VALUE(&w, "req.ssl_keyshare_groups", "<none>");
	COND(&w, "{ req.ssl_ver 3.3 }", "yes");
	COND(&w, "{ req.ssl_ver gt 3.2 }", "yes");
	COND(&w, "{ req.ssl_ver 3.0:3.2 }", "no");
	COND(&w, "{ req_ssl_sni a.example b.example }", "yes");
	w.x.final = false;
	w.x.req_buf.n = 100;
	COND(&w, "{ req.ssl_hello_type 1 }", "wait");
	w.x.req_full = true;
	COND(&w, "{ req.ssl_hello_type 1 }", "no");
	w.x.req_full = false;
	w.x.req_buf = STR("GET / HTTP/1.1\r\n");
	COND(&w, "{ req.ssl_hello_type 1 }", "no");
	w.x.res_buf = str_make("\x16\x03\x03\x00\x06\x02\x00\x00\x02zz", 11);
	VALUE(&w, "res.ssl_hello_type", "2");
	w.x.res_buf.n = 10;
	VALUE(&w, "res.ssl_hello_type", "<wait>");
	world_fini(&w);
}
END_TEST

/* TCP mode: a rule that asks for HTTP parses what is there. */
START_TEST(http_in_tcp)
{
	struct world w;

	setup(&w);
	w.x.final = false;
	w.x.req_buf = STR("GET /x HTTP/1.1\r\nHost: a.b");
	COND(&w, "HTTP", "wait");
	w.x.req_buf = STR("GET /x HTTP/1.1\r\nHost: a.b\r\n\r\n");
	COND(&w, "HTTP", "yes");
	w.x.req = NULL;
	VALUE(&w, "req.hdr(host)", "a.b");
	w.x.req = NULL;
	w.x.req_buf = STR("nonsense\r\n\r\n");
	COND(&w, "HTTP", "no");
	COND(&w, "!HTTP", "yes");
	world_fini(&w);
}
END_TEST

START_TEST(credentials)
{
	struct world w;
	struct userlist ul = { .name = STR("ul") };
	struct ul_user alice = { .name = STR("alice"), .password = STR("secret"), .groups = STR("admins") };
	struct ul_user bob = { .name = STR("bob"), .crypted = true,
			       .password = STR("$6$k6y3o.eP$JlKBx9za9667qe4.xHSwRv6J.C0/D7cV91") };
	struct ul_group admins = { .name = STR("admins") }, users = { .name = STR("users"), .users = STR("bob,alice") };
	struct arg_todo *todo;

	setup(&w);
	list_init(&ul.users);
	list_init(&ul.groups);
	list_push(&ul.users, &alice.link);
	list_push(&ul.users, &bob.link);
	list_push(&ul.groups, &admins.link);
	list_push(&ul.groups, &users.link);
	make_request(&w, "GET / HTTP/1.1\nAuthorization: Basic YWxpY2U6c2VjcmV0\n");
	VALUE(&w, "http_auth_user", "alice");
	VALUE(&w, "http_auth(ul)", "<none>");
	ck_assert(!list_empty(&w.unresolved));
	todo = list_first(&w.unresolved, struct arg_todo, link);
	ck_assert_str_eq(todo->kw, "http_auth");
	ck_assert(str_eqz(todo->arg->s, "ul"));
	{
		struct str words[] = { STR_INIT("{"), STR_INIT("http_auth(ul)"), STR_INIT("}"), STR_INIT("{"),
				       STR_INIT("http_auth_group(ul)"), STR_INIT("users"), STR_INIT("}") };
		struct cond *c = cond_compile(&w.sc, words, 7, false, &w.err);

		ck_assert_ptr_nonnull(c);
		list_each(todo, &w.unresolved, link)
			todo->arg->p = &ul;
		ck_assert_int_eq(cond_eval(c, &w.x), COND_TRUE);
		make_request(&w, "GET / HTTP/1.1\nAuthorization: Basic YWxpY2U6d3Jvbmc=\n");
		ck_assert_int_eq(cond_eval(c, &w.x), COND_FALSE);
		make_request(&w, "GET / HTTP/1.1\nAuthorization: Bearer abc.def\n");
		ck_assert_int_eq(cond_eval(c, &w.x), COND_FALSE);
	}
	VALUE(&w, "http_auth_bearer", "abc.def");
	VALUE(&w, "http_auth_type", "Bearer");
	make_request(&w, "GET / HTTP/1.1\nX-Token: Bearer tok\n");
	VALUE(&w, "http_auth_bearer(X-Token)", "tok");
	VALUE(&w, "http_auth_user", "<none>");
	ck_assert(userlist_in_group(&ul, &alice, STR("admins")));
	ck_assert(userlist_in_group(&ul, &alice, STR("users")));
	ck_assert(!userlist_in_group(&ul, &bob, STR("admins")));
	ck_assert_ptr_null(userlist_check(&ul, STR("bob"), STR("x")));
	ck_assert_ptr_null(userlist_check(&ul, STR("nobody"), STR("x")));
	world_fini(&w);
}
END_TEST

START_TEST(forms)
{
	struct world w;

	setup(&w);
	make_request(&w, "POST /p?Name=q HTTP/1.1\nHost: h\nContent-Length: 18\n");
	w.req.flags |= MSG_HAS_LENGTH;
	w.req.body_len = 18;
	w.x.req_buf = STR("a=1&name=x%20y&b=2");
	VALUE(&w, "req.body_len", "18");
	VALUE(&w, "req.body_size", "18");
	VALUE(&w, "req.body_param(name)", "78253230" "79");
	VALUE(&w, "req.body_param(zz)", "<none>");
	VALUE(&w, "req.body_param(NAME)", "<none>");
	VALUE(&w, "req.body_param(NAME,i)", "7825323079");
	VALUE(&w, "req.body_param", "31");
	COND(&w, "{ req.body_param -m str 2 }", "yes");
	VALUE(&w, "url_param(name)", "<none>");
	VALUE(&w, "url_param(name,,i)", "q");
	VALUE(&w, "url_param(name,?,i)", "q");
	VALUE(&w, "url_param(name,?;,i)", "q");	/* the first character counts */
	VALUE(&w, "url_param(a,?,x)",
	      "ERR invalid args in fetch method 'url_param' : Only 'i' is accepted as third argument, "
	      "got 'x'");
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("rules");

	UNIT_TEST(s, in_order);
	UNIT_TEST(s, waiting);
	UNIT_TEST(s, messages);
	UNIT_TEST(s, responses);
	UNIT_TEST(s, binary_lists);
	UNIT_TEST(s, rewrite_limits);
	UNIT_TEST(s, maps_by_rules);
	UNIT_TEST(s, payload);
	UNIT_TEST(s, rdp);
	UNIT_TEST(s, client_hello);
	UNIT_TEST(s, http_in_tcp);
	UNIT_TEST(s, credentials);
	UNIT_TEST(s, forms);
	return unit_run(s);
}
