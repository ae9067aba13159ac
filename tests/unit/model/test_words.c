/* Words of lines and what is said when they are wrong. Most sentences are HAProxy's, word by word. */
#include "tests/unit/model/load.h"
#include "weir/model/forwarded.h"

#define BEFORE HTTP "listen l\n\tbind 127.0.0.1:1\n\t"

static void says(const char *line, const char *words)
{
	struct sbuf text = sbuf_grow();

	sbuf_printf(&text, BEFORE "%s\n", line);
	refused(sbuf_z(&text), words);
	sbuf_fini(&text);
}

/* Words of a server line that is right up to them. */
static void server(const char *words, const char *wanted)
{
	struct sbuf text = sbuf_grow();

	sbuf_printf(&text, "server s 1.1.1.1:80 %s", words);
	says(sbuf_z(&text), wanted);
	sbuf_fini(&text);
}

START_TEST(words_of_servers)
{
	server("weight -1", "'server l/s' : weight of server s is not within 0 and 256 (-1).");
	server("id x", "'id' : custom id has to be > 0.");
	server("rise -1", "'rise' has to be > 0.");
	server("fall x", "'fall' has to be > 0.");
	server("inter", "'inter' expects a delay as argument.");
	server("inter x", "unexpected character 'x' in 'inter' argument of server s.");
	server("fastinter 0", "invalid value 0 for argument 'fastinter' of server s.");
	server("agent-inter 0", "invalid value 0 for argument 'agent-inter' of server s.");
	server("slowstart x", "unexpected character 'x' in 'slowstart' argument of server s.");
	server("observe foo", "'observe' expects one of 'none', 'layer4', 'layer7' but got 'foo'.");
	server("error-limit 0", "error-limit has to be > 0.");
	server("on-marked-down foo", "'on-marked-down' expects 'shutdown-sessions' but got 'foo'.");
	server("on-marked-up foo", "'on-marked-up' expects 'shutdown-backup-sessions' but got 'foo'.");
	server("pool-max-conn -2", "'pool-max-conn' must be >= -1.");
	server("agent-check", "server s does not have agent port. Agent check has been disabled.");
	server("log-proto foo", "'log-proto' expects one of 'legacy' or 'octet-count' but got 'foo'.");
	server("redir", "'redir' expects <prefix> as argument.");
	server("cookie", "'cookie' expects <value> as argument.");
	server("addr foo:bar", "'addr' : invalid character 'b' in port number 'bar' in 'foo:bar'");
	server("check-alpn", "'check-alpn' : missing the comma-delimited ALPN protocol suite.");
	server("check-proto nope", "'check-proto' :  unknown MUX protocol 'nope'.");
	/* HAProxy takes these for numbers as far as they are ones; they are refused here. */
	server("maxconn x", "'maxconn' expects a non-negative integer, got 'x'.");
	server("maxconn -1", "'maxconn' expects a non-negative integer, got '-1'.");
	server("port 70000", "'port' expects a value between 0 and 65535, got '70000'.");
	server("agent-port 0", "'agent-port' expects a value between 1 and 65535, got '0'.");
}
END_TEST

START_TEST(words_of_balance)
{
	says("balance hdr()", "balance hdr requires an http header field name.");
	says("balance hdr(x", "balance hdr ");
	says("balance hdr(x) foo", "balance hdr(x) only accepts 'use_domain_only' modifier (got 'foo').");
	says("balance uri len x", "balance uri : 'len' expects a positive integer (got 'x').");
	says("balance uri len 0", "balance uri : 'len' expects a positive integer (got '0').");
	says("balance uri depth", "balance uri : 'depth' expects a positive integer (got '').");
	says("balance uri foo", "balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' (got "
			       "'foo').");
	says("balance url_param", "balance url_param requires an URL parameter name.");
	says("balance url_param x foo", "balance url_param only accepts 'check_post' modifier (got 'foo').");
	says("balance random(0)", "balance random : number of draws must be at least 1.");
	says("balance random(x)", "balance random : unexpected character 'x' after argument.");
	says("balance hash", "balance hash requires a sample expression.");
	says("balance hash foo", "failed to parse 'balance hash' expression 'foo' in : unknown fetch method 'foo'.");
	says("balance rdp-cookie()", "balance rdp-cookie : missing cookie name.");
	says("hash-type", "'hash-type' only supports 'consistent' and 'map-based'.");
	says("hash-type map-based foo", "hash functions.");
	says("hash-type map-based sdbm foo", "'hash-type' only supports 'avalanche' as a modifier for hash functions.");
	says("hash-type avalanche", "experimental feature 'hash-type avalanche' is not supported anymore, please use "
				   "'hash-type map-based sdbm avalanche' instead.");
	says("hash-balance-factor 100", "'hash-balance-factor' must be 0 or greater than 100.");
}
END_TEST

