/* Words of server lines about TLS. */
#include "conf_priv.h"

#include <stddef.h>

/* kw->priv: on */
static bool parse_ssl(struct kw_call *k)
{
	struct tls_server_words *w = k->obj;

	w->on = k->kw->priv;
	w->off = !w->on;
	return true;
}

static bool parse_text(struct kw_call *k)
{
	return conf_text(k, k->kw->args, (struct str *)((char *)k->obj + k->kw->offset));
}

static bool parse_no_verifyhost(struct kw_call *k)
{
	((struct tls_server_words *)k->obj)->verifyhost = STR_NONE;
	return true;
}

/* Compiled by the floor that knows what an expression may ask for. */
static bool parse_sni(struct kw_call *k)
{
	struct tls_server_words *w = k->obj;

	if (!conf_text(k, "sni expression", &w->sni_text))
		return false;
	w->sni_file = k->file;
	w->sni_line = k->line;
	return true;
}

#define SRV (KW_SERVER | KW_DYNSRV)
#define AT(member) offsetof(struct tls_server_words, member)
const struct kw tls_server_kws[TLS_SERVER_KWS] = {
	{ .name = "ssl",
	  .scopes = SRV,
	  .type = KT_PARSE,
	  .parse = parse_ssl,
	  .priv = 1,
	  .help = "speak TLS with the server" },
	{ .name = "no-ssl",
	  .scopes = SRV,
	  .type = KT_PARSE,
	  .parse = parse_ssl,
	  .priv = 0,
	  .help = "no TLS with the server (undoes ssl of a default-server line)" },
	{ .name = "crt",
	  .scopes = SRV,
	  .type = KT_PARSE,
	  .parse = parse_text,
	  .offset = AT(crt),
	  .args = "<file>",
	  .help = "certificate and key to show when the server asks for one" },
	{ .name = "verifyhost",
	  .scopes = SRV,
	  .type = KT_PARSE,
	  .parse = parse_text,
	  .offset = AT(verifyhost),
	  .args = "<name>",
	  .help = "name that the server's certificate must have, instead of the one that was told" },
	{ .name = "no-verifyhost",
	  .scopes = SRV,
	  .type = KT_PARSE,
	  .parse = parse_no_verifyhost,
	  .help = "the certificate has the name that was told (undoes verifyhost of a default)" },
	{ .name = "sni",
	  .scopes = SRV,
	  .type = KT_PARSE,
	  .parse = parse_sni,
	  .args = "<expression>",
	  .help = "name to tell the server; without it that of the Host field" },
	{ .name = "npn",
	  .scopes = SRV,
	  .type = KT_REFUSED,
	  .args = "<protocols>",
	  .help = "'npn' : library does not support TLS NPN extension" },
};
