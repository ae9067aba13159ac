/* What lines refer to: error pages, backends, servers, files beside the configuration. */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/model/load.h"

static char dir[] = "/tmp/weir-model-XXXXXX";

/* A text in which each @ is the directory. */
static const char *here(const char *text)
{
	static struct sbuf b;

	sbuf_fini(&b);
	b = sbuf_grow();
	for (; *text; text++)
		if (*text == '@')
			sbuf_putz(&b, dir);
		else
			sbuf_putc(&b, *text);
	return sbuf_z(&b);
}

static void save(const char *name, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void make_files(void)
{
	save("503.http", "HTTP/1.0 503 Sorry\r\nContent-Type: text/plain\r\n\r\ncome back\n");
	save("404.http", "HTTP/1.1 404 Gone\r\nContent-Length: 2\r\n\r\nno");
	save("bad.http", "not an answer");
}

START_TEST(pages)
{
	struct conf *c;
	struct proxy *b, *d;

	make_files();
	c = good(here("http-errors e\n\terrorfile 503 @/503.http\n\terrorfile 404 @/404.http\n" HTTP
		      "backend b\n\terrorfile 503 @/404.http\n\terrorfiles e\n\terrorloc303 404 /lost\n"
		      "backend d\n\terrorfile 503 /dev/null\n\terrorfiles e 404\n"));
	b = conf_backend(c, STR("b"));
	d = conf_backend(c, STR("d"));
	ck_assert(str_eqz(b->errors[503]->body, "come back\n"));	/* the last line counts */
	ck_assert(str_eqz(b->errors[503]->reason, "Sorry"));
	ck_assert_int_eq(b->errors[404]->send_status, 303);
	ck_assert(d->errors[503]->silent && str_eqz(d->errors[404]->body, "no"));
	ck_assert_ptr_null(d->errors[500]);
	conf_unref(c);
}
END_TEST

START_TEST(pages_that_cannot_be)
{
	static const struct { const char *line, *says; } cases[] = {
		{ "errorfile 503", "errorfile : expects <status_code> and <file> as arguments." },
		{ "errorfile 599 /dev/null", "errorfile : status code '599' not handled." },
		{ "errorfile x /dev/null", "errorfile : status code 'x' not handled." },
		{ "errorfile -1 /dev/null", "errorfile : status code '-1' not handled." },
		{ "errorfile 99999999999999999999 /dev/null", "not handled." },
		{ "errorfile 503 @/nosuch", "errorfile : " },
		{ "errorfile 503 @/bad.http", "errorfile : " },
		{ "errorfile 503 @", "errorfile : " },
		{ "errorloc 503", "errorloc : expects <status_code> and <url> as arguments." },
		{ "errorloc303 600 /x", "errorloc303 : status code '600' not handled." },
		{ "errorfiles", "errorfiles : expects <name> as argument." },
		{ "errorfiles e 600", "errorfiles : status code '600' not handled." },
		{ "errorfiles e", "proxy 'b': unknown http-errors section 'e' (at t.cfg:7)." },
		{ "http-error status 600", "http-error : " },
		{ "http-error status", "http-error : " },
		{ "http-request return errorfiles e", "unknown http-errors section 'e' referenced by an http reply" },
	};

	make_files();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sbuf text = sbuf_grow();

		sbuf_printf(&text, HTTP "backend b\n\t%s\n", cases[i].line);
		refused(here(sbuf_z(&text)), cases[i].says);
		sbuf_fini(&text);
	}
	refused("http-errors\n", "missing name for http-errors section.");
	refused("http-errors e\nhttp-errors e\n", "http-errors section 'e' already exists (declared at t.cfg:1).");
	warned("http-errors e\n" HTTP "backend b\n\terrorfiles e 404\n",
	       "status '404' not declared in http-errors section 'e' (at t.cfg:8).");
	refused("http-errors e\n" HTTP "backend b\n\thttp-request return status 404 errorfiles e\n",
		"status '404' referenced by an http reply not declared in http-errors section 'e'.");
}
END_TEST

#define FRONT HTTP "frontend f\n\tbind 127.0.0.1:1\n\t"