static const struct lb_words *lb(const char *lines)
{
	static struct conf *c;
	struct sbuf text = sbuf_grow();

	if (c)
		conf_unref(c);
	sbuf_printf(&text, HTTP "backend b\n%s", lines);
	c = good(sbuf_z(&text));
	sbuf_fini(&text);
	return &conf_backend(c, STR("b"))->lb;
}

START_TEST(what_balance_says)
{
	const struct lb_words *w = lb("\tbalance uri len 5 depth 2 whole path-only\n");

	ck_assert(w->arg1 == 5 && w->arg2 == 3 && w->whole && w->path_only && w->http);
	w = lb("\tbalance hdr(Host) use_domain_only\n\thash-type consistent\n");
	ck_assert(str_eqz(w->name, "host") && w->domain_only);
	ck_assert(w->type == HASH_CONSISTENT && w->func == HASH_SDBM && w->avalanche);
	w = lb("\thash-type map-based djb2\n\tbalance source\n");
	ck_assert(w->type == HASH_MAP && w->func == HASH_DJB2 && !w->avalanche && !w->http);
	w = lb("\thash-type consistent crc32 avalanche\n\thash-balance-factor 150\n\tbalance url_param x check_post\n");
	ck_assert(w->func == HASH_CRC32 && w->avalanche && w->factor == 150 && w->check_post);
	w = lb("\tbalance random(3)\n");
	ck_assert_int_eq(w->arg1, 3);
	w = lb("\tbalance rdp-cookie\n");
	ck_assert(str_eqz(w->name, "mstshash"));
	w = lb("\tbalance\n");
	ck_assert_str_eq(w->name_of_algo, "roundrobin");
	/* Another algorithm forgets the words of the one before, not what all share. */
	w = lb("\tbalance uri whole len 3\n\thash-type consistent wt6\n\tbalance uri\n");
	ck_assert(!w->whole && !w->arg1 && w->func == HASH_WT6);
}
END_TEST

START_TEST(words_of_cookie)
{
	says("cookie x insert domain", "'domain' expects <domain> as argument.");
	says("cookie x insert domain .f_o.x", "character '_' is not permitted in domain name '.f_o.x'.");
	says("cookie x insert maxidle", "'maxidle' expects <idletime> in seconds as argument.");
	says("cookie x insert maxlife 99999999999", "timer overflow in argument <99999999999> to <maxlife>, maximum "
						   "value is 2147483647 s (~68 years).");
	says("cookie x insert maxidle 999999999d", "timer overflow in argument <999999999d> to <maxidle>");
	says("cookie x attr", "'attr' expects <value> as argument.");
	says("cookie x insert attr a;b", "character '%x3B' is not permitted in attribute value.");
	says("cookie x insert foo", "'cookie' supports 'rewrite', 'insert', 'prefix', 'indirect', 'nocache', "
				   "'postonly', 'domain', 'maxidle', 'dynamic', 'maxlife' and 'attr' options.");
	says("dynamic-cookie-key", "'dynamic-cookie-key' expects <secret_key> as argument.");
	warned(BEFORE "cookie x insert domain foo\n", "domain 'foo' contains no embedded dot, this configuration may "
		      "not work properly (see RFC6265#5.2.3).");
}
END_TEST

START_TEST(what_cookie_says)
{
	struct conf *c = good(HTTP "backend b\n\tdynamic-cookie-key k\n\tcookie A insert indirect nocache\n"
				   "\tcookie SRV insert dynamic domain .a.b domain c.d maxidle 30m maxlife 8h attr "
				   "SameSite=None attr X secure httponly\n");
	const struct cookie_words *w = &conf_backend(c, STR("b"))->cookie;

	ck_assert(str_eqz(w->name, "SRV") && str_eqz(w->dyn_key, "k"));
	ck_assert_uint_eq(w->flags, CK_DYNAMIC | CK_SECURE | CK_HTTPONLY);	/* the line before counts no more */
	ck_assert_uint_eq(w->mode, COOKIE_INSERT);
	ck_assert(str_eqz(w->domain, "; domain=.a.b; domain=c.d"));
	ck_assert(str_eqz(w->attr, "; SameSite=None; X"));
	ck_assert(w->maxidle == 1800 && w->maxlife == 28800);
	conf_unref(c);
}
END_TEST

