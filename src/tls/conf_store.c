/* crt-store sections: certificates by name, each loaded once. */
#include "conf_priv.h"

#include <stddef.h>

#include "weir/base/obj.h"
#include "weir/base/sbuf.h"

/* What the lines of one section go into. */
struct store { struct tls_global *g; struct str name, crt_base, key_base; };

bool tls_store_begin(struct kw_call *k, struct tls_global *g)
{
	struct store *s = arena_new(k->mem, struct store);

	s->g = g;
	s->crt_base = g->crt_base;
	s->key_base = g->key_base;
	if (kw_more(k)) {
		s->name = k->w[k->at++];
		if (str_chr(s->name, '/') != (size_t)-1 || str_chr(s->name, '@') != (size_t)-1)
			return kw_err(k, k->at - 1, "the name of a crt-store has neither '/' nor '@'.");
	}
	k->ld->obj = s;
	return true;
}

static const struct tls_store_crt *same(const struct store *s, const struct tls_store_crt *c)
{
	const struct tls_store_crt *o = s->g->store;

	for (; o; o = o->next)
		if (str_eq(o->store, c->store) &&
		    (c->alias.n ? str_eq(o->alias, c->alias) : !o->alias.n && str_eq(o->crt, c->crt)))
			return o;
	return NULL;
}

static bool load_word(struct kw_call *k, struct tls_store_crt *c)
{
	static const struct { const char *name; size_t offset; } words[] = {
		{ "crt", offsetof(struct tls_store_crt, crt) }, { "key", offsetof(struct tls_store_crt, key) },
		{ "ocsp", offsetof(struct tls_store_crt, ocsp) }, { "issuer", offsetof(struct tls_store_crt, issuer) },
		{ "sctl", offsetof(struct tls_store_crt, sctl) }, { "alias", offsetof(struct tls_store_crt, alias) },
		{ "ocsp-update", offsetof(struct tls_store_crt, update) },
	};
	struct str word = k->w[k->at];

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!str_eqz(word, words[i].name))
			continue;
		k->at++;
		if (!kw_more(k))
			return kw_err(k, k->at, "'load' : '" STR_FMT "' expects an argument.", STR_ARG(word));
		*(struct str *)((char *)c + words[i].offset) = k->w[k->at++];
		return true;
	}
	kw_hint(k, "crt, key, ocsp, issuer, sctl, alias, ocsp-update");
	return kw_err(k, k->at, "'load' : unknown keyword '" STR_FMT "'.", STR_ARG(word));
}

static bool parse_load(struct kw_call *k)
{
	struct store *s = k->obj;
	struct tls_store_crt *c = arena_new(k->mem, struct tls_store_crt);

	c->store = s->name;
	c->crt_base = s->crt_base;
	c->key_base = s->key_base;
	c->file = k->file;
	c->line = k->line;
	while (kw_more(k))
		if (!load_word(k, c))
			return false;
	if (!c->crt.n)
		return kw_err(k, 0, "'load' : no certificate is given ('crt').");
	if (c->update.n && !str_eqz(c->update, "on") && !str_eqz(c->update, "off"))
		return kw_err(k, 0, "'load' : 'ocsp-update' expects <on|off>.");
	if (same(s, c))
		return kw_err(k, 0, "'load' : certificate '" STR_FMT "' is already in this crt-store.",
		              STR_ARG(c->alias.n ? c->alias : c->crt));
	c->next = s->g->store;
	s->g->store = c;
	return true;
}

/* Where relative paths of the section begin. */
static bool parse_base(struct kw_call *k)
{
	return conf_text(k, "directory", (struct str *)((char *)k->obj + k->kw->offset));
}

#define AT(member) offsetof(struct store, member)
const struct kw tls_store_kws[TLS_STORE_KWS] = {
	{ .name = "load",
	  .scopes = KW_CRT_STORE,
	  .type = KT_PARSE,
	  .parse = parse_load,
	  .args = "crt <file> [key <file>] [ocsp <file>] [issuer <file>] [sctl <file>] [alias <name>] [ocsp-update "
		  "on|off]",
	  .help = "a certificate that lines name by @<store>/<file> or @<store>/<alias>" },
	{ .name = "crt-base",
	  .scopes = KW_CRT_STORE,
	  .type = KT_PARSE,
	  .parse = parse_base,
	  .offset = AT(crt_base),
	  .args = "<dir>",
	  .help = "where relative crt paths begin" },
	{ .name = "key-base",
	  .scopes = KW_CRT_STORE,
	  .type = KT_PARSE,
	  .parse = parse_base,
	  .offset = AT(key_base),
	  .args = "<dir>",
	  .help = "where relative key paths begin" },
};

/* --- ssl-f-use --- */

bool tls_parse_use(struct kw_call *k, struct tls_line **lines)
{
	struct tls_line *l = arena_new(k->mem, struct tls_line);
	struct str crt = STR_NONE;
	struct sbuf options = sbuf_grow();

	while (kw_more(k)) {
		struct str w = k->w[k->at++];

		if (str_eqz(w, "crt") && kw_more(k))
			crt = k->w[k->at++];
		else
			sbuf_printf(&options, " " STR_FMT, STR_ARG(w));
	}
	l->file = k->file;
	l->line = k->line;
	if (crt.n)
		l->text = arena_printf(k->mem, STR_FMT " [%s]", STR_ARG(crt), sbuf_z(&options));
	sbuf_fini(&options);
	if (!crt.n)
		return kw_err(k, 0, "'%s' : no certificate is given ('crt').", k->kw->name);
	while (*lines)
		lines = &(*lines)->next;
	*lines = l;
	return true;
}
