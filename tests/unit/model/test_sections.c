#include "tests/unit/model/load.h"
#include "tests/unit/sealed.h"

START_TEST(inheritance)
{
	struct conf *c = good("defaults d1\n\tmode http\n" TIMES "\tretries 7\n\toption httpclose\n\tlog 127.0.0.1 "
								 "local0\n"
			      "\tdefault-server weight 9 inter 5s\n\tmaxconn 33\n"
			      "defaults d2 from d1\n\tretries 8\n"
			      "backend b1 from d1\n\tserver s 1.1.1.1:80\n\tserver t 1.1.1.2:80 weight 3\n"
			      "backend b2 from d2\n\tno option httpclose\n"
			      "frontend f from d2\n\tbind 127.0.0.1:1\n");
	struct proxy *b1 = conf_backend(c, STR("b1")), *b2 = conf_backend(c, STR("b2"));
	struct server_line *s = proxy_server(b1, STR("s")), *t = proxy_server(b1, STR("t"));

	ck_assert_int_eq(b1->mode, MODE_HTTP);
	ck_assert_uint_eq(b1->t_server, 1000);
	ck_assert_uint_eq(b1->retries, 7);
	ck_assert_uint_eq(b2->retries, 8);
	ck_assert(b1->options & PO_HTTP_CLOSE);
	ck_assert(!(b2->options & PO_HTTP_CLOSE));
	ck_assert_int_eq(s->weight, 9);
	ck_assert_uint_eq(s->check.inter, 5000);
	ck_assert_int_eq(t->weight, 3);
	ck_assert_uint_eq(t->check.inter, 5000);
	ck_assert_uint_eq(conf_frontend(c, STR("f"))->maxconn, 33);
	ck_assert(log_wants(&b1->logs, &c->global.logs));
	conf_unref(c);
}
END_TEST

START_TEST(which_defaults)
{
	refused("frontend f from x\n", "defaults section 'x' not found for frontend 'f'.");
	refused("defaults a\ndefaults a\nbackend b from a\n", "ambiguous defaults section name 'a' referenced by "
							      "backend 'b' exists at least at t.cfg:1 and t.cfg:2.");
	conf_unref(load_text("defaults a\nbackend b from a\nbackend c\n"));
	ck_assert(has_said("[ALERT]") && has_said("is explicitly referenced by another proxy and implicitly used"));
	refused("frontend\n", "'frontend' expects an <id> argument");
	refused("backend a/b\n", "character '/' is not permitted in 'backend' name 'a/b'.");
	refused("listen l 1.2.3.4:80\n", "please use the 'bind' keyword for listening addresses.");
}
END_TEST

START_TEST(rules_in_defaults)
{
	refused("defaults\n\thttp-request deny\n", "'http-request' not allowed in anonymous 'defaults' section.");
	refused("defaults\n\tacl x always_true\n", "'acl' not allowed in anonymous 'defaults' section.");
	refused("defaults\n\ttcp-request connection reject\n",
	        "tcp-request connection is not allowed in anonymous 'defaults' sections");
	refused("defaults a\n\thttp-request deny\ndefaults b from a\n", "a defaults section cannot inherit from a "
									"defaults section defining TCP/HTTP rules "
									"(defaults section at t.cfg:1).");
	refused("defaults a\n\thttp-request deny\nlisten b from a\n",
	        "a listen section cannot inherit from a defaults section defining TCP/HTTP rules");
	refused("defaults a\n\thttp-request deny\nfrontend f from a\n\tbind 127.0.0.1:1\nbackend b from a\n",
	        "frontends and backends cannot inherit from the same defaults section if it defines TCP/HTTP rules");
	refused("defaults a\n\ttcp-request session reject\nbackend b from a\n", "a backend section cannot inherit "
										"from a defaults section defining "
										"'tcp-request connection' or "
										"'tcp-request "
										"session' rules");
	refused("defaults a\n\ttcp-response content reject\nfrontend b from a\n\tbind 127.0.0.1:1\n",
	        "a frontend section cannot inherit from a defaults section defining 'tcp-response content' rules");
	conf_unref(good("defaults a\n\tmode http\n" TIMES "\thttp-request deny\nfrontend f from a\n\tbind "
							  "127.0.0.1:1\n"));
}
END_TEST

