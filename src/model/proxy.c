/* Proxies as objects: making them, what they take from a defaults section, finding them. */
#include "model.h"

#include "weir/base/assert.h"

static void lists_init(struct proxy *p)
{
	struct list *all[] = {
		&p->binds,        &p->switching,     &p->monitor_fail,    &p->acls,
		&p->tcp_conn,     &p->tcp_sess,      &p->tcp_req,         &p->tcp_res,
		&p->http_req,     &p->http_res,      &p->http_after,      &p->redirects,
		&p->error_lines,  &p->stats_rules,   &p->filters,         &p->servers,
		&p->server_rules, &p->persist_rules, &p->force_be_switch, &p->bwlims,
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		list_init(all[i]);
}

void server_defaults(struct server_line *s)
{
	s->weight = 1;
	s->pool_max_conn = -1;
	s->pool_low_conn = 0;
	s->max_reuse = -1;
	s->pool_purge_delay = 5000;
	s->mux.upgrade_retry = 300000;
	s->error_limit = 10;
	list_init(&s->link);
}

struct proxy *proxy_create(struct conf *c, struct str name, unsigned caps, const char *file, int line)
{
	struct proxy *p = arena_new(&c->mem, struct proxy);

	list_init(&p->link);
	lists_init(p);
	log_list_init(&p->logs);
	p->conf = c;
	p->name = name;
	p->caps = caps;
	p->file = file;
	p->line = line;
	p->retries = 3;
	p->reuse = REUSE_SAFE;
	p->mode = MODE_TCP;
	server_defaults(&p->dflt_server);
	p->dflt_server.proxy = p;
	return p;
}

struct proxy *proxy_carrier(struct conf *c, struct str name, const char *file, int line)
{
	struct proxy *p = proxy_create(c, name, PR_BE | PR_INTERNAL, file, line);

	list_push(&c->hidden, &p->link);
	return p;
}

/* Pages are a list of lines: the section's own go behind those of its defaults. */
static void inherit_errors(struct proxy *p, const struct proxy *d)
{
	struct error_line *from;

	list_each(from, &d->error_lines, link) {
		struct error_line *copy = arena_new(&p->conf->mem, struct error_line);

		*copy = *from;
		list_push(&p->error_lines, &copy->link);
	}
}

static void inherit_front(struct proxy *p, const struct proxy *d)
{
	p->maxconn = d->maxconn;
	p->backlog = d->backlog;
	p->t_client = d->t_client;
	p->t_client_fin = d->t_client_fin;
	p->t_http_request = d->t_http_request;
	p->t_keepalive = d->t_keepalive;
	p->t_client_hs = d->t_client_hs;
	p->default_backend_name = d->default_backend_name;
	p->monitor_uri = d->monitor_uri;
	p->capture_cookie = d->capture_cookie;
	p->capture_cookie_len = d->capture_cookie_len;
	p->rate_limit = d->rate_limit;
	p->clitcpka = d->clitcpka;
	p->log_kind = d->log_kind;
	p->log_text = d->log_text;
	p->error_log_text = d->error_log_text;
	p->log_sd_text = d->log_sd_text;
	p->log_steps = d->log_steps;
	p->req_caps = d->req_caps;
	p->res_caps = d->res_caps;
	p->n_req_caps = d->n_req_caps;
	p->n_res_caps = d->n_res_caps;
}

static void inherit_back(struct proxy *p, const struct proxy *d)
{
	p->dflt_server = d->dflt_server;
	list_init(&p->dflt_server.link);
	p->dflt_server.proxy = p;
	p->t_connect = d->t_connect;
	p->t_server = d->t_server;
	p->t_server_fin = d->t_server_fin;
	p->t_queue = d->t_queue;
	p->t_tunnel = d->t_tunnel;
	p->t_check = d->t_check;
	p->retries = d->retries;
	p->retry_on = d->retry_on;
	p->redispatch_after = d->redispatch_after;
	p->fullconn = d->fullconn;
	p->reuse = d->reuse;
	p->reuse_said = d->reuse_said;
	p->lb = d->lb;
	p->cookie = d->cookie;
	p->source = d->source;
	p->rdp_persist = d->rdp_persist;
	p->srvtcpka = d->srvtcpka;
	p->max_ka_queue = d->max_ka_queue;
	p->ext_check_command = d->ext_check_command;
	p->ext_check_path = d->ext_check_path;
	p->load_state = d->load_state;
	p->check = d->check;
}

void proxy_inherit(struct proxy *p, struct proxy *d)
{
	if (!d)
		return;
	p->defaults = d;
	p->mode = d->mode;
	p->disabled = d->disabled;
	p->options = d->options;
	p->options2 = d->options2;
	p->no_options = d->no_options;
	p->no_options2 = d->no_options2;
	p->fwd = d->fwd;
	p->orig = d->orig;
	p->forwarded = d->forwarded;
	p->stats = d->stats;
	p->t_tarpit = d->t_tarpit;
	p->restrict_names = d->restrict_names;
	p->unique_id_text = d->unique_id_text;
	p->unique_id_header = d->unique_id_header;
	p->t_inspect_req = 0;
	log_list_inherit(&p->logs, &d->logs);
	inherit_errors(p, d);
	if (p->caps & (PR_FE | PR_DEFAULTS))
		inherit_front(p, d);
	if (p->caps & (PR_BE | PR_DEFAULTS))
		inherit_back(p, d);
}

const char *proxy_kind(const struct proxy *p)
{
	if (p->caps & PR_DEFAULTS)
		return "defaults";
	if ((p->caps & (PR_FE | PR_BE)) == (PR_FE | PR_BE))
		return "proxy";
	return p->caps & PR_FE ? "frontend" : "backend";
}

const char *caps_kind(unsigned caps)
{
	if (caps & PR_DEFAULTS)
		return "defaults";
	if ((caps & (PR_FE | PR_BE)) == (PR_FE | PR_BE))
		return "listen";
	return caps & PR_FE ? "frontend" : "backend";
}

bool proxy_has_rules(const struct proxy *p)
{
	return !list_empty(&p->tcp_conn) || !list_empty(&p->tcp_sess) || !list_empty(&p->tcp_req) ||
	       !list_empty(&p->tcp_res) || !list_empty(&p->http_req) || !list_empty(&p->http_res) ||
	       !list_empty(&p->http_after);
}

struct proxy *conf_backend(const struct conf *c, struct str name)
{
	OBJ_CHECK(c, CONF_MAGIC);
	return hmap_get(&c->backends, name);
}

struct proxy *conf_frontend(const struct conf *c, struct str name)
{
	OBJ_CHECK(c, CONF_MAGIC);
	return hmap_get(&c->frontends, name);
}

struct proxy *conf_proxy_by_id(const struct conf *c, int id)
{
	struct proxy *p;

	list_each(p, &c->proxies, link)
		if (p->id == id)
			return p;
	return NULL;
}

struct http_errors *conf_http_errors(const struct conf *c, struct str name)
{
	struct http_errors *h;

	list_each(h, &c->http_errors, link)
		if (str_eq(h->name, name))
			return h;
	return NULL;
}

struct server_line *proxy_server(const struct proxy *p, struct str name)
{
	struct server_line *s;

	list_each(s, &p->servers, link)
		if (str_eq(s->name, name))
			return s;
	return NULL;
}
