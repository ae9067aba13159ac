/* Contexts of the lines that speak TLS: made at the end of a load, while files can still be read. */
#include "model.h"

#include <stdio.h>

#include "weir/expr/compile.h"
#include "weir/tls/context.h"

static void release_files(void *p)
{
	tls_files_destroy(p);
}

static void release_front(void *p)
{
	tls_front_free(p);
}

static void release_back(void *p)
{
	tls_back_free(p);
}

static bool proto_is(const struct mux_words *w, const char *name)
{
	return w->proto && str_eqz(str_c(w->proto->proto), name);
}

/* What a bind offers when `alpn` does not say it follows from what it can speak. */
static struct str bind_alpn(const struct bind *b)
{
	const struct mux_words *w = &b->mux;

	if (w->no_alpn)
		return STR_NONE;
	if (w->alpn_set)
		return w->alpn;
	if (proto_is(w, "h2"))
		return STR("\2h2");
	if (proto_is(w, "h1"))
		return STR("\10http/1.1");
	return b->proxy->mode == MODE_HTTP ? STR("\2h2\10http/1.1") : STR_NONE;
}

/* The addresses of one line have one context. */
static bool same_line(const struct bind *a, const struct bind *b)
{
	return a && a->tls.ctx && a->file == b->file && a->line == b->line;
}

/* Certificates that the frontend names for all its lines come behind the line's own. */
static void add_uses(struct conf *c, struct bind *b)
{
	struct tls_crt **at = &b->tls.crts, *list;

	if (!b->proxy->tls_uses)
		return;
	list = arena_new(&c->mem, struct tls_crt);
	list->list = true;
	list->lines = b->proxy->tls_uses;
	list->path = arena_printf(&c->mem, "@" STR_FMT, STR_ARG(b->proxy->name));
	while (*at)
		at = &(*at)->next;
	*at = list;
}

static bool bind_err(struct loader *ld, const struct bind *b, const struct tls_fault *why)
{
	if (why->no_cert)
		return loader_err(ld, "Proxy '" STR_FMT "': no SSL certificate specified for bind '" STR_FMT
				  "' at [%s:%d] (use 'crt').",
				  STR_ARG(b->proxy->name), STR_ARG(b->net.text), b->file, b->line);
	return loader_err_line(ld, b->file, b->line, "'bind " STR_FMT "' in section '%s' : %s", STR_ARG(b->net.text),
			       caps_kind(b->proxy->caps), why->text);
}

/* Files that a line names without `ssl` are not used, but they have to be there, as with HAProxy. */
static bool bind_readable(struct loader *ld, struct conf *c, struct bind *b)
{
	struct tls_fault why;

	return tls_bind_readable(&b->tls, &c->global.tls, &why) || bind_err(ld, b, &why);
}

/* Single versions beside a range. */
static bool versions_ignored(const struct tls_common *c)
{
	return c->options & TLS_NO_VERSIONS && (c->min || c->max);
}

#define IGNORED "no-sslv3/no-tlsv1x are ignored for "
#define USE_RANGE ". Use only 'ssl-min-ver' and 'ssl-max-ver' to fix."

static bool prepare_binds(struct loader *ld, struct conf *c, struct list *binds)
{
	struct bind *b, *last = NULL;
	struct tls_fault why;
	bool ok = true;

	list_each(b, binds, link) {
		if (b->broken)
			continue;
		conf_dir_enter(c, b->file);
		if (!b->tls.on) {
			ok &= same_line(last, b) || bind_readable(ld, c, b);
			continue;
		}
		if (same_line(last, b)) {
			b->tls.ctx = last->tls.ctx;
			continue;
		}
		last = b;
		add_uses(c, b);
		if (versions_ignored(&b->tls.c))
			diag_say(ld->diag, DIAG_WARNING, "Proxy '" STR_FMT "': " IGNORED "bind '" STR_FMT "' at [%s:%d]"
				 USE_RANGE, STR_ARG(b->proxy->name), STR_ARG(b->net.text), b->file, b->line);
		if (!tls_bind_prepare(&b->tls, c->tls_files, bind_alpn(b), &why))
			ok = bind_err(ld, b, &why);
		else if (tls_front_is_empty(b->tls.ctx))
			diag_say(ld->diag, DIAG_WARNING,
				 "Proxy '" STR_FMT "': no SSL certificate specified for bind '" STR_FMT
				 "' at [%s:%d], ssl connections will fail (use 'crt').",
				 STR_ARG(b->proxy->name), STR_ARG(b->net.text), b->file, b->line);
		arena_defer(&c->mem, release_front, b->tls.ctx);
	}
	return ok;
}