START_TEST(names)
{
	refused("backend b\nbackend b\n", "Parsing [t.cfg:2]: backend 'b' has the same name as backend 'b' declared "
					  "at t.cfg:1.");
	conf_unref(good(HTTP "frontend x\n\tbind 127.0.0.1:1\nbackend x\n"));
	refused(HTTP "frontend x\n\tbind 127.0.0.1:1\n\tdefault_backend nope\n",
	        "Proxy 'x': unable to find required default_backend: 'nope'.");
	refused(HTTP "frontend x\n\tbind 127.0.0.1:1\n\tuse_backend nope if TRUE\n",
	        "Proxy 'x': unable to find required use_backend: 'nope'.");
	refused(HTTP "listen x\n\tbind 127.0.0.1:1\n\tdefault_backend x\n", "Proxy 'x': loop detected for "
									    "default_backend: 'x'.");
	refused(HTTP "frontend x\n\tbind 127.0.0.1:1\n\tdefault_backend b\nbackend b\n\tmode tcp\n",
		"http frontend 'x' (t.cfg:6) tries to use incompatible tcp backend 'b' (t.cfg:9) as its default "
		"backend (see "
		"'mode').");
	refused(HTTP "backend b\n\tuse-server x if TRUE\n", "backend 'b' : unable to find server 'x' referenced in a "
	        "'use-server' rule.");
	conf_unref(good(HTTP "backend b\n\tuse-server s if TRUE\n\tserver s 1.1.1.1:80\n"));
}
END_TEST

START_TEST(numbers)
{
	struct conf *c = good(HTTP "frontend f1\n\tbind 127.0.0.1:1\nfrontend f2\n\tbind 127.0.0.1:2\nbackend b1\n"
				   "\tserver s1 1.1.1.1:80\n\tserver s2 1.1.1.1:80 id 1\n\tserver s3 "
				   "1.1.1.1:80\nbackend b2\n\tid 4\n"
				   "backend b3\n");
	struct proxy *b1 = conf_backend(c, STR("b1"));

	ck_assert_int_eq(conf_frontend(c, STR("f1"))->id, 2);
	ck_assert_int_eq(conf_frontend(c, STR("f2"))->id, 3);
	ck_assert_int_eq(b1->id, 5);
	/* b2 has taken the place of 6. */
	ck_assert_int_eq(conf_backend(c, STR("b3"))->id, 7);
	ck_assert_int_eq(proxy_server(b1, STR("s1"))->id, 2);
	ck_assert_int_eq(proxy_server(b1, STR("s3"))->id, 4);
	ck_assert_ptr_eq(conf_proxy_by_id(c, 4), conf_backend(c, STR("b2")));
	conf_unref(c);
	refused("backend a\n\tid 3\nbackend b\n\tid 3\n", "backend b reuses same custom id as backend a (declared at "
							  "t.cfg:1).");
	refused("backend a\n\tid 0\n", "custom id has to be > 0.");
}
END_TEST

START_TEST(several_global_sections)
{
	struct conf *c = good("global\n\tmaxconn 5\nbackend b\nglobal\n\tnode n1\n\ttune.bufsize 8192\n");

	ck_assert_uint_eq(c->global.maxconn, 5);
	ck_assert(str_eq(c->global.node, STR("n1")));
	ck_assert_uint_eq(c->global.tune.bufsize, 8192);
	ck_assert_uint_eq(c->global.tune.maxrewrite, 1024);
	conf_unref(c);
}
END_TEST

START_TEST(not_built_is_not_unknown)
{
	refused("peers p\n\tpeer a 1.1.1.1:80\n\tnonsense\n", "section 'peers' is known to HAProxy, not built in "
							      "weir.");
	ck_assert_int_eq(diag.errors, 2);	/* the section and the summary: nothing about its lines */
	refused("global\n\twurfl-data-file x\n", "'wurfl-data-file' is known to HAProxy, not built in weir.");
	refused("global\n\twibble-file x\n", "unknown keyword 'wibble-file' in 'global' section");
	refused("nonsense\n", "parsing [t.cfg:1]: unknown keyword 'nonsense' out of section.");
}
END_TEST

