/* -dK: every row of every table, by class, in HAProxy's layout. */
#include "boot.h"

#include <string.h>

#include "builtin.h"
#include "weir/expr/compile.h"
#include "weir/expr/rule.h"
#include "weir/live/live.h"
#include "weir/mux/mux.h"
#include "weir/stream/service.h"

/* --- configuration --- */

struct kw_filter { uint32_t scope; const char *prefix; };

static void print_kw(const struct kw *row, uint32_t scopes, void *arg)
{
	const struct kw_filter *f = arg;
	size_t n = strlen(row->name);

	if (!(scopes & f->scope) || row->type == KT_REFUSED || row->type == KT_NOT_BUILT ||
	    row->flags & (KW_F_HIDDEN | KW_F_RULE))
		return;
	printf("\t%s%s%s\n", f->prefix, row->name, row->name[n - 1] == '(' ? "...)" : "");
}

static void print_scope(uint32_t scope, const char *prefix)
{
	struct kw_filter f = { scope, prefix };

	conf_each_kw(print_kw, &f);
}

static void print_actions(void)
{
	static const struct { uint32_t set; const char *name;
	} sets[] = {
		{ RS_TCP_CONN, "tcp-request connection" }, { RS_TCP_SESS, "tcp-request session" },
		{ RS_TCP_REQ, "tcp-request content" },     { RS_TCP_RES, "tcp-response content" },
		{ RS_HTTP_REQ, "http-request" },           { RS_HTTP_RES, "http-response" },
		{ RS_HTTP_AFTER, "http-after-response" },
	};

	for (size_t s = 0; s < ARRAY_LEN(sets); s++)
		for (const struct row_list *l = builtin.actions; l->rows; l++)
			for (size_t i = 0; i < row_list_count(l); i++) {
				const struct action_row *row = (const struct action_row *)l->rows + i;

				if (row->sets & sets[s].set)
					printf("\t%s %s\n", sets[s].name, row->name);
			}
}

static void dump_cfg(void)
{
	static const struct { uint32_t scope; const char *prefix; } objects[] = {
		{ KW_BIND, "bind <addr> " }, { KW_SERVER, "server <name> <addr> " },
	};

	printf("# List of registered configuration keywords:\n");
	for (uint32_t scope = KW_GLOBAL; scope <= KW_ACME; scope <<= 1) {
		const struct section_row *s = conf_section_find(str_c(conf_scope_name(scope)));

		if (!s || !s->begin)
			continue;
		printf("%s\n", s->name);
		print_scope(scope, "");
		if (scope != KW_LISTEN)
			continue;
		for (size_t i = 0; i < ARRAY_LEN(objects); i++)
			print_scope(objects[i].scope, objects[i].prefix);
		print_actions();
	}
}

/* --- expressions --- */

static void print_args(const struct arg_spec *a)
{
	static const char *const names[] = {
		[ARG_STR] = "string",
		[ARG_SINT] = "integer",
		[ARG_TIME] = "delay",
		[ARG_SIZE] = "size",
		[ARG_IPV4] = "IPv4 address",
		[ARG_MASK4] = "IPv4 mask",
		[ARG_IPV6] = "IPv6 address",
		[ARG_MASK6] = "IPv6 mask",
		[ARG_REG] = "regex",
		[ARG_MAP] = "map",
		[ARG_FE] = "frontend",
		[ARG_BE] = "backend",
		[ARG_TAB] = "table",
		[ARG_SRV] = "server",
		[ARG_USERLIST] = "user list",
		[ARG_VAR] = "variable",
		[ARG_SINT_OR_VAR] = "integer or variable",
		[ARG_STR_OR_VAR] = "string or variable",
		[ARG_ID] = "identifier",
		[ARG_OPT_STR] = "string",
	};
	int n = 0;

	while (n < ARGS_MAX && a->t[n] != ARG_END)
		n++;
	if (!n)
		return;
	putchar('(');
	for (int i = 0; i < n; i++)
		printf("%s%s%s", i == a->min ? "[" : "", i ? "," : "",
		       a->t[i] < ARRAY_LEN(names) && names[a->t[i]] ? names[a->t[i]] : "string");
	printf("%s)", n > a->min ? "]" : "");
}