START_TEST(backends_and_servers)
{
	struct conf *c = good(FRONT "use_backend b if { path /b }\n\tuse_backend %[path] if { path /c }\n"
				    "\tdefault_backend d\nbackend b\n\tserver s 1.1.1.1:80\n\tserver t 1.1.1.1:80\n"
				    "\tuse-server t if { path /t }\n\tuse-server %[path] if TRUE\nbackend d\n");
	const struct proxy *f = conf_frontend(c, STR("f")), *b = conf_backend(c, STR("b"));
	const struct use_backend *u = list_first(&f->switching, struct use_backend, link);
	const struct use_server *s = list_first(&b->server_rules, struct use_server, link);

	ck_assert(u->backend == b && !u->dyn);
	u = container_of(u->link.next, struct use_backend, link);
	ck_assert(!u->backend && u->dyn);
	ck_assert_ptr_eq(f->default_backend, conf_backend(c, STR("d")));
	ck_assert_ptr_eq(s->server, proxy_server(b, STR("t")));
	ck_assert(s->server->flags & SRV_NAMED && !(proxy_server(b, STR("s"))->flags & SRV_NAMED));
	ck_assert_ptr_null(container_of(s->link.next, struct use_server, link)->server);
	conf_unref(c);
	refused(FRONT "use_backend f\n", "unable to find required use_backend: 'f'.");
	refused(HTTP "listen l\n\tbind 127.0.0.1:1\n\tuse_backend l if TRUE\n", "loop detected for use_backend: 'l'.");
	refused(FRONT "use_backend b\nbackend b\n\tmode tcp\n", "in a 'use_backend' rule (see 'mode').");
	refused(HTTP "backend b\n\tuse-server x if TRUE\n", "unable to find server 'x' referenced in a 'use-server' "
							   "rule.");
	/* TCP may lead to HTTP: the connection is upgraded. */
	conf_unref(good(HTTP "frontend f\n\tmode tcp\n\tbind 127.0.0.1:1\n\tdefault_backend b\nbackend b\n"));
}
END_TEST

/* Whatever the order of the lines, those of one kind run before those of another. */
START_TEST(rules_out_of_place)
{
	static const struct { const char *lines, *says; } cases[] = {
		{ "tcp-request content accept if TRUE\n\ttcp-request connection accept",
		  "a 'tcp-request' rule placed after a 'tcp-request content' rule will still be processed before." },
		{ "tcp-request session accept if TRUE\n\ttcp-request connection accept",
		  "placed after a 'tcp-request session' rule will still be processed before." },
		{ "redirect prefix /x if TRUE\n\thttp-request deny if TRUE",
		  "placed after a 'redirect' rule will still be processed before." },
		{ "monitor fail if TRUE\n\ttcp-request content accept",
		  "placed after a 'monitor fail' rule will still be processed before." },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sbuf text = sbuf_grow();

		sbuf_printf(&text, FRONT "%s\n", cases[i].lines);
		warned(sbuf_z(&text), cases[i].says);
		sbuf_fini(&text);
	}
	conf_unref(good(FRONT "tcp-request connection accept if TRUE\n\ttcp-request session accept if TRUE\n"
			"\ttcp-request content accept if TRUE\n\thttp-request deny if TRUE\n"
			"\tredirect prefix /x if TRUE\n\tuse_backend b if TRUE\nbackend b\n"));
}
END_TEST

START_TEST(names_of_files_begin_somewhere)
{
	char before[PATH_MAX], after[PATH_MAX];
	struct conf *c;

	make_files();
	ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
	c = good(here("global\n\tdefault-path origin @\n" HTTP "backend b\n\terrorfile 503 503.http\n"));
	ck_assert(str_eqz(conf_backend(c, STR("b"))->errors[503]->body, "come back\n"));
	conf_unref(c);
	ck_assert_ptr_nonnull(getcwd(after, sizeof(after)));
	ck_assert_str_eq(before, after);
	refused("global\n\tdefault-path\n", "missing default-path mode '' for 'default-path', supported modes include "
		"'current', 'config', 'parent', and 'origin'.");
	refused("global\n\tdefault-path foo\n", "unsupported default-path mode 'foo'");
	refused("global\n\tdefault-path origin\n", "'default-path origin' expects a directory as an argument.");
	refused("global\n\tdefault-path origin /nonexistent\n",
		"couldn't set 'default-path' to origin '/nonexistent': No such file or directory.");
	ck_assert_ptr_nonnull(getcwd(after, sizeof(after)));
	ck_assert_str_eq(before, after);
}
END_TEST

int main(void)
{
	static const char *const files[] = { "503.http", "404.http", "bad.http" };
	Suite *s = unit_suite("references");
	char path[200];
	int failed;

	if (!mkdtemp(dir))
		return EXIT_FAILURE;
	tables_up();
	UNIT_TEST(s, pages);
	UNIT_TEST(s, pages_that_cannot_be);
	UNIT_TEST(s, backends_and_servers);
	UNIT_TEST(s, rules_out_of_place);
	UNIT_TEST(s, names_of_files_begin_somewhere);
	failed = unit_run(s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
	sbuf_fini(&said);
	return failed;
}