START_TEST(every_mistake_in_one_run)
{
	refused("global\n\tmaxcon 3\n\tnbthread 0\nfrontend f\n\tbnid :80\n\ttimeout clint 3\n\tdefault_backend zz\n",
	        "unknown keyword 'maxcon' in 'global' section; did you mean 'maxconn' maybe ?");
	ck_assert(has_said("'nbthread' value must be between 1 and 256 (was 0)"));
	ck_assert(has_said("unknown keyword 'bnid' in 'frontend' section; did you mean 'bind' maybe ?"));
	ck_assert(has_said("(got 'clint')"));
	ck_assert(has_said("Proxy 'f': unable to find required default_backend: 'zz'."));
	ck_assert(has_said("config : Fatal errors found in configuration."));
	ck_assert(!has_said("missing timeouts"));
}
END_TEST

START_TEST(two_generations_at_once)
{
	struct conf *a = good(HTTP "backend b\n\tserver s 1.1.1.1:80\n"), *b = good(HTTP "backend b\n\tserver s "
											 "1.1.1.2:80\n");

	conf_ref(a);
	conf_unref(a);
	ck_assert(!addr_eq(&proxy_server(conf_backend(a, STR("b")), STR("s"))->addr,
	                   &proxy_server(conf_backend(b, STR("b")), STR("s"))->addr));
	conf_unref(a);
	conf_unref(b);
}
END_TEST

/* Said, but neither an error nor a warning that -dW would make one. */
START_TEST(the_first_line_counts)
{
	struct conf *c = load_text("global\n\tuid 5\n\tuser root\n\tgid 6\n\tgid 7\n\tpidfile a\n\tpidfile b\n"
				   "\tchroot c\n\tchroot d\n");

	ck_assert_msg(c != NULL, "%s", sbuf_z(&said));
	ck_assert(has_said("parsing [t.cfg:3] : user/uid already specified. Continuing."));
	ck_assert(has_said("parsing [t.cfg:5] : group/gid already specified. Continuing."));
	ck_assert(has_said("parsing [t.cfg:7] : 'pidfile' already specified. Continuing."));
	ck_assert(has_said("parsing [t.cfg:9] : 'chroot' already specified. Continuing."));
	ck_assert_int_eq(diag.warnings, 0);
	ck_assert(c->global.uid == 5 && c->global.gid == 6);
	ck_assert(str_eq(c->global.pidfile, STR("a")) && str_eq(c->global.chroot, STR("c")));
	conf_unref(c);
}
END_TEST

START_TEST(sealed)
{
	struct conf *c = good(HTTP "frontend f\n"
				   "\tbind 127.0.0.1:1\n"
				   "\thttp-request set-header x %[src] if { path /a }\n"
				   "\tuse_backend b if { path /b }\n"
				   "\tlog 127.0.0.1 local0\n\tlog-format %ci\n"
				   "backend b\n\tserver s 1.1.1.1:80\n"
				   "\thttp-request return content-type text/plain string x\n");
	const struct proxy *f = conf_frontend(c, STR("f")), *b = conf_backend(c, STR("b"));
	const void *parts[] = { c, f, b, f->name.p, proxy_server(b, STR("s")), f->binds.next, f->http_req.next,
				f->switching.next, f->log_format, b->http_req.next, c->frontends.slots,
				container_of(f->http_req.next, struct rule, link)->cond };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		ck_assert_msg(!refuses_a_write(parts[i]), "%zu", i);
	conf_seal(c);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		ck_assert_msg(refuses_a_write(parts[i]) == SEALS, "%zu", i);
	conf_ref(c);
	conf_unref(c);
	ck_assert_int_eq(refuses_a_write(c), SEALS);
	conf_unref(c);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("sections");
	int failed;

	tables_up();
	UNIT_TEST(s, inheritance);
	UNIT_TEST(s, which_defaults);
	UNIT_TEST(s, rules_in_defaults);
	UNIT_TEST(s, names);
	UNIT_TEST(s, numbers);
	UNIT_TEST(s, several_global_sections);
	UNIT_TEST(s, not_built_is_not_unknown);
	UNIT_TEST(s, every_mistake_in_one_run);
	UNIT_TEST(s, two_generations_at_once);
	UNIT_TEST(s, the_first_line_counts);
	UNIT_TEST(s, sealed);
	failed = unit_run(s);
	sbuf_fini(&said);
	return failed;
}
