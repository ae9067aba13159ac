#include "commands.h"

#include <stdio.h>

#include "src/boot/boot.h"
#include "src/feature/prometheus/exporter.h"
#include "src/feature/stats/page.h"
#include "weir/base/json.h"
#include "weir/feature/servers/servers.h"
#include "weir/feature/stats/stats.h"

static const char config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"frontend fe\n bind 127.0.0.1:18999 name \"a<b>\"\n option socket-stats\n maxconn 50\n default_backend be\n"
	" stats enable\n stats uri /s\n stats show-legends\n stats scope be\n stats scope .\n"
	"backend be\n balance roundrobin\n cookie SRV insert\n"
	" server s1 127.0.0.1:81 cookie \"c,1\"\n server s2 127.0.0.1:82 weight 20 backup\n"
	" server s3 127.0.0.1:83 disabled maxconn 7 maxqueue 3\n"
	"listen other\n mode tcp\n bind 127.0.0.1:18998\n server s1 127.0.0.1:81\n";

static struct conf *conf;
static struct arena mem;

static void begin(void)
{
	struct cmdline c = { .progname = "weir" };
	struct diag d = { .to = stderr };

	builtin_register(&c);
	arena_init(&mem, 4096);
	conf = conf_load_text("t", STR(config), &d);
	ck_assert_ptr_nonnull(conf);
	ck_assert(live_adopt(conf, &d));
}

/* A dump in pieces of so many bytes. */
static const char *dump(struct stats_dump *d, size_t piece)
{
	static struct sbuf out;

	sbuf_fini(&out);
	out = sbuf_grow();
	while (!stats_dump(d, &out, piece))
		;
	return sbuf_z(&out);
}

/* The n-th field (from 0) of the line that begins with `object`. */
static const char *field(const char *csv, const char *object, int n)
{
	static char text[200];
	const char *at = strstr(csv, object);
	size_t len;

	ck_assert_msg(at != NULL, "no %s", object);
	while (n--)
		at = strchr(at, ',') + 1;
	len = strcspn(at, ",\n");
	snprintf(text, sizeof(text), "%.*s", (int)len, at);
	return text;
}

START_TEST(csv)
{
	struct stats_dump d = { .flags = STATS_DETAIL };
	const char *text;
	struct srv *s;

	begin();
	s = live_server(live_backend(STR("be")), STR("s1"));
	cnt_add(&s->cnt, C_SESS, 5);
	cnts_took(cnt_own(&s->cnt), CT_TOTAL, 30);
	cnts_took(cnt_own(&s->cnt), CT_TOTAL, 10);
	cnt_add(&s->cnt, C_TIME_N, 2);
	text = dump(&d, 1000);
	ck_assert(strncmp(text, "# pxname,svname,qcur,", 21) == 0);
	ck_assert_str_eq(field(text, "# pxname", 99), "uweight");
	ck_assert_str_eq(field(text, "\nfe,FRONTEND,", 6), "50");
	ck_assert_str_eq(field(text, "\nfe,a<b>,", 32), "3");
	ck_assert_str_eq(field(text, "\nbe,s1,", 7), "5");
	ck_assert_str_eq(field(text, "\nbe,s1,", 17), "no check");
	ck_assert_str_eq(field(text, "\nbe,s1,", 61), "20");
	ck_assert_str_eq(field(text, "\nbe,s1,", 73), "127.0.0.1:81");
	ck_assert_str_eq(field(text, "\nbe,s1,", 74), "\"c");		/* quoted for its comma */
	ck_assert_str_eq(field(text, "\nbe,s2,", 18), "20");
	ck_assert_str_eq(field(text, "\nbe,s3,", 17), "MAINT");
	ck_assert_str_eq(field(text, "\nbe,s3,", 6), "7");
	ck_assert_str_eq(field(text, "\nbe,s3,", 25), "3");
	/* the backup server does not count while s1 is there */
	ck_assert_str_eq(field(text, "\nbe,BACKEND,", 18), "1");
	ck_assert_str_eq(field(text, "\nbe,BACKEND,", 76), "roundrobin");
	ck_assert_str_eq(field(text, "\nother,FRONTEND,", 75), "tcp");
	ck_assert_ptr_null(strstr(text, "other,sock-"));		/* without option socket-stats */
}
END_TEST

