/* `bind` and `stats socket` lines. */
#include "model.h"
#include "rows.h"

#include <stdio.h>

#include "weir/base/num.h"
#include "weir/ctl/ctl.h"
#include "weir/mux/conf_mux.h"
#include "weir/net/conf_net.h"
#include "weir/sys/proc.h"

static bool parse_name(struct kw_call *k)
{
	struct bind *b = k->obj;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' : missing name", k->kw->name);
	*(struct str *)((char *)b + k->kw->offset) = k->w[k->at++];
	return true;
}

/* True: another bind of the section has the number, which was reported. */
static bool id_taken(struct kw_call *k, int id)
{
	const struct proxy *p = k->proxy;
	const struct bind *b;

	if (!p)
		return false;
	list_each(b, &p->binds, link)
		if (b->id == id)
			return !kw_err(k, k->at,
				       "'id' : custom id %d already used at %s:%d ('bind " STR_FMT "')", id, b->file,
				       b->line, STR_ARG(b->net.text));
	return false;
}

static bool parse_id(struct kw_call *k)
{
	struct bind *b = k->obj;
	int64_t v;

	if (!kw_more(k))
		return kw_err(k, k->at, "'id' : expects an integer argument");
	if (!num_i64(k->w[k->at], &v))
		return kw_err(k, k->at, "'id' : expects an integer argument, found '" STR_FMT "'",
			      STR_ARG(k->w[k->at]));
	if (v <= 0 || v > INT32_MAX)
		return kw_err(k, k->at, "'id' : custom id has to be > 0");
	if (id_taken(k, (int)v))
		return false;
	k->at++;
	b->id = (int)v;
	return true;
}

static bool parse_level(struct kw_call *k)
{
	static const char *const words[] = { "user", "operator", "admin", NULL };
	struct bind *b = k->obj;
	int i;

	if (!kw_more(k))
		return kw_err(k, k->at, "'level' : missing level");
	i = kw_choice(kw_peek(k), words);
	if (i < 0)
		kw_hint_near(k, kw_peek(k), words);
	if (i < 0)
		return kw_err(k, k->at, "'level' only supports 'user', 'operator', and 'admin' (got '" STR_FMT "')",
		              STR_ARG(kw_peek(k)));
	k->at++;
	b->level = CTL_USER + i;
	return true;
}

static bool parse_expose(struct kw_call *k)
{
	struct bind *b = k->obj;

	if (!kw_more(k))
		return kw_err(k, k->at, "'expose-fd' : missing fd type");
	if (!kw_take_if(k, "listeners"))
		return kw_err(k, k->at, "'expose-fd' only supports 'listeners' (got '" STR_FMT "')",
			      STR_ARG(kw_peek(k)));
	b->expose_fd = true;
	return true;
}

static bool parse_severity(struct kw_call *k)
{
	static const char *const words[] = { "none", "number", "string", NULL };
	struct bind *b = k->obj;
	int i = kw_choice(kw_peek(k), words);

	if (!kw_more(k))
		return kw_err(k, k->at, "'severity-output' : missing severity format");
	if (i < 0)
		return kw_err(k, k->at,
			      "'severity-output' only supports 'none', 'number', and 'string' (got '" STR_FMT "')",
			      STR_ARG(kw_peek(k)));
	k->at++;
	b->severity = (uint8_t)i;
	return true;
}

/* --- the line --- */

struct bind_add { struct kw_call *k; const struct bind *like; struct list *to; int word; unsigned listeners, sockets; };

static bool add_bind(const struct bind_net *n, void *arg)
{
	struct bind_add *a = arg;
	struct bind *b = arena_new(a->k->mem, struct bind);

	*b = *a->like;
	b->net = *n;
	if (b->guid_prefix.n) {
		b->guid = arena_printf(a->k->mem, STR_FMT "-%u", STR_ARG(b->guid_prefix), ++a->listeners);
		if (!guid_take(a->k, a->word, "guid-prefix", b->guid,
			       arena_printf(a->k->mem, "listener " STR_FMT " (%s:%d)", STR_ARG(n->text), b->file,
					    b->line)))
			return false;
	}
	list_init(&b->link);
	list_push(a->to, &b->link);
	a->sockets++;
	return true;
}

static bool one_id(struct kw_call *k, const struct bind_add *a, const char *what)
{
	int at = 0;

	if (!a->like->id || a->sockets < 2)
		return true;
	while (at < k->n - 1 && !str_eqz(k->w[at], "id"))
		at++;
	return kw_err(k, at, "%s : 'id' can only be used with a single socket", what);
}

