/* A server line that comes by the command socket: the same rows as in the file, but for some that need more than the
 * line itself; mistakes go to the asker. */
#include "weir/model/dynamic.h"
#include "model.h"

#include <stdlib.h>

#include "weir/base/pool.h"
#include "weir/net/conf_net.h"

struct own_line {
	struct server_line line;
	struct arena mem;
};

/* Words that are about default-server lines, start-up, or other sections. */
static const char *const not_here[] = {
	"non-stick", "stick", "redir", "no-check", "no-check-ssl", "no-check-send-proxy", "no-agent-check", "init-addr",
	"resolvers", "resolve-opts", "resolve-prefer", "resolve-net", "namespace", "log-proto", NULL,
};

static bool refused(struct kw_call *k, const struct kw *row)
{
	if (kw_choice(str_c(row->name), not_here) < 0)
		return false;
	kw_err(k, k->at, "'%s' option is not accepted for dynamic server", row->name);
	return true;
}

static bool unknown(struct kw_call *k)
{
	const char *near = kw_near(kw_peek(k), KW_DYNSRV, NULL);

	if (near)
		return kw_err(k, k->at, "unknown keyword '" STR_FMT "'; did you mean '%s' maybe ?",
			      STR_ARG(kw_peek(k)), near);
	return kw_err(k, k->at, "unknown keyword '" STR_FMT "'.", STR_ARG(kw_peek(k)));
}

/* Unlike in a file, the first mistake is enough. */
static bool take_words(struct kw_call *k, struct server_line *s)
{
	k->whole = s;
	while (kw_more(k)) {
		size_t base;
		int words;
		const struct kw *row = kw_find(k->w, k->n, k->at, KW_DYNSRV, &words, &base);

		if (!row)
			return unknown(k);
		if (refused(k, row))
			return false;
		k->at += words;
		if (!kw_apply(k, row, (char *)s + base))
			return false;
	}
	return true;
}

static bool take_address(struct kw_call *k, struct server_line *s)
{
	struct addr_fault fault;
	struct addr_conf a;

	if (!addr_conf_parse(&a, kw_peek(k), AC_SERVER, STR_NONE, &fault))
		return kw_err(k, k->at, "%s", fault.text);
	k->at++;
	server_take_address(s, &a);
	return true;
}

static bool settle_modules(struct loader *ld, struct server_line *s)
{
	const struct conf_registry *r = conf_registered();
	bool ok = true;

	for (int i = 0; r && r->settle_server && r->settle_server[i]; i++)
		ok &= r->settle_server[i](ld, s);
	return ok;
}

static bool parse(struct kw_call *k, struct server_line *s)
{
	struct loader *ld = k->ld;
	struct conf *c = ld->conf;
	struct proxy *p = s->proxy;

	if (!kw_more(k))
		return kw_err(k, 0, "'server' expects <name> and <addr>[:<port>] as arguments.");
	if (!server_name_ok(k, s->name) || !take_address(k, s) || !take_words(k, s))
		return false;
	tls_server_words_defaults(&s->tls, &c->global.tls);
	if (!server_check(ld, s) || !settle_modules(ld, s) || !server_tls_prepare(ld, c, s, k->mem) ||
	    !server_compile(ld, p, s))
		return false;
	server_limits(s, p);
	return true;
}

/* Words of a command live as long as the command. */
static struct str *keep_words(struct arena *mem, const struct str *w, int n)
{
	struct str *own = arena_alloc(mem, sizeof(*own) * (size_t)(n + 1));

	for (int i = 0; i < n; i++)
		own[i] = arena_str(mem, w[i]);
	return own;
}

struct server_line *server_line_add(struct proxy *p, struct str name, const struct str *w, int n, struct sbuf *said)
{
	struct own_line *own = mem_zalloc(sizeof(*own));
	struct diag diag = { .texts = said };
	struct server_line *s = &own->line;
	struct loader ld;
	bool ok;

	arena_init(&own->mem, 4096);
	server_defaults(s);
	s->proxy = p;
	s->name = arena_str(&own->mem, name);
	s->flags |= SRV_DYNAMIC;
	s->file = "add server";
	loader_init(&ld, &diag, &own->mem, p->conf);
	ld.file = s->file;
	ok = parse(&(struct kw_call){ .ld = &ld, .proxy = p, .w = keep_words(&own->mem, w, n), .n = n,
				      .scope = KW_DYNSRV, .file = s->file, .mem = &own->mem }, s);
	loader_fini(&ld);
	if (ok)
		return s;
	server_line_free(s);
	return NULL;
}

void server_line_free(struct server_line *line)
{
	struct own_line *own = container_of(line, struct own_line, line);

	arena_fini(&own->mem);
	free(own);
}