/* --- servers --- */

static bool server_err(struct loader *ld, const struct server_line *s, const char *text)
{
	if (s->flags & SRV_DYNAMIC)	/* whoever asks knows which */
		return loader_err(ld, "%s", text);
	return loader_err_line(ld, s->file, s->line, "'server " STR_FMT "/" STR_FMT "' : %s", STR_ARG(s->proxy->name),
	                       STR_ARG(s->name), text);
}

/* An expression of a server line that every request is asked; NULL: reported. */
static struct expr *compile_text(struct loader *ld, struct conf *c, struct server_line *s, const char *word,
				 struct str text)
{
	const struct tls_server_words *w = &s->tls;
	struct load_err e = { .msg = "" };
	bool in_sni = text.p == w->sni_text.p;
	struct xscope sc;
	struct expr *x;
	char where[64];
	size_t used;

	snprintf(where, sizeof(where), "'%s' expression", word);
	proxy_scope_at(c, s->proxy, in_sni ? w->sni_file : s->file, in_sni ? w->sni_line : s->line,
		       ruleset_use(RS_HTTP_REQ, true), where, &sc);
	x = expr_compile(&sc, text, &used, &e);
	if (x && used == text.n)
		return x;
	if (x)
		load_err_set(&e, text.p + used, "unexpected characters behind the expression");
	loader_err_line(ld, s->file, s->line, "'server " STR_FMT "/" STR_FMT "' : error detected while parsing %s "
			"expression : %s", STR_ARG(s->proxy->name), STR_ARG(s->name), word, e.msg);
	return NULL;
}

static bool compile_expressions(struct loader *ld, struct conf *c, struct server_line *s)
{
	if (s->tls.sni_text.n)
		s->tls.sni = compile_text(ld, c, s, "sni", s->tls.sni_text);
	if (s->pool_conn_name.n)
		s->pool_name = compile_text(ld, c, s, "pool-conn-name", s->pool_conn_name);
	return (s->tls.sni || !s->tls.sni_text.n) && (s->pool_name || !s->pool_conn_name.n);
}

/* `no-ssl` and TLS checks: the command line may switch it on, checks need it all the same. */
static bool wants_tls(const struct server_line *s)
{
	const struct tls_server_words *w = &s->tls;

	if (w->on || s->check.ssl == CHECK_ON || s->check.tls)
		return true;
	return w->off && (w->c.verify || w->c.ca_file.n);
}

bool server_tls_prepare(struct loader *ld, struct conf *c, struct server_line *s, struct arena *mem)
{
	struct tls_fault why;
	bool ok = compile_expressions(ld, c, s);

	if (s->flags & SRV_BROKEN)
		return false;
	conf_dir_enter(c, s->file);
	if (!tls_server_readable(&s->tls, &c->global.tls, &why))
		return server_err(ld, s, why.text);
	if (!wants_tls(s))
		return ok;
	if (versions_ignored(&s->tls.c))
		diag_say(ld->diag, DIAG_WARNING, "[%s:%d] : 'server " STR_FMT "/" STR_FMT "' : " IGNORED "this server"
			 USE_RANGE, s->file, s->line, STR_ARG(s->proxy->name), STR_ARG(s->name));
	if (!tls_server_prepare(&s->tls, c->tls_files, s->mux.alpn, &why))
		ok = server_err(ld, s, why.text);
	arena_defer(mem, release_back, s->tls.ctx);
	return ok;
}

bool conf_tls_prepare(struct loader *ld, struct conf *c)
{
	struct server_line *s;
	struct proxy *p;
	bool ok = true;

	conf_dir_enter(c, NULL);
	c->tls_files = tls_files_create(&c->global.tls);
	arena_defer(&c->mem, release_files, c->tls_files);
	list_each(p, &c->proxies, link) {
		ok &= prepare_binds(ld, c, &p->binds);
		list_each(s, &p->servers, link)
			ok &= server_tls_prepare(ld, c, s, &c->mem);
	}
	list_each(p, &c->hidden, link)
		list_each(s, &p->servers, link)
			ok &= server_tls_prepare(ld, c, s, &c->mem);
	ok &= prepare_binds(ld, c, &c->global.stats_binds);
	tls_files_run(c->tls_files);
	return ok;
}
