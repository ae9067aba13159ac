#include "tests/unit/model/load.h"

static const struct line global_lines[] = {
	{ "nbthread", "'nbthread' passed a missing or unparsable integer value in ''" },
	{ "nbthread 999", "'nbthread' value must be between 1 and 256 (was 999)" },
	{ "user nosuch", "cannot find user id for 'nosuch'" },
	{ "group nosuch", "cannot find group id for 'nosuch'" },
	{ "uid", "'uid' expects an integer argument." },
	{ "chroot", "'chroot' expects a directory as an argument." },
	{ "chroot a b", "'chroot' cannot handle unexpected argument 'b'." },
	{ "daemon x", "'daemon' cannot handle unexpected argument 'x'." },
	{ "no maxconn", "negation/default currently supported only for options" },
	{ "cpu-map x 0", "cpu-map : 'x' is not a valid number/range." },
	{ "cpu-map 1 x", "cpu-map : 'x' is not a CPU range." },
	{ "node a/b", "'node' requires valid node name" },
	{ "setenv A", "'setenv' expects a name and a value." },
	{ "stats bind-process 1", "'stats bind-process' is not supported anymore: there is one process." },
	{ "stats foo", "'stats' only supports 'socket', 'maxconn', 'bind-process' and 'timeout' (got 'foo')" },
	{ "stats maxconn 0", "'stats maxconn' expects a positive value" },
	{ "stats socket /tmp/x level foo", "'level' only supports 'user', 'operator', and 'admin' (got 'foo')" },
	{ "spread-checks 60", "'spread-checks' needs a positive value in range 0..50." },
	{ "hard-stop-after x", "unexpected character 'x' in argument to <hard-stop-after>." },
	{ "hard-stop-after", "'hard-stop-after' expects <time> as argument." },
	{ "master-worker foo", "'master-worker' only supports 'no-exit-on-failure' option." },
	{ "cpu-map 1 5000", "cpu-map : supports CPU numbers from 0 to 1023." },
	{ "cpu-map 1/x 0", "cpu-map : 'x' is not a valid number/range." },
	{ "cpu-map auto:1/1-4 0-1", "CPU sets must have the same size to be automatically bound" },
	{ "setenv A=1 2", "'setenv' failed on variable 'A=1' : Invalid argument." },
	{ "server-state-file", "'server-state-file' expect one argument: a file path." },
	{ "stats socket /tmp/x expose-fd", "'expose-fd' : missing fd type" },
	{ "ssl-dh-param-file /nonexistent", "unable to load DH parameters from file </nonexistent>." },
	{ "tune.ssl.lifetime x", "unexpected character 'x' in argument to <tune.ssl.lifetime>." },
	{ "unix-bind foo", "'unix-bind' only supports the 'prefix', 'mode', 'uid', 'gid', 'user' and 'group' "
			   "options." },
	{ "unix-bind mode 999", "invalid mode '999' (octal integer expected)" },
	{ "tune.bufsize 0", "'tune.bufsize' expects a positive integer argument." },
	{ "tune.http.maxhdr 50000", "'tune.http.maxhdr' expects a numeric value between 1 and 32767" },
	{ "tune.h2.max-frame-size 3", "'tune.h2.max-frame-size' expects a numeric value between 16384 and "
				      "16777215." },
	{ "tune.idle-pool.shared x", "'tune.idle-pool.shared' expects either 'on' or 'off' but got 'x'." },
	{ "tune.pool-low-fd-ratio 101", "'tune.pool-low-fd-ratio' expects an integer argument between 0 and 100." },
	{ "tune.zlib.memlevel 1", "'tune.zlib.memlevel' is known to HAProxy, not built in weir." },
	{ "tune.comp.maxlevel 10", "'tune.comp.maxlevel' expects a numeric value between 1 and 9" },
	{ "tune.sched.low-latency x", "'tune.sched.low-latency' expects either 'on' or 'off' but got 'x'." },
	{ "tune.idletimer 70000", "'tune.idletimer' expects a timer value between 0 and 65535 ms." },
	{ "tune.fail-alloc 500", "'tune.fail-alloc' expects a numeric value between 0 and 100." },
	{ "tune.recv_enough", "'tune.recv_enough' expects an integer argument." },
	{ "tune.memory.hot-size x", "'tune.memory.hot-size' expects a size argument." },
	{ "tune.renice.runtime 20", "'tune.renice.runtime' expects an integer argument between -20 and 19." },
	{ "tune.listener.default-shards 3", "expects either 'by-process', 'by-group', or 'by-thread' but got '3'." },
	{ "tune.takeover-other-tg-connections x", "expects 'none', 'restricted' or 'full'." },
	{ "tune.defaults.purge x", "'tune.defaults.purge' cannot handle unexpected argument 'x'." },
	{ "thread-group 0", "'thread-group' thread-group number must be between 1 and 64 (was 0)" },
	{ "thread-group 1 1-x", "'thread-group 1' passed an unparsable or invalid thread number '1-x'" },
	{ "cpu-set only-core 1", "'cpu-set only-core' is known to HAProxy, not built in weir." },
	{ "cpu-set drop-cpu x", "'cpu-set' : 'x' is not a CPU range." },
	{ "cpu-set x", "'cpu-set' expects 'reset', 'only-cpu <cpus>' or 'drop-cpu <cpus>'." },
	{ "cpu-policy x", "'cpu-policy' : unknown policy 'x'." },
	{ "setcap cap_chown", "'setcap' : unsupported capability 'cap_chown'." },
	{ "setcap", "'setcap' expects a comma-delimited list of capabilities." },
	{ "dns-accept-family ipv6", "'dns-accept-family ipv6' is known to HAProxy, not built in weir." },
	{ "dns-accept-family x", "'dns-accept-family' expects 'ipv4', 'ipv6', both or 'auto'." },
	{ "warn-blocked-traffic-after 2s", "expects a time between 1 and 1000 ms." },
	{ "ca-base /a\n\tca-base /b", "'ca-base' already specified." },
	{ "tune.vars.global-max-size x", "tune.vars.global-max-size: 'x' is an invalid size" },
	{ "h1-case-adjust a b", "<from> and <to> must not differ execpt the case" },
	{ "http-fail-codes 99", "'99' is no status code or range between 100 and 599." },
	{ "set-var txn.x int(1)", "cannot set variable 'txn.x', only scope 'proc' is permitted in the global section"
	  "." },
	{ "set-var-fmt proc.x", "('proc.<name>') and a format string." },
	{ "set-var proc.x nosuch", "unknown fetch method 'nosuch'" },
	{ "nbproc 2", "nbproc is not supported any more since HAProxy 2.5." },
};

