/* What the form of the statistics page asks for: s=<server> (several), b=<backend or #number>, action=<word>. */
#include "stats_priv.h"

#include "weir/base/enc.h"
#include "weir/base/num.h"

#define SERVERS_MAX 256

struct form {
	struct str backend, action;
	struct str servers[SERVERS_MAX];
	int n;
	bool too_many;
};

static bool act(struct srv *s, struct str action)
{
	static const char why[] = "statistics page";

	if (str_eq(action, STR("ready"))) {
		srv_set_admin(s, SRV_ADM_FMAINT | SRV_ADM_FDRAIN, false, why);
	} else if (str_eq(action, STR("drain"))) {
		srv_set_admin(s, SRV_ADM_FMAINT, false, why);
		srv_set_admin(s, SRV_ADM_FDRAIN, true, why);
	} else if (str_eq(action, STR("enable")) || str_eq(action, STR("start"))) {	/* older names */
		srv_set_admin(s, SRV_ADM_FMAINT, false, why);
	} else if (str_eq(action, STR("maint")) || str_eq(action, STR("disable")) || str_eq(action, STR("stop"))) {
		srv_set_admin(s, SRV_ADM_FMAINT, true, why);
	} else if (str_eq(action, STR("hrunn"))) {
		srv_set_running(s, why);
	} else if (str_eq(action, STR("hnolb"))) {
		srv_set_stopping(s, why);
	} else if (str_eq(action, STR("hdown"))) {
		srv_set_stopped(s, why);
	} else {
		return false;
	}
	return true;
}

/* One "key=value" of the body, decoded in place. */
static void take(struct form *f, struct str pair)
{
	struct str value = pair, key = str_cut(&value, '=');
	struct sbuf b = sbuf_fixed((char *)value.p, value.n);

	if (!value.p || !pct_dec(&b, value, PCT_PLUS_SPACE))
		return;
	value = sbuf_str(&b);
	if (str_eq(key, STR("b")))
		f->backend = value;
	else if (str_eq(key, STR("action")))
		f->action = value;
	else if (str_eq(key, STR("s")) && f->n < SERVERS_MAX)
		f->servers[f->n++] = value;
	else if (str_eq(key, STR("s")))
		f->too_many = true;
}

static struct px_live *backend_of(struct str name)
{
	uint64_t id;

	if (name.n && name.p[0] == '#')
		return num_u64(str_skip(name, 1), &id) && id <= INT32_MAX ? live_proxy_by_id((int)id) : NULL;
	return live_backend(name);
}

const char *stats_change(struct str body)
{
	struct form f = { .n = 0 };
	struct px_live *p;
	int done = 0;

	while (body.p)
		take(&f, str_cut(&body, '&'));
	if (f.too_many)
		return "EXCD";
	p = backend_of(f.backend);
	if (!p || !f.action.n)
		return "ERRP";
	for (int i = 0; i < f.n; i++) {
		struct srv *s = live_server(p, f.servers[i]);

		done += s && act(s, f.action);
	}
	return !f.n ? "NONE" : done == f.n ? "DONE" : done ? "PART" : "ERRP";
}
