/* Words of bind lines that are about certificates. */
#include "conf_priv.h"

#include <stddef.h>

static bool parse_ssl(struct kw_call *k)
{
	((struct tls_bind_words *)k->obj)->on = true;
	return true;
}

/* kw->priv: it is a list. */
static bool parse_crt(struct kw_call *k)
{
	struct tls_bind_words *w = k->obj;
	struct tls_crt *c = arena_new(k->mem, struct tls_crt), **at = &w->crts;

	if (!conf_text(k, "certificate location", &c->path))
		return false;
	c->list = k->kw->priv;
	while (*at)
		at = &(*at)->next;
	*at = c;
	return true;
}

/* The one that answers when no name fits stands first. */
static bool parse_default_crt(struct kw_call *k)
{
	struct tls_bind_words *w = k->obj;
	struct tls_crt *c = arena_new(k->mem, struct tls_crt);

	if (!conf_text(k, "certificate location", &c->path))
		return false;
	c->next = w->crts;
	w->crts = c;
	return true;
}

static bool parse_update(struct kw_call *k)
{
	static const char *const words[] = { "off", "on", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'%s' : expects <on|off>", k->kw->name);
	k->at++;
	((struct tls_bind_words *)k->obj)->ocsp_update = i ? 1 : -1;
	return true;
}

static bool parse_text(struct kw_call *k)
{
	return conf_text(k, k->kw->args, (struct str *)((char *)k->obj + k->kw->offset));
}

#define AT(member) offsetof(struct tls_bind_words, member)
#define TEXT(word, member, arg, text)                                                                                \
	{                                                                                                            \
		.name = word, .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_text, .offset = AT(member),        \
		.args = arg, .help = text                                                                            \
	}
const struct kw tls_bind_kws[TLS_BIND_KWS] = {
	{ .name = "ssl", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_ssl, .help = "clients speak TLS here" },
	{ .name = "crt",
	  .scopes = KW_BIND,
	  .type = KT_PARSE,
	  .parse = parse_crt,
	  .args = "<file|directory>",
	  .help = "certificate, chain and key to show; several may be given, the first is the default" },
	{ .name = "crt-list",
	  .scopes = KW_BIND,
	  .type = KT_PARSE,
	  .parse = parse_crt,
	  .priv = 1,
	  .args = "<file>",
	  .help = "a list of certificates with options and names for each" },
	{ .name = "default-crt",
	  .scopes = KW_BIND,
	  .type = KT_PARSE,
	  .parse = parse_default_crt,
	  .args = "<file>",
	  .help = "certificate to show when no name fits" },
	TEXT("ca-sign-file", ca_sign_file, "<file>",
	     "authority (certificate and key) that signs generated certificates"),
	TEXT("ca-sign-pass", ca_sign_pass, "<pass>", "pass phrase of its key"),
	TEXT("tls-ticket-keys", ticket_keys, "<file>", "keys of session tickets, shared by several processes"),
	{ .name = "ocsp-update",
	  .scopes = KW_BIND,
	  .type = KT_PARSE,
	  .parse = parse_update,
	  .args = "on|off",
	  .help = "whether OCSP answers about the certificates are fetched and stapled" },
	{ .name = "npn",
	  .scopes = KW_BIND,
	  .type = KT_REFUSED,
	  .args = "<protocols>",
	  .help = "'npn' : library does not support TLS NPN extension" },
};