static const struct line proxy_lines[] = {
	{ "mode foo", "unknown proxy mode 'foo'." },
	{ "mode health", "'mode health' doesn't exist anymore." },
	{ "maxconn x", "'maxconn' expects an integer argument." },
	{ "default_backend", "'default_backend' expects a backend name." },
	{ "monitor foo", "'monitor' only supports 'fail'." },
	{ "monitor fail", "'monitor fail' requires either 'if' or 'unless' followed by a condition." },
	{ "use_backend x foo", "unexpected keyword 'foo' after switching rule, only 'if' and 'unless' are allowed." },
	{ "use_backend x if undef", "error detected while parsing switching rule : no such ACL : 'undef'." },
	{ "use-server x", "'use-server' requires either 'if' or 'unless' followed by a condition." },
	{ "capture foo", "'capture' expects 'cookie' or 'request header' or 'response header'." },
	{ "capture cookie x", "'capture' expects 'cookie' <cookie_name> 'len' <len>." },
	{ "capture request header x", "'capture request' expects 'header' <header_name> 'len' <len>." },
	{ "declare capture request 3", "'declare capture' requires a capture length ('len')" },
	{ "log-format a b", "log-format expects only one argument, don't forget to escape spaces!" },
	{ "rate-limit foo 3", "'rate-limit' only supports 'sessions' (got 'foo')" },
	{ "retries x", "'retries' expects an integer argument (dispatch counts for one)." },
	{ "retry-on foo", "'retry-on': unknown keyword 'foo'" },
	{ "retry-on none 503", "'retry-on' 'none' keyword only usable alone" },
	{ "http-reuse x", "'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'." },
	{ "persist foo", "unknown persist method." },
	{ "force-persist", "'force-persist' requires either 'if' or 'unless' followed by a condition." },
	{ "balance foo", "balance only supports 'roundrobin'" },
	{ "hash-type foo", "'hash-type' only supports 'consistent' and 'map-based'." },
	{ "hash-balance-factor 50", "'hash-balance-factor' must be 0 or greater than 100." },
	{ "cookie", "'cookie' expects <cookie_name> as argument." },
	{ "cookie a insert prefix", "cookie 'rewrite', 'insert' and 'prefix' modes are incompatible." },
	{ "cookie a rewrite indirect", "cookie 'rewrite' and 'indirect' modes are incompatible." },
	{ "cookie a preserve", "cookie 'preserve' requires at least 'insert' or 'indirect'." },
	{ "cookie a insert maxidle x", "unexpected character 'x' in argument to <maxidle>." },
	{ "option foo", "unknown option 'foo'." },
	{ "option", "'option' expects an option name." },
	{ "option httpclos", "unknown option 'httpclos'; did you mean 'httpclose' maybe ?" },
	{ "no option forwardfor", "negation/default is not supported for option 'forwardfor'." },
	{ "option forwardfor foo", "'option forwardfor' only supports optional values: 'except', 'header' and "
				   "'if-none'." },
	{ "option http-restrict-req-hdr-names x", "expects 'preserve', 'reject' or 'delete' option." },
	{ "option http_proxy", "option 'http_proxy' is not supported any more since HAProxy 2.5." },
	{ "timeout client", "'timeout client' expects an integer value (in milliseconds)" },
	{ "timeout client 1s x", "'timeout client' : unexpected extra argument 'x' after value '1s'." },
	{ "timeout client 99999999999", "timer overflow in argument '99999999999' to 'timeout client'" },
	{ "clitimeout 3", "the 'clitimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout "
			  "client'." },
	{ "reqrep a b", "Use 'http-request replace-path', 'http-request replace-uri' or 'http-request "
			"replace-header' instead." },
	{ "block if TRUE", "Use 'http-request deny' which uses the exact same syntax." },
	{ "errorfile 300 /dev/null", "errorfile : status code '300' not handled." },
	{ "errorfile 503", "errorfile : expects <status_code> and <file> as arguments." },
	{ "errorfiles nosuch", "proxy 'l': unknown http-errors section 'nosuch' (at t.cfg:8)." },
	{ "http-error foo", "http-error : expects at least a <status> as arguments." },
	{ "http-request", "'http-request' expects" },
	{ "http-request deny if undef", "no such ACL : 'undef'" },
	{ "tcp-request foo", "(got 'foo')" },
	{ "acl x nosuch a", "error detected while parsing ACL 'x' : unknown fetch method 'nosuch'" },
	{ "server", "'server' expects <name> and <addr>[:<port>] as arguments." },
	{ "server s/t 1.1.1.1", "character '/' is not permitted in server name 's/t'." },
	{ "server s 1.1.1.1:x", "'server l/s' : " },
	{ "server s 1.1.1.1:80 weight 300", "weight of server s is not within 0 and 256 (300)." },
	{ "server s 1.1.1.1:80 id 0", "'id' : custom id has to be > 0." },
	{ "server s 1.1.1.1:80 foo", "'server l/s' : unknown keyword 'foo'." },
	{ "server s 1.1.1.1:80 wieght 3", "unknown keyword 'wieght'; did you mean 'weight' maybe ?" },
	{ "server s 1.1.1.1:80 on-error foo", "'on-error' expects one of 'fastinter', 'fail-check', 'sudden-death' "
					      "or 'mark-down' but got 'foo'" },
	{ "server s 1.1.1.1:80 track t", "unable to find required server 't' for tracking." },
	{ "server s 1.1.1.1:80 inter 0", "invalid value 0 for argument 'inter' of server s." },
	{ "server s 1.1.1.1:80 rise 0", "'rise' has to be > 0." },
	{ "server s 1.1.1.1:80 ca-file /nonexistent", "'ca-file' : unable to load /nonexistent" },
	{ "server s 1.1.1.1:80 crt /nonexistent", "unable to stat SSL certificate from file '/nonexistent'" },
	{ "default-server id 3", "'id' option is not accepted in default-server sections." },
	{ "bind :1 crt /nonexistent", "unable to stat SSL certificate from file '/nonexistent'" },
	{ "bind :1 thread 200", "'thread' directive contains threads that belong to no group in 'bind :1' at" },
	{ "bind :1 nice 2000", "'nice' : invalid value 2000, allowed range is -1024..1024" },
	{ "bind :1 id 1\n\tbind :2 id 1", "'id' : custom id 1 already used at t.cfg:8 ('bind :1')" },
	{ "http-request capture src id 0", "Proxy 'l': unable to find capture id '0' referenced by http-request" },
	{ "http-request deny foo", "'http-request deny' expects either 'if' or 'unless' followed by a condition but "
				   "found 'foo'." },
	{ "tcp-request content accept foo", "'tcp-request content accept' only accepts 'if' or 'unless', in proxy 'l' "
					    "(got 'foo')" },
	{ "tcp-request content set-dst foo", "t.cfg:8] : unknown fetch method 'foo'" },
	{ "tcp-request inspect-delay x", "'tcp-request inspect-delay' expects a positive delay in milliseconds, in "
					 "proxy 'l' (unexpected character 'x')" },
	{ "http-request deny if { nbsrv(z) gt 1 }", "unable to find backend 'z' referenced in arg 1 of ACL keyword "
						    "'nbsrv' in proxy 'l'." },
	{ "http-request set-header a %[nbsrv(z)]", "unable to find backend 'z' referenced in arg 1 of sample fetch "
						   "keyword 'nbsrv' in http-request expression in proxy 'l'." },
	{ "use_backend %[foo]", "failed to parse use_backend rule '%[foo]' : " },
	{ "grace 3", "the 'grace' keyword is not supported any more since HAProxy version 2.5." },
	{ "stick foo", "'stick' is known to HAProxy, not built in weir." },
	{ "server s nosuchhost.invalid:80", "could not resolve address 'nosuchhost.invalid'." },
	{ "default-server 1.2.3.4", "Hint: no address was expected for this server." },
	{ "server-template t x 1.1.1.1:80", "Wrong server-template number or range arg 'x'." },
	{ "bind", "'bind' expects" },
	{ "bind 127.0.0.1:x", "'bind' : invalid character 'x' in port number 'x' in '127.0.0.1:x'" },
	{ "bind 127.0.0.1:1 foo", "'bind 127.0.0.1:1' in section 'listen': unknown keyword 'foo'." },
};