/* The address is looked at first, and read again behind the words, so that every bind made from its list has them. */
static bool take_bind(struct kw_call *k, struct proxy *p, const char *name, unsigned flags, struct list *to)
{
	const struct global *g = &kw_conf(k)->global;
	struct bind like = { .proxy = p, .file = k->file, .line = k->line, .level = CTL_OPERATOR };
	int address = k->at++;
	struct bind_add add = { .k = k, .like = &like, .to = to, .word = address };
	char what[300];
	bool ok, sane;

	flags |= kw_conf(k)->ipv4_only ? AC_V4_ONLY : 0;
	sane = bind_net_addresses(k, address, name, &like.net, g->unix_prefix, flags, NULL, NULL);
	bind_net_init(&like.net);
	mux_words_init(&like.mux);
	like.net.mode = g->unix_mode;
	like.net.uid = g->unix_uid;
	like.net.gid = g->unix_gid;
	like.net.maxconn = p->caps & PR_INTERNAL ? g->stats_maxconn : 0;
	if (p->caps & PR_INTERNAL)
		snprintf(what, sizeof(what), "'%s'", name);
	else
		snprintf(what, sizeof(what), "'%s %.200s' in section '%s'", name, k->w[address].p, caps_kind(p->caps));
	ok = kw_words(k, KW_BIND, &like, what);
	like.broken = !ok;
	like.tls.owner = p->name.p;
	like.tls.file = k->file;
	like.tls.line = k->line;
	tls_bind_words_defaults(&like.tls, &g->tls);
	return sane && bind_net_addresses(k, address, name, &like.net, g->unix_prefix, flags, add_bind, &add) &&
	       one_id(k, &add, what) && ok;
}

static bool parse_bind(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);

	if (!kw_peek(k).n) {
		kw_hint(k, "[address]:port, a path, or fd@<number>");
		return kw_err(k, k->at,
			      "'bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as arguments.");
	}
	return take_bind(k, p, "bind", AC_BIND, &p->binds);
}

static bool parse_stats_socket(struct kw_call *k)
{
	struct conf *c = kw_conf(k);

	if (!kw_peek(k).n)
		return kw_err(k, k->at,
			      "'stats socket' in global section expects an address or a path to a UNIX socket");
	return take_bind(k, c->cli_proxy, "stats socket", AC_BIND, &c->global.stats_binds);
}

/* --- checks that need the whole section --- */

/* Does one of the threads that there will be accept here? */
static bool has_thread(const struct conf *c, const struct bind_net *n)
{
	int threads = c->global.nbthread ? c->global.nbthread : proc_cpu_count();
	bool any = false;

	for (int i = 0; i < THR_MAX; i++) {
		bool wanted = n->threads[i / 64] >> i % 64 & 1;

		if (wanted && i < threads)
			return true;
		any |= wanted;
	}
	return !any;
}

static bool check_bind(struct loader *ld, const struct proxy *p, const struct bind *b)
{
	struct mux_misfit m = { .hint = NULL };

	if (b->broken)
		return false;
	if (!has_thread(p->conf, &b->net))
		return loader_err(ld, "Proxy '" STR_FMT "': 'thread' directive contains threads that belong to no "
				  "group in 'bind " STR_FMT "' at [%s:%d].", STR_ARG(p->name), STR_ARG(b->net.text),
				  b->file, b->line);
	if (b->mux.alpn_set && !b->tls.on)
		diag_say(ld->diag, DIAG_NOTICE, "parsing [%s:%d] : 'bind " STR_FMT "' : " ALPN_IN_CLEAR, b->file,
			 b->line, STR_ARG(b->net.text));
	if (mux_words_check(&b->mux, MUX_FRONT, p->mode == MODE_HTTP, b->tls.on, &m))
		return true;
	if (ld->diag->carets && m.hint)
		return loader_err_line(ld, b->file, b->line, "'bind " STR_FMT "' : %s.\n   | %s", STR_ARG(b->net.text),
				       m.text, m.hint);
	return loader_err_line(ld, b->file, b->line, "'bind " STR_FMT "' : %s.", STR_ARG(b->net.text), m.text);
}

bool binds_check(struct loader *ld, struct proxy *p)
{
	struct bind *b;
	bool ok = true;

	list_each(b, &p->binds, link) {
		p->conf->nice_low = MIN(p->conf->nice_low, b->net.nice);
		ok &= check_bind(ld, p, b);
	}
	return ok;
}

#define AT(field) offsetof(struct bind, field)
#define WORD(word, fn, ...) { word, KW_BIND, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
const struct kw model_bind_words[MODEL_BIND_WORDS] = {
	WORD("name", parse_name, .offset = AT(name), .args = "<name>", .help = "name of the socket in statistics"),
	WORD("id", parse_id, .args = "<n>", .help = "number of the socket in statistics"),
	WORD("guid-prefix", guid_parse_bind, .args = "<text>",
	     .help = "beginning of the socket's name that stays the same"),
	WORD("level", parse_level, .args = "user|operator|admin", .help = "what a command socket allows"),
	WORD("expose-fd", parse_expose, .args = "listeners",
	     .help = "a new process may take the listening sockets from here"),
	WORD("severity-output", parse_severity, .args = "none|number|string",
	     .help = "whether answers of commands begin with their severity"),
};

const struct kw model_bind[MODEL_BIND] = {
	{ "bind", KW_FRONTEND | KW_LISTEN, .type = KT_PARSE, .parse = parse_bind, .args = "<address>[,...] [<word>...]",
	  .help = "where clients connect to" },
	{ "stats socket", KW_GLOBAL, .type = KT_PARSE, .parse = parse_stats_socket, .args = "<address> [<word>...]",
	  .help = "where commands are taken" },
};
