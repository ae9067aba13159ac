#include <stdio.h>
#include "tests/unit/unit.h"
#include "weir/base/obj.h"
#include "weir/conf/load.h"
#include "weir/net/conf_net.h"

/* A section with the three kinds of lines, each into one struct. */
static struct bind_net bind_base, binds[16];
static int nbinds;
static struct server_net server;
static struct source_net source;

static bool keep_bind(const struct bind_net *n, void *arg)
{
	if (nbinds < (int)ARRAY_LEN(binds))
		binds[nbinds++] = *n;
	return true;
}

static bool line_bind(struct kw_call *k)
{
	int word = k->at++;
	bool ok = bind_net_addresses(k, word, "bind", &bind_base, STR_NONE, AC_BIND, keep_bind, NULL);

	return kw_words(k, KW_BIND, &binds[0], "bind :") && ok;
}

static bool line_server(struct kw_call *k)
{
	return kw_words(k, KW_SERVER, &server, "'server s' :");
}

static const struct kw lines[] = {
	{ .name = "bind", .scopes = KW_LISTEN, .type = KT_PARSE, .parse = line_bind },
	{ .name = "server", .scopes = KW_LISTEN, .type = KT_PARSE, .parse = line_server },
};
static const struct kw_table tables[] = {
	{ lines, ARRAY_LEN(lines), 0, 0 },
	{ net_bind_kws, NET_BIND_KWS, 0, 0 },
	{ net_server_kws, NET_SERVER_KWS, 0, 0 },
	{ net_source_kws, NET_SOURCE_KWS, 0, 0 },
	{ NULL, 0, 0, 0 },
};

static bool begin(struct kw_call *k)
{
	k->ld->obj = &source;
	k->at = k->n;
	return true;
}

static const struct section_row rows[] = { { .name = "listen", .scope = KW_LISTEN, .begin = begin } };
static const struct section_table sections[] = { { rows, 1 }, { NULL, 0 } };
static const struct conf_facts facts;
static const struct conf_registry registry = { .keywords = tables, .sections = sections, .facts = &facts };

static char said[4096];

/* Errors of one line inside the section; what was said is in `said`. */
static int load(const char *line)
{
	static struct arena mem;
	struct diag d = { 0 };
	struct loader ld;
	char text[512];
	int errors;

	arena_fini(&mem);
	arena_init(&mem, 4096);
	memset(said, 0, sizeof(said));
	memset(&server, 0, sizeof(server));
	memset(&source, 0, sizeof(source));
	nbinds = 0;
	bind_net_init(&bind_base);
	binds[0] = bind_base;
	d.to = fmemopen(said, sizeof(said) - 1, "w");
	conf_register(&registry);
	loader_init(&ld, &d, &mem, NULL);
	snprintf(text, sizeof(text), "listen x\n %s\n", line);
	loader_text(&ld, "F", str_c(text));
	loader_finish(&ld);
	errors = ld.errors;
	loader_fini(&ld);
	fclose(d.to);
	return errors;
}

static void good(const char *line)
{
	ck_assert_msg(load(line) == 0, "%s: %s", line, said);
}

static void bad(const char *line, const char *why)
{
	ck_assert_msg(load(line) > 0, "%s was taken", line);
	ck_assert_msg(strstr(said, why) != NULL, "%s: %s", line, said);
}

START_TEST(bind_addresses)
{
	good("bind 127.0.0.1:1080-1082,:81");
	ck_assert_int_eq(nbinds, 4);
	ck_assert_int_eq(addr_port(&binds[2].addr), 1082);
	ck_assert_int_eq(addr_port(&binds[3].addr), 81);
	ck_assert(str_eqz(binds[1].text, "127.0.0.1:1080-1082"));
	good("bind /tmp/x");
	ck_assert_int_eq(nbinds, 1);
	ck_assert_int_eq(addr_family(&binds[0].addr), AF_UNIX);
	bad("bind :80,:x,:81", "'bind' : invalid character 'x' in port number 'x' in ':x'");
	ck_assert_int_eq(nbinds, 2);		/* the others were read all the same */
	bad("bind ,:80", "'bind' : '' resolves to an empty address (environment variable missing?)");
	bad("bind 127.0.0.1", "'bind' : missing port specification in '127.0.0.1'");
}
END_TEST

START_TEST(bind_words)
{
	const struct bind_net *n = &binds[0];

	good("bind :80 accept-proxy backlog 5 defer-accept interface lo maxconn 7 mode 0660 mss -1400 tfo "
	     "transparent tcp-ut 3s shards 2 uid 3 gid 4 v6only tcp-md5sig secret");
	ck_assert(n->accept_proxy && n->defer_accept && n->tfo && n->transparent);
	ck_assert_int_eq(n->backlog, 5);
	ck_assert(str_eqz(n->interface, "lo"));
	ck_assert_int_eq(n->maxconn, 7);
	ck_assert_uint_eq(n->mode, 0660);
	ck_assert_int_eq(n->mss, -1400);
	ck_assert_uint_eq(n->tcp_ut, 3000);
	ck_assert_int_eq(n->shards, 2);
	ck_assert_int_eq(n->uid, 3);
	ck_assert_int_eq(n->gid, 4);
	ck_assert_int_eq(n->v6only, 1);
	ck_assert(str_eqz(n->tcp_md5sig, "secret"));
	good("bind :80 user root group root v4v6 shards by-thread");
	ck_assert_int_eq(n->uid, 0);
	ck_assert_int_eq(n->gid, 0);
	ck_assert_int_eq(n->v6only, 0);
	ck_assert_int_eq(n->shards, SHARDS_BY_THREAD);
}
END_TEST