#define LISTEN "defaults\n" TIMES "\tmode http\nlisten l\n\tbind 127.0.0.1:1\n"

START_TEST(refusals)
{
	all_refused("global\n", global_lines, ARRAY_LEN(global_lines));
	all_refused(LISTEN, proxy_lines, ARRAY_LEN(proxy_lines));
}
END_TEST

START_TEST(wrong_side)
{
	warned(HTTP "backend b\n\tbind :80\n", "'bind' ignored because backend 'b' has no frontend capability.");
	warned(HTTP "backend b\n\tmaxconn 3\n",
	       "'maxconn' ignored because backend 'b' has no frontend capability. Maybe you want 'fullconn' instead ?");
	warned(HTTP "backend b\n\toption dontlognull\n", "'dontlognull' ignored because backend 'b' has no frontend "
							 "capability.");
	warned(HTTP "backend b\n\ttimeout client 2s\n",
	       "'timeout client' will be ignored because backend 'b' has no frontend capability");
	warned(HTTP "backend b\n\toption httplog\n", "backend 'b' : 'option httplog' directive is ignored in "
						     "backends.");
	refused(HTTP "frontend f\n\tbind 127.0.0.1:1\n\tserver s 1.1.1.1:80\n",
	        "'server' not allowed because frontend 'f' has no backend capability.");
	refused(HTTP "backend b\n\ttcp-request connection reject\n",
	        "tcp-request connection is not allowed because backend b is not a frontend");
	refused("defaults\n\tbind :80\n", "'bind' not allowed in 'defaults' section.");
	refused("defaults\n\tstats admin if TRUE\n", "'stats admin' not allowed in 'defaults' section.");
	refused(HTTP "frontend f\n\tbind :1\n\thttp-request deny if { be_conn gt 1 }\n",
		"proxy 'f', referenced in arg 1 of ACL keyword 'be_conn' in proxy 'f', has not backend capability.");
}
END_TEST

