/* Fetches, converters and actions that HAProxy has and weir does not have yet: who uses one is told so instead of being
 * sent to look for a typing mistake. A star at the end stands for any rest. */
#include "expr_priv.h"

static const char *const fetches[] = {
	"sc_*", "sc0_*", "sc1_*", "sc2_*", "src_bytes_*", "src_clr_*", "src_conn_*", "src_get_*",
	"src_glitch_*", "src_gpc*", "src_http_*", "src_inc_*", "src_kbytes_*", "src_sess_*", "src_updt_*",
	"table_avl", "table_cnt", "table_clr_*", "table_inc_*", "res.cache_hit", "res.cache_name",
	"res.comp", "res.comp_algo", "fcgi.*", "internal.htx*",
	"term_events", "da-csv-fetch", "51d.all", "wurfl-get*", "ot.*", "lua.*", NULL,
};
static const char *const convs[] = {
	"table_*", "in_table", "jwt_*", "51d.single", "da-csv-conv", "wurfl-*", "lua.*", NULL,
};
static const char *const actions[] = {
	"sc-*", "track-sc*", "cache-use", "cache-store", "do-resolve*", "send-spoe-group", "attach-srv", "ot-group",
	"lua.*", NULL,
};

static bool listed(const char *const *names, struct str name)
{
	for (; *names; names++) {
		size_t n = strlen(*names);

		if ((*names)[n - 1] == '*' ? str_starts(name, str_make(*names, n - 1)) : str_eqz(name, *names))
			return true;
	}
	return false;
}

bool expr_known_fetch(struct str name)
{
	return listed(fetches, name);
}

bool expr_known_conv(struct str name)
{
	return listed(convs, name);
}

bool expr_known_action(struct str name)
{
	return listed(actions, name);
}