START_TEST(bind_threads)
{
	const uint64_t *t = binds[0].threads;

	good("bind :80 thread 1-2");
	ck_assert_uint_eq(t[0], 3);
	good("bind :80 thread 1/3,66");
	ck_assert_uint_eq(t[0], 4);
	ck_assert_uint_eq(t[1], 2);
	good("bind :80 thread 1/odd");
	ck_assert_uint_eq(t[3], UINT64_C(0x5555555555555555));
	good("bind :80 thread even");
	ck_assert_uint_eq(t[0], UINT64_C(0xaaaaaaaaaaaaaaaa));
	good("bind :80 thread 1/all thread 2-1");
	ck_assert_uint_eq(t[2], UINT64_MAX);
	good("bind :80 thread 255-");
	ck_assert_uint_eq(t[3], UINT64_C(3) << 62);
	bad("bind :80 thread x", "'x' is not a valid number/range");
	bad("bind :80 thread 0", "'0' is not a valid number/range. It supports numbers from 1 to 256.");
	bad("bind :80 thread 257", "'257' is not a valid number/range");
	bad("bind :80 thread 2/1", "'2/1' thread-group number must be between 1 and 1 (was 2)");
	bad("bind :80 thread", "'thread' : missing thread set");
}
END_TEST

START_TEST(bind_mistakes)
{
	bad("bind :80 backlog -1", "'backlog' : invalid value -1, must be >= 0");
	bad("bind :80 maxconn -1", "'maxconn' : invalid value -1, must be >= 0");
	bad("bind :80 maxconn x", "'maxconn' : expects an integer argument, found 'x'");
	bad("bind :80 maxconn", "'maxconn' : missing value");
	bad("bind :80 nice 5000", "'nice' : invalid value 5000, allowed range is -1024..1024");
	bad("bind :80 mode 9", "'mode' : missing or invalid mode '9' (octal integer expected)");
	bad("bind :80 mode", "'mode' : missing or invalid mode '' (octal integer expected)");
	bad("bind :80 mss", "'mss' : missing MSS value");
	bad("bind :80 mss 70000", "'mss' : expects an MSS");
	bad("bind :80 user nosuchuser", "'user' : unknown user name 'nosuchuser'");
	bad("bind :80 group nosuchgroup", "'group' : unknown group name 'nosuchgroup'");
	bad("bind :80 interface", "'interface' : missing interface name");
	bad("bind :80 tcp-ut x", "'tcp-ut' : expects a positive delay in milliseconds");
	bad("bind :80 tcp-ut 30d", "timer overflow in argument '30d' to 'tcp-ut'");
	bad("bind :80 shards x", "'shards' : invalid value x, allowed range is 1..256 or 'by-thread'");
	bad("bind :80 namespace nosuchns", "Cannot open namespace 'nosuchns'.");
	bad("bind :80 foo", "unknown keyword 'foo'");
}
END_TEST

START_TEST(server_proxy_protocol)
{
	good("server send-proxy-v2-ssl-cn proxy-v2-options crc32c,authority");
	ck_assert_int_eq(server.proxy_version, 2);
	ck_assert_uint_eq(server.pp_options, PPO_SSL | PPO_SSL_CN | PPO_CRC32C | PPO_AUTHORITY);
	good("server send-proxy no-send-proxy");
	ck_assert_int_eq(server.proxy_version, 0);
	good("server send-proxy no-send-proxy-v2");
	ck_assert_int_eq(server.proxy_version, 1);
	good("server send-proxy-v2 send-proxy");
	ck_assert_int_eq(server.proxy_version, 2);
	good("server send-proxy-v2 send-proxy no-send-proxy-v2");
	ck_assert_int_eq(server.proxy_version, 1);
	good("server send-proxy-v2 set-proxy-v2-tlv-fmt(0xE1) \"%[fc_pp_tlv(0xE1)]\" set-proxy-v2-tlv-fmt(17) x");
	ck_assert_uint_eq(server.tlvs->type, 0xe1);
	ck_assert(str_eqz(server.tlvs->fmt, "%[fc_pp_tlv(0xE1)]"));
	ck_assert_uint_eq(server.tlvs->next->type, 17);
	ck_assert_ptr_null(server.tlvs->next->next);
	bad("server proxy-v2-options ssl,foo", "'foo' : proxy v2 option not implemented.");
	bad("server proxy-v2-options", "'' : proxy v2 option not implemented.");
	bad("server set-proxy-v2-tlv-fmt(300) x", "the TLV type must be a number from 0 to 255");
	bad("server set-proxy-v2-tlv-fmt(0xG1) x", "the TLV type must be a number");
	bad("server set-proxy-v2-tlv-fmt(1", "missing closing parenthesis");
	bad("server set-proxy-v2-tlv-fmt(1)", "missing format");
}
END_TEST