START_TEST(warnings)
{
	warned("frontend f\n\tbind 127.0.0.1:1\n", "missing timeouts for proxy 'f'.\n   | While not properly invalid");
	warned(HTTP "frontend f\n", "frontend 'f' has no 'bind' directive. Please declare it as a backend if this "
				    "was intended.");
	warned(LISTEN "\ttimeout client 3s\n\ttimeout client 4s\n", "overwriting 'timeout client' which was already "
								    "specified");
	good("defaults\n" TIMES "\ttimeout client 3s\n\ttimeout client 4s\n");
	warned(LISTEN "\thttp-request deny\n\thttp-request allow if TRUE\n",
	       "previous 'http-request' action is final and has no condition attached, further entries are NOOP.");
	warned(LISTEN "\thttp-request return status 200 content-type text/plain\n",
	       "content-type 'text/plain' ignored by the http reply because neither errorfile nor payload defined.");
	warned(LISTEN "\ttcp-request session reject if { path / }\n",
	       "anonymous acl will never match in 'tcp-request session' because it uses keyword 'path'");
	warned(LISTEN "\tserver s nosuchhost.invalid:80 init-addr libc,none\n",
	       "'server l/s' : could not resolve address 'nosuchhost.invalid', disabling server.");
	warned("global\n\tuid x\n", " uid: string 'x' is not a number.");
	warned(LISTEN "\tuse_backend b\n\thttp-request deny\nbackend b\n",
	       "a 'http-request' rule placed after a 'use_backend' rule will still be processed before.");
	warned(LISTEN "\thttp-request deny\n\ttcp-request content accept\n",
	       "a 'tcp-request' rule placed after an 'http-request' rule will still be processed before.");
	warned(LISTEN "\tdefault_backend b\n\tserver s 1.1.1.1:80\nbackend b\n", "In proxy 'l', the "
										 "'default_backend' rule always has "
										 "precedence over the servers, which "
										 "will never be used.");
	warned(LISTEN "\toption httplog\n", "log format ignored for proxy 'l' since it has no log address.");
	warned(LISTEN "\tmode tcp\n\thttp-request deny\n", "'http-request' rules ignored for proxy 'l' as they "
							   "require HTTP mode.");
	warned(LISTEN "\tmode tcp\n\toption forwardfor\n", "'option forwardfor' ignored for proxy 'l' as it requires "
							   "HTTP mode.");
	warned(LISTEN "\tmode tcp\n\toption http-no-delay\n", "'option http-no-delay' ignored for proxy 'l' as it "
							      "requires HTTP "
							      "mode.");
	warned(LISTEN "\tmode tcp\n\tcookie x insert\n", "cookie will be ignored for proxy 'l' (needs 'mode http').");
	warned(LISTEN "\tmode tcp\n\tlog 127.0.0.1 local0\n\toption httplog\n", "Falling back to 'option tcplog'.");
	warned(LISTEN "\tmode tcp\n\tserver s 1.1.1.1:80 cookie a\n", "ignoring cookie for server 's' as HTTP mode "
								      "is disabled.");
}
END_TEST

