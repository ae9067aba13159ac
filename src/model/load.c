/* Files into a generation. */
#include "model.h"
#include "rows.h"

#include <errno.h>
#include <stdlib.h>

#include "weir/base/atomic.h"
#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/expr/pattern.h"
#include "weir/expr/vars.h"
#include "weir/loop/profile.h"

static void global_init(struct global *g)
{
	log_list_init(&g->logs);
	list_init(&g->stats_binds);
	list_init(&g->vars);
	g->uid = g->gid = g->unix_uid = g->unix_gid = -1;
	g->strict_limits = true;
	g->t_stats = 10000;
	g->stats_maxconn = 10;
	g->profiling_tasks = PROF_AUTO;
	g->tune.idle_pool_shared = true;
	g->tune.pool_low_fd = 20;
	g->tune.pool_high_fd = 25;
	g->tune.cookielen = 64;
	g->tune.logurilen = 1024;
	codes_init(g);
	tls_global_init(&g->tls);
}

static struct conf *conf_create(void)
{
	struct arena mem;
	struct conf *c;

	arena_init_pages(&mem, 65536);
	c = arena_new(&mem, struct conf);
	c->mem = mem;
	c->magic = CONF_MAGIC;
	c->refs = mem_alloc(sizeof(*c->refs));
	*c->refs = 1;
	c->home_fd = -1;
	c->nice_low = 1024;
	list_init(&c->proxies);
	list_init(&c->defaults);
	list_init(&c->nameless);
	list_init(&c->hidden);
	list_init(&c->http_errors);
	list_init(&c->userlists);
	list_init(&c->unresolved);
	list_init(&c->replies);
	list_init(&c->sections);
	list_init(&c->log_profiles);
	global_init(&c->global);
	c->pats = pat_refs_create();
	c->no_errors = arena_array(&c->mem, struct reply *, REPLY_CODES);
	c->cli_proxy = proxy_create(c, STR("GLOBAL"), PR_FE | PR_INTERNAL, "", 0);
	c->cli_proxy->id = 0;
	return c;
}

static void proxies_fini(struct list *proxies)
{
	struct proxy *p;

	list_each(p, proxies, link)
		log_list_fini(&p->logs);
}

static void conf_destroy(struct conf *c)
{
	struct arena mem;

	arena_unseal(&c->mem);
	free(c->refs);
	proxies_fini(&c->proxies);
	proxies_fini(&c->defaults);
	proxies_fini(&c->nameless);
	proxies_fini(&c->hidden);
	log_list_fini(&c->global.logs);
	log_list_fini(&c->cli_proxy->logs);
	hmap_fini(&c->frontends);
	hmap_fini(&c->backends);
	hmap_fini(&c->guids);
	hmap_fini(&c->defaults_by_name);
	hmap_fini(&c->global.cases.names);
	pat_refs_destroy(c->pats);
	OBJ_WIPE(c);
	mem = c->mem;
	arena_fini(&mem);
}

void conf_seal(const struct conf *c)
{
	OBJ_CHECK(c, CONF_MAGIC);
	arena_seal(&c->mem);
}

void conf_ref(struct conf *c)
{
	OBJ_CHECK(c, CONF_MAGIC);
	atom_add(c->refs, 1);
}

void conf_unref(struct conf *c)
{
	if (!c)
		return;
	OBJ_CHECK(c, CONF_MAGIC);
	if (atom_sub_acq_rel(c->refs, 1) == 1)
		conf_destroy(c);
}

static void apply_cmdline(struct conf *c, const struct conf_cmdline *cl)
{
	struct global *g = &c->global;

	if (!cl)
		return;
	if (cl->maxconn)
		g->maxconn = cl->maxconn;
	if (cl->localpeer)
		g->localpeer = arena_str(&c->mem, str_c(cl->localpeer));
	if (cl->progname && !g->logs.tag.n)
		g->logs.tag = arena_str(&c->mem, str_c(cl->progname));
	g->noreuseport |= cl->no_reuseport;
	g->nosplice |= cl->no_splice;
	g->debug = cl->debug;
	c->proxy_maxconn = cl->proxy_maxconn;
	g->insecure_fork |= cl->insecure_fork;
	g->tls.server_verify_none |= cl->no_verify;
	c->ignore_resolve = cl->ignore_resolve;
	c->ipv4_only = cl->ipv4_only;
}

static void keep_names(struct conf *c)
{
	hmap_keep(&c->frontends, &c->mem);
	hmap_keep(&c->backends, &c->mem);
	hmap_keep(&c->defaults_by_name, &c->mem);
	hmap_keep(&c->global.cases.names, &c->mem);
}

/* What was read is checked as a whole even when lines were wrong, so that one run shows every mistake. */
static struct conf *finish(struct loader *ld, struct conf *c)
{
	struct diag *d = ld->diag;
	bool bad = ld->errors > 0, errors_only = d->errors_only;

	d->parsing = false;
	d->errors_only |= bad;
	conf_post(ld, c);
	conf_dir_leave(c);
	d->errors_only = errors_only;
	d->parsing = bad;
	if (ld->errors)
		diag_say(d, DIAG_ALERT, "Fatal errors found in configuration.");
	d->parsing = false;
	pat_refs_finish(c->pats);
	keep_names(c);
	loader_fini(ld);
	if (!ld->errors)
		return c;
	conf_unref(c);
	return NULL;
}

static void read_file(struct loader *ld, struct conf *c, const char *name)
{
	int before = ld->errors;

	loader_file(ld, arena_strz(&c->mem, name));
	if (ld->errors > before)
		diag_say(ld->diag, DIAG_ALERT, "Error(s) found in configuration file : %s", name);
}

static struct str joined(struct conf *c, const char *const *files, int n)
{
	struct sbuf b = sbuf_grow();
	struct str out;

	for (int i = 0; i < n; i++)
		sbuf_printf(&b, "%s%s", i ? ";" : "", files[i]);
	out = arena_str(&c->mem, sbuf_str(&b));
	sbuf_fini(&b);
	return out;
}

static void enter_dir(struct loader *ld, const char *file)
{
	const struct conf *c = ld->conf;

	if (file ? !conf_dir_enter(c, file) : !conf_dir_home(c))
		loader_err(ld, "cannot enter the directory of %s : %s", file ? file : "the start", strerror(errno));
}

struct conf *conf_load(const char *const *files, int nfiles, const struct conf_cmdline *cl, struct diag *d)
{
	struct conf *c = conf_create();
	struct loader ld;

	loader_init(&ld, d, &c->mem, c);
	ld.enter = enter_dir;
	d->parsing = true;
	c->files = joined(c, files, nfiles);
	apply_cmdline(c, cl);
	for (int i = 0; i < nfiles; i++)
		read_file(&ld, c, files[i]);
	apply_cmdline(c, cl);
	return finish(&ld, c);
}

struct conf *conf_load_text(const char *name, struct str text, struct diag *d)
{
	struct conf *c = conf_create();
	struct loader ld;

	loader_init(&ld, d, &c->mem, c);
	d->parsing = true;
	loader_text(&ld, arena_strz(&c->mem, name), text);
	return finish(&ld, c);
}