START_TEST(server_source)
{
	const struct source_net *s = &server.source;
	char buf[ADDR_TEXT_MAX];

	good("server source 1.2.3.4:1000-2000 usesrc clientip interface lo tfo");
	ck_assert(server.source_set && server.tfo);
	ck_assert_int_eq(s->port_low, 1000);
	ck_assert_int_eq(s->port_high, 2000);
	ck_assert_int_eq(s->usesrc, USESRC_CLIENTIP);
	ck_assert(str_eqz(s->interface, "lo"));
	good("server source 0.0.0.0 usesrc hdr_ip(x-forwarded-for,-2)");
	ck_assert(!addr_isset(&s->addr));
	ck_assert_int_eq(s->usesrc, USESRC_HDR_IP);
	ck_assert(str_eqz(s->usesrc_hdr, "x-forwarded-for"));
	ck_assert_int_eq(s->usesrc_occ, -2);
	good("server source * usesrc 5.6.7.8:90");
	ck_assert(str_eqz(addr_text(&s->usesrc_addr, buf), "5.6.7.8:90"));
	good("source 1.2.3.4 usesrc client");
	ck_assert_int_eq(source.usesrc, USESRC_CLIENT);
	bad("source 1.2.3.4:1-2", "'source 1.2.3.4:1-2' : port range not permitted here in '1.2.3.4:1-2'");
	bad("server source", "'source' expects <addr>[:<port>[-<port>]]");
	bad("server source 1.2.3.4:90-80", "'source 1.2.3.4:90-80' : invalid port range '90-80'");
	bad("server source 1.2.3.4:+80", "'source 1.2.3.4:+80' : port offset not permitted here in '1.2.3.4:+80'");
	bad("server source 1.2.3.4 usesrc", "'usesrc' expects <addr>[:<port>], 'client', 'clientip'");
	bad("server source 1.2.3.4 usesrc no-such.invalid", "'usesrc no-such.invalid' : invalid address");
	bad("server source 1.2.3.4 usesrc hdr_ip(x,-11)", "does not support negative occurrences");
	bad("server source 1.2.3.4 usesrc hdr_ip()", "missing header name");
	bad("server source 1.2.3.4 interface", "missing interface name");
	bad("server usesrc client", "'usesrc' only allowed after a 'source' statement.");
}
END_TEST

START_TEST(server_rest)
{
	char buf[ADDR_TEXT_MAX];

	good("server socks4 1.2.3.4:1080 tcp-ut 5s tcp-md5sig pw init-addr last,libc,1.2.3.4,none");
	ck_assert(str_eqz(addr_text(&server.socks4, buf), "1.2.3.4:1080"));
	ck_assert_uint_eq(server.tcp_ut, 5000);
	ck_assert_uint_eq(server.init_addr[0], INIT_ADDR_LAST);
	ck_assert_uint_eq(server.init_addr[2], INIT_ADDR_IP);
	ck_assert_uint_eq(server.init_addr[3], INIT_ADDR_NONE);
	ck_assert_uint_eq(server.init_addr[4], INIT_ADDR_END);
	bad("server namespace *", "is known to HAProxy, not built in weir");
	good("server tfo no-tfo");
	ck_assert(!server.tfo);
	bad("server socks4", "'socks4' expects <addr>:<port> as argument.");
	bad("server socks4 1.2.3.4", "'socks4 1.2.3.4' : missing port specification in '1.2.3.4'");
	bad("server init-addr foo", "'init-addr' : unknown init-addr method 'foo', supported "
				    "methods are 'libc', 'last', 'none'.");
	bad("server init-addr 1.2.3.4,1.2.3.5", "'init-addr' : initial address already specified.");
	bad("server tcp-ut x", "'tcp-ut' : expects a positive delay in milliseconds");
	bad("server namespace", "'namespace' : expects <name> as argument");
}
END_TEST

START_TEST(every_row_has_help)
{
	for (int i = 0; i < NET_BIND_KWS; i++)
		ck_assert(net_bind_kws[i].name && net_bind_kws[i].help);
	for (int i = 0; i < NET_SERVER_KWS; i++)
		ck_assert(net_server_kws[i].name && net_server_kws[i].help);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conf_net");

	UNIT_TEST(s, bind_addresses);
	UNIT_TEST(s, bind_words);
	UNIT_TEST(s, bind_threads);
	UNIT_TEST(s, bind_mistakes);
	UNIT_TEST(s, server_proxy_protocol);
	UNIT_TEST(s, server_source);
	UNIT_TEST(s, server_rest);
	UNIT_TEST(s, every_row_has_help);
	return unit_run(s);
}