START_TEST(servers)
{
	struct conf *c = good(HTTP "backend b\n\tserver a 1.1.1.1:80 maxconn 9 check rise 4 fall 5 backup\n\tserver "
				   "b 1.1.1.1\n"
				   "\tserver c 1.1.1.1:+5 track a\n\tserver-template t 2-4 127.0.0.1:90 weight 7\n");
	struct proxy *p = conf_backend(c, STR("b"));
	struct server_line *a = proxy_server(p, STR("a")), *b = proxy_server(p, STR("b")),
			   *d = proxy_server(p, STR("c"));

	ck_assert_int_eq(p->nservers, 6);
	ck_assert_uint_eq(a->maxconn, 9);
	ck_assert_uint_eq(a->minconn, 9);
	ck_assert_int_eq(a->check.rise, 4);
	ck_assert_int_eq(a->check.fall, 5);
	ck_assert_uint_eq(a->flags, SRV_BACKUP | SRV_CHECK);
	ck_assert_uint_eq(addr_port(&a->addr), 80);
	ck_assert(!a->map_port);
	ck_assert(b->map_port && b->port_offset == 0);
	ck_assert(d->map_port && d->port_offset == 5);
	ck_assert_ptr_eq(d->tracks, a);
	ck_assert_int_eq(proxy_server(p, STR("t3"))->weight, 7);
	ck_assert_ptr_null(proxy_server(p, STR("t5")));
	conf_unref(c);
	refused(HTTP "backend b\n\tserver s 1.1.1.1:80\n\tserver s 1.1.1.1:81\n",
	        "backend 'b', another server named 's' was already defined at line 7, please use distinct names.");
	refused(HTTP "backend b\n\tserver s 1.1.1.1:80 track t\n\tserver t 1.1.1.1:80 track s\n", "tracking chain "
												  "looping back");
	refused(HTTP "backend b\n\tserver s 1.1.1.1:80 check track t\n\tserver t 1.1.1.1:80 check\n",
	        "unable to enable checks and tracking at the same time!");
}
END_TEST