START_TEST(filters)
{
	struct stats_dump d = { .flags = STATS_NO_MAINT, .it = { .types = STAT_SRV } };
	const char *text;

	begin();
	text = dump(&d, 100000);
	ck_assert_ptr_nonnull(strstr(text, "\nbe,s2,"));
	ck_assert_ptr_null(strstr(text, "\nbe,s3,"));
	ck_assert_ptr_null(strstr(text, "\nbe,BACKEND,"));
	ck_assert_str_eq(field(text, "\nbe,s1,", 73), "");		/* addresses are details */
	d = (struct stats_dump){ .it = { .types = STAT_SRV | STAT_BE, .sid = 2, .iid = live_backend(STR("be"))->id } };
	text = dump(&d, 100000);
	ck_assert_ptr_nonnull(strstr(text, "\nbe,s2,"));
	ck_assert_ptr_nonnull(strstr(text, "\nbe,BACKEND,"));
	ck_assert_ptr_null(strstr(text, "\nbe,s1,"));
	ck_assert_ptr_null(strstr(text, "\nother,"));
	srv_set_stopped(live_server(live_backend(STR("be")), STR("s1")), NULL);
	d = (struct stats_dump){ .flags = STATS_UP };
	text = dump(&d, 100000);
	ck_assert_ptr_null(strstr(text, "\nbe,s1,"));
	ck_assert_str_eq(field(text, "\nbe,BACKEND,", 18), "20");
}
END_TEST

START_TEST(json_is_json)
{
	struct stats_dump d = { .flags = STATS_JSON | STATS_DETAIL };
	struct sbuf out = sbuf_grow();
	struct str doc, value;

	begin();
	doc = str_c(dump(&d, 500));
	ck_assert_int_eq(json_find(doc, STR("$[0][0].objType"), &value), JSON_STRING);
	ck_assert(str_eq(value, STR("Frontend")));
	ck_assert_int_eq(json_find(doc, STR("$[1][1].value.value"), &value), JSON_STRING);
	ck_assert(str_eq(value, STR("a<b>")));
	ck_assert_int_eq(json_find(doc, STR("$[8][0].value.value"), &value), JSON_STRING);
	ck_assert_int_eq(json_find(doc, STR("$[9]"), &value), JSON_NONE);
	stats_info(&out, STATS_JSON, &mem);
	ck_assert_int_eq(json_find(sbuf_str(&out), STR("$[0].value.value"), &value), JSON_STRING);
	ck_assert(str_eq(value, STR("HAProxy")));
	ck_assert_int_eq(json_find(str_c(stats_schema), STR("$.definitions.statItem.properties.id.type"),
	                           &value), JSON_STRING);
	sbuf_fini(&out);
}
END_TEST

START_TEST(the_page)
{
	struct stats_page pg = { .words = NULL, .admin = true, .self = STR("fe") }, again;
	struct sbuf whole = sbuf_grow(), pieces = sbuf_grow();
	const char *text;

	begin();
	pg.words = live_frontend(STR("fe"))->px->stats;
	again = pg;
	ck_assert(stats_page_write(&pg, &whole, 10000000));
	while (!stats_page_write(&again, &pieces, 300))
		;
	text = sbuf_z(&whole);
	ck_assert_uint_eq(pieces.n, whole.n);
	ck_assert_ptr_nonnull(strstr(text, "id=\"be\""));
	ck_assert_ptr_nonnull(strstr(text, "id=\"fe\""));
	ck_assert_ptr_null(strstr(text, "id=\"other\""));		/* stats scope */
	ck_assert_ptr_nonnull(strstr(text, "a&lt;b&gt;"));
	ck_assert_ptr_null(strstr(text, "a<b>"));
	ck_assert_ptr_nonnull(strstr(text, "<input type=\"checkbox\" name=\"s\" value=\"s3\">"));
	ck_assert_ptr_nonnull(strstr(text, "Cookie: c,1"));
	ck_assert(str_ends(sbuf_str(&whole), STR("</html>\n")));
	sbuf_fini(&whole);
	sbuf_fini(&pieces);
}
END_TEST

static const char *change(const char *body)
{
	static char text[1000];

	snprintf(text, sizeof(text), "%s", body);
	return stats_change(str_c(text));
}

START_TEST(changes)
{
	struct srv *s1, *s2;

	begin();
	s1 = live_server(live_backend(STR("be")), STR("s1"));
	s2 = live_server(live_backend(STR("be")), STR("s2"));
	ck_assert_str_eq(change("s=s1&s=s2&action=maint&b=be"), "DONE");
	ck_assert(s1->admin & SRV_ADM_FMAINT && s2->admin & SRV_ADM_FMAINT);
	ck_assert_str_eq(change("b=be&action=drain&s=%731"), "DONE");
	ck_assert(!(s1->admin & SRV_ADM_MAINT) && s1->admin & SRV_ADM_FDRAIN);
	ck_assert_str_eq(change("b=be&action=ready&s=s1&s=x"), "PART");
	ck_assert_int_eq(s1->admin, 0);
	ck_assert_str_eq(change("b=be&action=ready"), "NONE");
	ck_assert_str_eq(change("b=no&action=ready&s=s1"), "ERRP");
	ck_assert_str_eq(change("b=be&action=no&s=s1"), "ERRP");
	ck_assert_str_eq(change("b=be&s=s1"), "ERRP");
	ck_assert_str_eq(change(""), "ERRP");
	ck_assert_str_eq(change("&&=&s&s=%&b=%zz"), "ERRP");
}
END_TEST