/* Where a source of data may be asked: a column for each place, in HAProxy's order. */
static const char *const places[] = {
	"frontend tcp-request connection rule", "frontend tcp-request session rule",
	"frontend tcp-request content rule", "frontend http-request header rule",
	"frontend http-request body rule", "frontend use-backend rule",
	"backend tcp-request content rule", "backend http-request header rule",
	"backend http-request body rule", "backend use-server, balance or stick-match rule",
	"server source selection", "backend tcp-response content rule",
	"backend http-response header rule", "backend http-response body rule",
	"backend stick-store rule", "frontend tcp-response content rule",
	"frontend http-response header rule", "frontend http-response body rule",
	"logs", "backend tcp-check rule", "configuration parser", "CLI parser",
};
static const struct { uint32_t use; const char *at; } sources[] = {
	{ USE_INTRN, "YYYYYYYYYYYYYYYYYYYY.Y" },
	{ USE_CONST, "YYYYYYYYYYYYYYYYYYYYYY" },
	{ USE_LISTN, "YYYYYYYYYYYYYYYYYYY..." },
	{ USE_FTEND, "YYYYYYYYYYYYYYYYYYY..." },
	{ USE_L4CLI, "YYYYYYYYYYYYYYYYYYYY.." },
	{ USE_L5CLI, ".YYYYYYYYYYYYYYYYYY..." },
	{ USE_TRACK, "YYYYYYYYYYYYYYYYYYYY.Y" },
	{ USE_L6REQ, "..YYYYYYYYY..........." },
	{ USE_HRQHV, "..YYYYYYYYY..........." },
	{ USE_HRQHP, "..YYYYYYYYYYYYYYYYY..." },
	{ USE_HRQBO, "..YYYYYYYYY..........." },
	{ USE_BKEND, "......YYYYYYYYYYYYYY.." },
	{ USE_SERVR, "..........YYYYYYYYYY.." },
	{ USE_L4SRV, "...........YYYYYYYYY.." },
	{ USE_L5SRV, "...........YYYYYYYYY.." },
	{ USE_L6RES, "...........YYYYYYY.Y.." },
	{ USE_HRSHV, "...........YYYYYYY.Y.." },
	{ USE_HRSHP, "...........YYYYYYYYY.." },
	{ USE_HRSBO, "...........YYYYYYY.Y.." },
	{ USE_RQFIN | USE_RSFIN | USE_TXFIN | USE_SSFIN, "..................Y..." },
	{ USE_CHECK, "...................Y.." },
};

static bool may_ask(uint32_t use, size_t place)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (use & sources[i].use && sources[i].at[place] == 'Y')
			return true;
	return false;
}

/* The names of the columns, each on a line of its own that leads to it. */
static void print_places(void)
{
	for (size_t p = 0; p < ARRAY_LEN(places); p++) {
		printf("# ");
		for (size_t i = 0; i < p; i++)
			printf("| ");
		printf(".-");
		for (size_t i = p; i < ARRAY_LEN(places); i++)
			printf("--");
		printf(" %s\n", places[p]);
	}
}

static void dump_smp(void)
{
	printf("# List of registered sample fetch functions:\n");
	print_places();
	for (const struct row_list *l = builtin.fetches; l->rows; l++)
		for (size_t i = 0; i < row_list_count(l); i++) {
			const struct fetch_row *row = (const struct fetch_row *)l->rows + i;

			printf("[");
			for (size_t p = 0; p < ARRAY_LEN(places); p++)
				printf(" %c", may_ask(row->use, p) ? 'Y' : '.');
			printf(" ] %s", row->name);
			print_args(&row->args);
			printf(": %s\n", smp_type_name(row->out));
		}
}

static void dump_cnv(void)
{
	printf("# List of registered sample converter functions:\n");
	for (const struct row_list *l = builtin.converters; l->rows; l++)
		for (size_t i = 0; i < row_list_count(l); i++) {
			const struct conv_row *row = (const struct conv_row *)l->rows + i;

			printf("%s", row->name);
			print_args(&row->args);
			printf(": %s => %s\n", smp_type_name(row->in), smp_type_name(row->out));
		}
}

static void dump_log(void)
{
	printf("# List of registered log format variables:\n");
	for (const struct row_list *l = builtin.logvars; l->rows; l++)
		for (size_t i = 0; i < row_list_count(l); i++)
			printf("%%%s\n", ((const struct logvar_row *)l->rows)[i].name);
}

/* --- the rest --- */

static void dump_cli(void)
{
	printf("# List of registered CLI keywords:\n");
	for (const struct ctl_row *const *t = builtin.commands; *t; t++)
		for (const struct ctl_row *row = *t; row->name; row++)
			if (!(row->flags & CTL_F_HIDDEN))
				printf("%s [%s]%s%s\n", row->name, row->flags & CTL_F_MASTER ? "MASTER" : "WORKER",
				       row->flags & CTL_F_EXPERT ? " [EXPERT]" : "",
				       row->flags & CTL_F_EXPERIMENTAL ? " [EXPERIM]" : "");
}

static void dump_lb(void)
{
	printf("# List of registered balance algorithms:\n");
	for (const struct lb_row *const *row = lb_rows; *row; row++)
		printf("balance %s\n", (*row)->name);
}

static void dump_mux(void)
{
	printf("# List of registered multiplexers:\n");
	for (const struct mux *const *m = mux_table; *m; m++)
		printf("%s\n", (*m)->proto);
}

static const struct { const char *name, *help; void (*dump)(void); } classes[] = {
	{ "cfg", "configuration keywords", dump_cfg },
	{ "cli", "CLI keywords", dump_cli },
	{ "cnv", "sample converter keywords", dump_cnv },
	{ "lb", "balance algorithms", dump_lb },
	{ "log", "log format variables", dump_log },
	{ "mux", "multiplexers", dump_mux },
	{ "smp", "sample fetch functions", dump_smp },
};

static void dump_help(void)
{
	printf("# List of supported keyword classes:\nall: list all keywords\n");
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		printf("%s: %s\n", classes[i].name, classes[i].help);
}

void dump_rows(const struct cmdline *c)
{
	struct str rest = str_c(c->keywords);

	while (rest.p) {
		struct str name = str_cut(&rest, ',');
		bool all = str_eq(name, STR("all"));

		if (!name.n || str_eq(name, STR("help")))
			dump_help();
		for (size_t i = 0; i < ARRAY_LEN(classes); i++)
			if (all || str_eqz(name, classes[i].name))
				classes[i].dump();
	}
}