START_TEST(pages)
{
	struct conf *c = good("http-errors e\n\terrorfile 404 /dev/null\n\terrorfile 503 /dev/null\n"
	                      "defaults\n\tmode http\n" TIMES "\terrorloc 503 /sorry\n"
	                      "backend b\n\terrorfiles e 404\n\terrorloc303 404 /lost\nbackend c\n\terrorfiles e\n"
	                      "\thttp-error status 403 content-type text/plain string no\n");
	struct proxy *b = conf_backend(c, STR("b")), *d = conf_backend(c, STR("c"));

	ck_assert_int_eq(b->errors[503]->send_status, 302);
	ck_assert(str_eq(b->errors[503]->raw_hdrs[3], STR("/sorry")));
	ck_assert_int_eq(b->errors[404]->send_status, 303);
	ck_assert_ptr_null(b->errors[403]);
	ck_assert(d->errors[503]->silent && d->errors[404]->silent);
	ck_assert(str_eq(d->errors[403]->body, STR("no")));
	conf_unref(c);
}
END_TEST

START_TEST(globals)
{
	struct conf *c = good("global\n\tnbthread 4\n\tcpu-map 1/1-2 3 5\n\tcpu-map auto:1/3-4 "
			      "8-9\n\ttune.h2.be.initial-window-size "
			      "70000\n\thttp-fail-codes 503\n\th1-case-adjust "
			      "content-type "
			      "Content-Type\n\tsetenv MODEL_T 7s\n"
			      "defaults\n\ttimeout client \"$MODEL_T\"\n\ttimeout server "
			      "\"${MODEL_U-8s}\"\n\ttimeout connect 1\n"
			      "backend b\n\tmode http\n\toption h1-case-adjust-bogus-server\n\tserver s "
			      "1.1.1.1:80\n");
	struct global *g = &c->global;
	struct server_line *s = proxy_server(conf_backend(c, STR("b")), STR("s"));

	ck_assert_int_eq(g->nbthread, 4);
	ck_assert_uint_eq(g->cpu_map[0][0], 1 << 3 | 1 << 5);
	ck_assert_uint_eq(g->cpu_map[2][0], 1 << 8);
	ck_assert_uint_eq(g->cpu_map[3][0], 1 << 9);
	ck_assert(g->fail_codes[503 / 8] & 1 << 503 % 8 && !(g->fail_codes[500 / 8] & 1 << 500 % 8));
	ck_assert_uint_eq(s->lim.h2_window, 70000);
	ck_assert_uint_eq(s->proxy->t_server, 8000);
	ck_assert(str_eq(s->lim.case_adjust->name(s->lim.case_adjust, STR("content-type")), STR("Content-Type")));
	ck_assert(str_eq(s->lim.case_adjust->name(s->lim.case_adjust, STR("host")), STR("host")));
	conf_unref(c);
}
END_TEST

