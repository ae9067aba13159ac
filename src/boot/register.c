/* Hands the arrays of builtin.c to the floors that look things up in them. */
#include "boot.h"

#include "builtin.h"
#include "weir/feature/check/check.h"
#include "weir/feature/trace/trace.h"
#include "weir/base/assert.h"
#include "weir/base/pool.h"
#include "weir/base/version.h"
#include "weir/expr/compile.h"
#include "weir/expr/rows.h"
#include "weir/live/live.h"
#include "weir/live/stats.h"
#include "weir/model/sections.h"
#include "weir/stream/hook.h"
#include "weir/stream/service.h"

#include <openssl/opensslv.h>
#include <stdlib.h>

size_t row_list_count(const struct row_list *l)
{
	size_t n = l->count ? *l->count : l->n;

	if (l->count || l->n)
		return n;
	while (*(const char *const *)((const char *)l->rows + n * l->size))
		n++;
	return n;
}

/* What enabled() answers depends on the command line. */
enum { ON_EPOLL, ON_POLL, ON_SPLICE, ON_GETADDRINFO, ON_REUSEPORT, ON_FASTFORWARD, ON_VERIFY_NONE, ON_COUNT };
/* Tables of tables with lengths, made once from the lists. All kinds have the shape of `slice`. */
struct slice { const void *rows; size_t n; };
static struct tables {
	struct slice *sections, *fetches, *converters, *actions, *logvars;
	struct kw_table *keywords;
	struct conf_feature enabled[ON_COUNT + 1];
	struct conf_facts facts;
	struct conf_registry registry;
	struct expr_tables expr;
} tables;

WSTATIC(sizeof(struct slice) == sizeof(struct fetch_table) && sizeof(struct slice) == sizeof(struct section_table));

static struct slice *measure(const struct row_list *lists)
{
	struct slice *out;
	size_t n = 0;

	while (lists[n].rows)
		n++;
	out = mem_zalloc((n + 1) * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		out[i] = (struct slice){ lists[i].rows, row_list_count(&lists[i]) };
	return out;
}

static struct kw_table *measure_keywords(const struct kw_listing *lists)
{
	struct kw_table *out;
	size_t n = 0;

	while (lists[n].list.rows)
		n++;
	out = mem_zalloc((n + 1) * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		out[i] = (struct kw_table){ lists[i].list.rows, row_list_count(&lists[i].list), lists[i].base,
					    lists[i].only };
	return out;
}

static void set_facts(const struct cmdline *c)
{
	tables.enabled[ON_EPOLL] = (struct conf_feature){ "EPOLL", !c->no_epoll };
	tables.enabled[ON_POLL] = (struct conf_feature){ "POLL", !c->no_poll };
	tables.enabled[ON_SPLICE] = (struct conf_feature){ "SPLICE", !c->no_splice };
	tables.enabled[ON_GETADDRINFO] = (struct conf_feature){ "GETADDRINFO", !c->no_getaddrinfo };
	tables.enabled[ON_REUSEPORT] = (struct conf_feature){ "REUSEPORT", !c->no_reuseport };
	tables.enabled[ON_FASTFORWARD] = (struct conf_feature){ "FAST-FORWARD", !c->no_fastforward };
	tables.enabled[ON_VERIFY_NONE] = (struct conf_feature){ "SERVER-SSL-VERIFY-NONE", c->no_verify };
	tables.facts = (struct conf_facts){
		.version = WEIR_LANGUAGE,
		.ssl_version = OPENSSL_VERSION_STR,
		.ssl_name = OPENSSL_VERSION_TEXT,
		.features = builtin_features,
		.enabled = tables.enabled,
	};
}

static bool is_stopping(void)
{
	return atom_get(&live_get()->stopping);
}

static const struct expr_process process = { .thread = thr_id, .stopping = is_stopping };

static const struct srv_field_row *const server_fields[] = { check_fields, agent_fields, NULL };

void builtin_register(const struct cmdline *c)
{
	set_facts(c);
	tables.keywords = measure_keywords(builtin.keywords);
	tables.sections = measure(builtin.sections);
	tables.fetches = measure(builtin.fetches);
	tables.converters = measure(builtin.converters);
	tables.actions = measure(builtin.actions);
	tables.logvars = measure(builtin.logvars);
	tables.registry = (struct conf_registry){
		.keywords = tables.keywords, .sections = (void *)tables.sections, .facts = &tables.facts,
		.misplaced = model_misplaced, .settle = builtin.settle,
		.settle_server = builtin.settle_server,
	};
	tables.expr = (struct expr_tables){
		.fetches = (void *)tables.fetches,
		.convs = (void *)tables.converters,
		.actions = (void *)tables.actions,
	};
	conf_register(&tables.registry);
	expr_set_tables(&tables.expr);
	expr_set_process(&process);
	logfmt_set_vars((void *)tables.logvars);
	ctl_set_tables(builtin.commands);
	srv_fields_set(server_fields, check_view);
	stats_register(builtin.stat_columns, builtin.info_fields);
	service_set_tables(builtin.services);
	stream_set_hooks(builtin.hooks);
	trace_set_rows(builtin.traces);
}

void builtin_forget(void)
{
	conf_unregister();
	expr_forget_tables();
	stats_unregister();
	free(tables.keywords);
	free(tables.sections);
	free(tables.fetches);
	free(tables.converters);
	free(tables.actions);
	free(tables.logvars);
	memset(&tables, 0, sizeof(tables));
}