/* The number depends on key, address and port; key and address are simply put together. */
START_TEST(numbers_of_dynamic_cookies)
{
	struct addr a, v6, none = { 0 };
	uint64_t first;

	addr_set4(&a, "\x7f\0\0\1", 8080);
	addr_set6(&v6, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x05", 8080);
	ck_assert_uint_eq(cookie_dynamic_value(STR(""), &a), 0);
	first = cookie_dynamic_value(STR("key"), &a);
	ck_assert_uint_eq(first, cookie_dynamic_value(STR("key"), &a));
	ck_assert_uint_ne(first, cookie_dynamic_value(STR("kez"), &a));
	ck_assert_uint_ne(first, cookie_dynamic_value(STR("key"), &v6));
	ck_assert_uint_ne(first, cookie_dynamic_value(STR("key"), &none));
	addr_set_port(&a, 8081);
	ck_assert_uint_ne(first, cookie_dynamic_value(STR("key"), &a));
}
END_TEST

START_TEST(words_of_timeouts)
{
	says("timeout foo 3", "'client-fin' and 'server-fin' (got 'foo')");
	says("timeout", "'client-fin' and 'server-fin' (got '')");
	says("timeout client 1s 2s", "'timeout client' : unexpected extra argument '2s' after value '1s'.");
	says("timeout connect -1", "unexpected character '-' in 'timeout connect'");
	says("timeout tarpit 1.5s", "unexpected character '.' in 'timeout tarpit'");
	says("contimeout 3", "Use 'timeout connect'.");
}
END_TEST

START_TEST(words_of_binds)
{
	static const struct { const char *words, *says; } cases[] = {
		{ "level foo", "'level' only supports 'user', 'operator', and 'admin' (got 'foo')" },
		{ "id", "'id' : expects an integer argument" },
		{ "id x", "'id' : expects an integer argument, found 'x'" },
		{ "severity-output foo", "'severity-output' only supports 'none', 'number', and 'string' (got 'foo')" },
		{ "expose-fd foo", "'expose-fd' only supports 'listeners' (got 'foo')" },
		{ "name", "'name' : missing name" },
		{ "backlog -1", "'backlog' : invalid value -1, must be >= 0" },
		{ "guid-prefix a/b", "'guid-prefix': invalid character '/'" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sbuf line = sbuf_grow();

		sbuf_printf(&line, "bind 127.0.0.1:2 %s", cases[i].words);
		says(sbuf_z(&line), cases[i].says);
		sbuf_fini(&line);
	}
	conf_unref(good(BEFORE "bind 127.0.0.1:2 backlog 0 maxconn 0\n"));
}
END_TEST

START_TEST(option_forwarded)
{
	struct conf *c = good(HTTP "backend a\n\toption forwarded\nbackend b\n\toption forwarded host-expr "
				   "req.hdr(host),lower by by_port for-expr src for_port-expr int(1) proto\n"
				   "backend c\n\toption forwarded host for\n\tno option forwarded\n");
	const struct forwarded_opt *a = conf_backend(c, STR("a"))->forwarded, *b = conf_backend(c, STR("b"))->forwarded;

	ck_assert(a->proto && a->forr.how == FORWARDED_OWN && !a->by.how && !a->host_how && !a->forr.port_how);
	ck_assert(b->proto && b->host_how == FORWARDED_EXPR && b->host_expr);
	ck_assert(b->by.how == FORWARDED_OWN && b->by.port_how == FORWARDED_OWN);
	ck_assert(b->forr.how == FORWARDED_EXPR && b->forr.expr && b->forr.port_how == FORWARDED_EXPR);
	ck_assert_ptr_null(conf_backend(c, STR("c"))->forwarded);
	conf_unref(c);
	says("option forwarded foo", "unknown parameter 'foo' for 'option forwarded'.");
	says("option forwarded format", "unknown parameter 'format'");
	says("option forwarded host-expr", "'option forwarded': missing expr.");
	says("option forwarded for-expr nosuch", "unknown fetch method 'nosuch'");
	says("option forwarded by_port", "'by_port' needs 'by' as well.");
	says("option forwarded for_port", "'for_port' needs 'for' as well.");
}
END_TEST

START_TEST(names_that_stay)
{
	struct conf *c = good(HTTP "frontend f\n\tguid fe:1\n\tbind 127.0.0.1:1,127.0.0.1:2 guid-prefix p\n"
				   "backend b\n\tguid be.1\n\tserver s 1.1.1.1:80 guid s_1\n");
	const struct proxy *f = conf_frontend(c, STR("f"));

	ck_assert(str_eqz(f->guid, "fe:1"));
	ck_assert(str_eqz(list_first(&f->binds, struct bind, link)->guid, "p-1"));
	ck_assert(str_eqz(proxy_server(conf_backend(c, STR("b")), STR("s"))->guid, "s_1"));
	conf_unref(c);
	says("guid a b", "");
	says("guid", "'guid' : expects an argument");
	says("guid a/b", "'guid': invalid character '/'");
	says("guid x\nbackend b\n\tguid x", "'guid': duplicate entry with proxy l");
	says("guid x\n\tserver s 1.1.1.1:80 guid x", "'guid': duplicate entry with proxy l");
	says("server s 1.1.1.1:80 guid x\n\tserver t 1.1.1.1:80 guid x", "'guid': duplicate entry with server l/s");
	says("default-server guid x", "'guid' option is not accepted in default-server sections.");
}
END_TEST

START_TEST(userlists)
{
	warned("userlist u\nuserlist u\n", "ignoring duplicated userlist 'u'.");
	warned("userlist u\n\tuser a insecure-password x\n\tuser a insecure-password y\n",
	       "ignoring duplicated user 'a' in userlist 'u'.");
	warned("userlist u\n\tgroup g\n\tgroup g\n", "ignoring duplicated group 'g' in userlist 'u'.");
	refused("userlist\n", "'userlist' expects <name> as arguments.");
	refused("userlist u\n\tuser\n", "'user' expects <name> as arguments.");
	refused("userlist u\n\tgroup g foo\n", "'group' only supports 'users' option.");
	refused("userlist u\n\tuser a foo\n", "'user' only supports 'password', 'insecure-password' and 'groups' "
					     "options.");
	refused("userlist u\n\tgroup g users a,b\n\tuser a\n", "no such user 'b' specified in group 'g'");
}
END_TEST

/* What sockets and muxes are told. */
START_TEST(limits)
{
	struct conf *c = good("global\n\ttune.h2.max-concurrent-streams 50\n\ttune.h2.fe.max-concurrent-streams 60\n"
			      "\ttune.h2.initial-window-size 100000\n\ttune.h2.be.initial-window-size 200000\n" HTTP
			      "\ttimeout http-keep-alive 7s\n\ttimeout client-fin 3s\n"
			      "frontend f\n\tmaxconn 77\n\tbind 127.0.0.1:1\n\tbind 127.0.0.1:2 backlog 5\n"
			      "\toption http-ignore-probes\n"
			      "backend b\n\tserver s 1.1.1.1:80 max-reuse 0\n\tserver t 1.1.1.1:80\n");
	const struct bind *l = list_first(&conf_frontend(c, STR("f"))->binds, struct bind, link);
	const struct proxy *b = conf_backend(c, STR("b"));
	const struct mux_limits *s = &proxy_server(b, STR("s"))->lim;

	ck_assert_uint_eq(l->lim.h2_streams, 60);
	ck_assert_uint_eq(s->h2_streams, 50);
	ck_assert_uint_eq(l->lim.h2_window, 100000);
	ck_assert_uint_eq(s->h2_window, 200000);
	ck_assert_uint_eq(l->lim.h2_header_table, 4096);
	ck_assert(l->lim.t_keepalive == 7000 && l->lim.t_client_fin == 3000 && l->lim.ignore_probes);
	ck_assert_uint_eq(l->lim.bufsize, 16384);
	ck_assert_int_eq(l->net.backlog, 77);
	ck_assert_int_eq(container_of(l->link.next, struct bind, link)->net.backlog, 5);
	ck_assert_uint_eq(s->max_requests, 1);
	ck_assert_uint_eq(proxy_server(b, STR("t"))->lim.max_requests, 0);
	conf_unref(c);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("words");
	int failed;

	tables_up();
	UNIT_TEST(s, words_of_servers);
	UNIT_TEST(s, words_of_balance);
	UNIT_TEST(s, what_balance_says);
	UNIT_TEST(s, words_of_cookie);
	UNIT_TEST(s, what_cookie_says);
	UNIT_TEST(s, numbers_of_dynamic_cookies);
	UNIT_TEST(s, words_of_timeouts);
	UNIT_TEST(s, words_of_binds);
	UNIT_TEST(s, option_forwarded);
	UNIT_TEST(s, names_that_stay);
	UNIT_TEST(s, userlists);
	UNIT_TEST(s, limits);
	failed = unit_run(s);
	sbuf_fini(&said);
	return failed;
}