START_TEST(prometheus)
{
	struct prom p = { .scopes = PROM_ALL }, again = p, servers = { .scopes = 0 };
	struct sbuf whole = sbuf_grow(), pieces = sbuf_grow();
	const char *text;

	begin();
	ck_assert(prom_write(&p, &whole, 10000000));
	while (!prom_write(&again, &pieces, 1))
		;
	text = sbuf_z(&whole);
	ck_assert_ptr_nonnull(strstr(text, "\nhaproxy_server_limit_sessions{proxy=\"be\",server=\"s2\"} NaN\n"
	                                   "haproxy_server_limit_sessions{proxy=\"be\",server=\"s3\"} 7\n"));
	ck_assert_ptr_nonnull(strstr(text,
	                             "\nhaproxy_listener_status{proxy=\"fe\",listener=\"a<b>\",state=\"OPEN\"} "));
	ck_assert_ptr_nonnull(strstr(text, "\nhaproxy_backend_agg_server_status{proxy=\"be\",state=\"MAINT\"} 1\n"));
	ck_assert_ptr_null(strstr(text, "haproxy_server_active_servers"));
	/* HELP and TYPE stand once for each metric. */
	ck_assert_ptr_null(strstr(strstr(text, "# TYPE haproxy_server_http_responses_total") + 10,
	                          "# TYPE haproxy_server_http_responses_total"));
	ck_assert_uint_gt(pieces.n, whole.n / 2);
	ck_assert(prom_query(&servers, STR("scope=server&no-maint")));
	sbuf_clear(&whole);
	ck_assert(prom_write(&servers, &whole, 10000000));
	ck_assert_ptr_null(strstr(sbuf_z(&whole), "server=\"s3\""));
	ck_assert_ptr_null(strstr(sbuf_z(&whole), "haproxy_backend"));
	ck_assert(prom_query(&servers, STR("scope=")) && servers.scopes == 0);
	ck_assert(!prom_query(&servers, STR("scope")));
	ck_assert(!prom_query(&servers, STR("scope=nope")));
	ck_assert(prom_query(&servers, STR("a=b&scope=%2a")) && servers.scopes == PROM_ALL);
	sbuf_fini(&whole);
	sbuf_fini(&pieces);
}
END_TEST

START_TEST(commands)
{
	begin();
	ck_assert_str_eq(say("show stat nope 1 1", CTL_USER), "No such proxy.\n");
	ck_assert_str_eq(say("show stat domain nope", CTL_USER), "Invalid statistics domain.\n");
	ck_assert_str_eq(field(say("show stat be 4 -1", CTL_USER), "\nbe,s1,", 73), "");
	ck_assert_str_eq(field(say("show stat be 4 -1", CTL_OPERATOR), "\nbe,s1,", 73), "127.0.0.1:81");
	ck_assert_ptr_null(strstr(say("show stat be 16 -1", CTL_USER), "\nbe,"));
	cnt_add(&live_server(live_backend(STR("be")), STR("s1"))->cnt, C_SESS, 3);
	ck_assert_str_eq(say("clear counters all", CTL_OPERATOR), "Permission denied\n");
	ck_assert_str_eq(say("clear counters", CTL_OPERATOR), "");
	ck_assert_str_eq(field(say("show stat be 4 1", CTL_USER), "\nbe,s1,", 7), "3");
	ck_assert_str_eq(say("clear counters server be/nope", CTL_ADMIN), "No such server.\n");
	ck_assert_str_eq(say("clear counters server be/s1", CTL_ADMIN), "");
	ck_assert_str_eq(field(say("show stat be 4 1", CTL_USER), "\nbe,s1,", 7), "0");
	ck_assert_str_eq(say("show backend", CTL_USER), "# name\nbe\nother\n");
	ck_assert_str_eq(say("get weight be/s2", CTL_USER), "20 (initial 20)\n");
	ck_assert_str_eq(say("get weight be/#2", CTL_USER), "20 (initial 20)\n");
	ck_assert_str_eq(say("get weight be", CTL_USER), "Require 'backend/server'.\n");
	ck_assert_ptr_nonnull(strstr(say("show servers state be", CTL_USER), " be 3 s3 127.0.0.1 0 5 1 1 "));
	ck_assert_str_eq(say("show servers conn nope", CTL_USER), "Can't find backend.\n");
	ck_assert(strncmp(say("show info", CTL_USER), "Name: HAProxy\nVersion: 3.5", 26) == 0);
	ck_assert_ptr_nonnull(strstr(say("show info typed", CTL_USER), "\n5.Process_num.1:KGP:u32:1\n"));
	ck_assert_ptr_nonnull(strstr(say("show info desc", CTL_USER), "\nNbproc: 1:\""));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stats");

	UNIT_TEST(s, csv);
	UNIT_TEST(s, filters);
	UNIT_TEST(s, json_is_json);
	UNIT_TEST(s, the_page);
	UNIT_TEST(s, changes);
	UNIT_TEST(s, prometheus);
	UNIT_TEST(s, commands);
	return unit_run(s);
}