/* A second line is told of, and changes nothing. */
START_TEST(first_lines_count)
{
	static const char text[] =
		"global\n\tmaxconn 10\n\tmaxconn 20\n\tulimit-n 100\n\tulimit-n 200\n\tspread-checks 5\n"
		"\tspread-checks 6\n\ttune.maxaccept 3\n\ttune.maxaccept 4\n\ttune.sndbuf.client 5000\n"
		"\ttune.sndbuf.client 6000\n\tcluster-secret a\n\tcluster-secret b\n\tunix-bind prefix /a\n"
		"\tunix-bind prefix /b mode 600\n\tmaxsslconn 1\n\tmaxsslconn 2\n";
	struct conf *c = load_text(text);
	struct global *g = &c->global;

	ck_assert_uint_eq(g->maxconn, 10);
	ck_assert_uint_eq(g->ulimit_n, 100);
	ck_assert_uint_eq(g->spread_checks, 5);
	ck_assert_int_eq(g->tune.maxaccept, 3);
	ck_assert_uint_eq(g->tune.sndbuf_client, 5000);
	ck_assert(str_eqz(g->cluster_secret, "a"));
	ck_assert(str_eqz(g->unix_prefix, "/a"));
	ck_assert_uint_eq(g->unix_mode, 0600);
	ck_assert_uint_eq(g->maxsslconn, 2);
	ck_assert(has_said("'maxconn' already specified. Continuing."));
	ck_assert(has_said("spread-checks already specified. Continuing."));
	conf_unref(c);
}
END_TEST

START_TEST(users)
{
	struct conf *c = good("userlist u\n\tgroup g users a\n\tgroup h\n\tuser a insecure-password x\n\tuser b "
			      "insecure-password y "
			      "groups h\n");

	ck_assert_ptr_nonnull(userlist_check(conf_userlist(c, STR("u")), STR("a"), STR("x")));
	ck_assert_ptr_null(userlist_check(conf_userlist(c, STR("u")), STR("a"), STR("y")));
	conf_unref(c);
	refused("userlist u\n\tuser a groups nope\n", "userlist 'u': no such group 'nope' specified in user 'a'");
	refused("userlist u\n\tuser a password $9$zz\n", "not supported by crypt(3).");
	refused(HTTP "backend b\n\thttp-request deny if { http_auth(nope) }\n", "unable to find userlist 'nope'");
}
END_TEST

START_TEST(conditional_blocks)
{
	struct conf *c = good(".if streq(a,b)\nglobal\n\tmaxconn 1\n.elif version_atleast(3.5-dev0) && "
			      "!feature(QUIC)\nglobal\n\t"
			      "maxconn 2\n.else\nglobal\n\tmaxconn 3\n.endif\n.if 0\n.if "
			      "1\nnonsense\n.else\nnonsense\n.endif\n"
			      ".endif\n");

	ck_assert_uint_eq(c->global.maxconn, 2);
	conf_unref(c);
	refused(".if foo\n.endif\n", "parsing [t.cfg:1]: unparsable conditional expression 'foo' in '.if' at "
				     "position 1:\n  .if foo\n"
				     "      ^");
	refused(".endif\n", "lone '.endif' with no matching '.if'.");
	refused(".if 1\n", "non-terminated '.if' block.");
	refused(".if 1\n.else\n.else\n.endif\n", "'.else' after '.else' is not permitted.");
	refused(".alert \"no way\"\n", "parsing [t.cfg:1]: 'no way'.");
	refused(".wibble\n", "unknown directive '.wibble'.");
	warned(".warning hm\n", "parsing [t.cfg:1]: 'hm'.");
	refused("global", "Missing LF on last line, file might have been truncated at position 7.");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("keywords");
	int failed;

	tables_up();
	UNIT_TEST(s, refusals);
	UNIT_TEST(s, wrong_side);
	UNIT_TEST(s, warnings);
	UNIT_TEST(s, servers);
	UNIT_TEST(s, pages);
	UNIT_TEST(s, globals);
	UNIT_TEST(s, first_lines_count);
	UNIT_TEST(s, users);
	UNIT_TEST(s, conditional_blocks);
	failed = unit_run(s);
	sbuf_fini(&said);
	return failed;
}
