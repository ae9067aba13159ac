/* Words about TLS that bind and server lines share, and the option words of ssl-default-*-options. */
#include "conf_priv.h"

#include "weir/base/num.h"
#include "weir/base/obj.h"
#include "weir/expr/conv.h"

/* What HAProxy calls the argument of each word. */
static const char *argument_of(const struct kw_call *k, const char *what)
{
	static const struct { const char *word, *is; } names[] = {
		{ "ca-file", "CAfile path" }, { "ca-verify-file", "CAfile path" }, { "crl-file", "CRLfile path" },
		{ "ciphers", "cipher suite" }, { "ciphersuites", "cipher suite" }, { "curves", "curve suite" },
		{ "ecdhe", "named curve" }, { "sigalgs", "signature algorithm list" },
		{ "client-sigalgs", "signature algorithm list" }, { "ca-sign-file", "CAfile path" },
		{ "tls-ticket-keys", "TLS ticket keys file path" }, { "verifyhost", "hostname to verify against" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(k->kw->name, names[i].word) == 0)
			return names[i].is;
	return strcmp(k->kw->name, "crt") == 0 && k->scope != KW_BIND ? "certificate file path" : what;
}

bool conf_text(struct kw_call *k, const char *what, struct str *out)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' : missing %s", k->kw->name, argument_of(k, what));
	*out = k->w[k->at++];
	return true;
}

/* --- options --- */

static void set_option(struct tls_common *c, unsigned bits, bool on)
{
	c->options = on ? c->options | bits : c->options & ~bits;
	c->said |= bits;
}

bool conf_version(struct str text, uint8_t *out)
{
	static const char *const names[] = { "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", NULL };
	int i = kw_choice(text, names);

	if (i >= 0)
		*out = (uint8_t)(TLS_SSL3 + i);
	return i >= 0;
}

static bool parse_min_max(struct kw_call *k)
{
	uint8_t *to = (uint8_t *)k->obj + k->kw->offset;

	if (!kw_more(k))
		return kw_err(k, k->at, "'%s' : missing the ssl/tls version", k->kw->name);
	if (!conf_version(kw_peek(k), to)) {
		kw_hint(k, "SSLv3, TLSv1.0, TLSv1.1, TLSv1.2 or TLSv1.3");
		return kw_err(k, k->at, "'" STR_FMT "' : unknown ssl/tls version", STR_ARG(kw_peek(k)));
	}
	k->at++;
	return true;
}

/* kw->priv: the bits; kw->min: 1 sets them. */
static bool parse_option(struct kw_call *k)
{
	set_option(k->obj, (unsigned)k->kw->priv, k->kw->min);
	return true;
}

/* kw->priv: the version that alone is spoken. */
static bool parse_force(struct kw_call *k)
{
	struct tls_common *c = k->obj;

	c->min = c->max = (uint8_t)k->kw->priv;
	return true;
}

static const struct option_word { const char *name; unsigned bits; bool on; uint8_t force; } option_words[] = {
	{ "no-tls-tickets", TLS_NO_TICKETS, true, 0 }, { "tls-tickets", TLS_NO_TICKETS, false, 0 },
	{ "no-sslv3", 0, true, 0 }, { "no-tlsv10", TLS_NO_10, true, 0 }, { "no-tlsv11", TLS_NO_11, true, 0 },
	{ "no-tlsv12", TLS_NO_12, true, 0 }, { "no-tlsv13", TLS_NO_13, true, 0 }, { "force-sslv3", 0, true, TLS_SSL3 },
	{ "force-tlsv10", 0, true, TLS_10 }, { "force-tlsv11", 0, true, TLS_11 }, { "force-tlsv12", 0, true, TLS_12 },
	{ "force-tlsv13", 0, true, TLS_13 }, { "prefer-client-ciphers", TLS_PREFER_CLIENT, true, 0 },
	{ "strict-sni", TLS_STRICT_SNI, true, 0 }, { "no-strict-sni", TLS_STRICT_SNI, false, 0 },
	{ "no-ca-names", TLS_NO_CA_NAMES, true, 0 }, { "allow-0rtt", TLS_EARLY_DATA, true, 0 },
};

static const struct option_word *find_option(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(option_words); i++)
		if (str_eqz(word, option_words[i].name))
			return &option_words[i];
	return NULL;
}

static bool default_version(struct kw_call *k, struct tls_common *c, bool max)
{
	struct str name = k->w[k->at++];

	if (!kw_more(k))
		return kw_err(k, k->at, "'" STR_FMT "' : missing the ssl/tls version on global statement '%s'.",
			      STR_ARG(name), k->kw->name);
	if (!conf_version(k->w[k->at], max ? &c->max : &c->min))
		return kw_err(k, k->at, "'" STR_FMT "' : unknown ssl/tls version on global statement '%s'.",
			      STR_ARG(k->w[k->at]), k->kw->name);
	k->at++;
	return true;
}

bool conf_options(struct kw_call *k, struct tls_common *c)
{
	if (!kw_more(k))
		return kw_err(k, k->at, "global statement '%s' expects an option as an argument.", k->kw->name);
	while (kw_more(k)) {
		const struct option_word *o = find_option(kw_peek(k));

		if (str_eqz(kw_peek(k), "ssl-min-ver") || str_eqz(kw_peek(k), "ssl-max-ver")) {
			if (!default_version(k, c, str_eqz(kw_peek(k), "ssl-max-ver")))
				return false;
			continue;
		}
		if (!o)
			return kw_err(k, k->at, "unknown option '" STR_FMT "' on global statement '%s'.",
				      STR_ARG(kw_peek(k)), k->kw->name);
		set_option(c, o->bits, o->on);
		if (o->force)
			c->min = c->max = o->force;
		k->at++;
	}
	return true;
}

/* --- verification --- */

static bool parse_verify(struct kw_call *k)
{
	static const char *const words[] = { "none", "optional", "required", NULL };
	struct tls_common *c = k->obj;
	bool server = k->scope != KW_BIND;
	int i;

	if (!kw_more(k))
		return kw_err(k, k->at, "'%s' : missing verify method", k->kw->name);
	i = kw_choice(kw_peek(k), words);
	if (i < 0 || (server && i == 1))
		return kw_err(k, k->at, "'%s' : unknown verify method '" STR_FMT "', only %s are supported",
			      k->kw->name, STR_ARG(kw_peek(k)),
			      server ? "'none' and 'required'" : "'none', 'optional', and 'required'");
	c->verify = (uint8_t)(TLS_VERIFY_NONE + i);
	k->at++;
	return true;
}

static bool one_err(struct str word, struct tls_errs *e)
{
	int64_t n;

	if (str_eqz(word, "all")) {
		memset(e, 0xff, sizeof(*e));
		return true;
	}
	if (!num_i64(word, &n) && !x509_err_number(word, &n))
		return false;
	if (n < 0 || n >= TLS_ERRS)
		return false;
	e->bits[n / 64] |= UINT64_C(1) << (n % 64);
	return true;
}

static bool parse_ignore(struct kw_call *k)
{
	struct tls_errs *e = (struct tls_errs *)((char *)k->obj + k->kw->offset);
	struct str rest;

	if (!conf_text(k, "error IDs list", &rest))
		return false;
	while (rest.p) {
		struct str one = str_cut(&rest, ',');

		if (!one_err(one, e))
			return kw_err_at(k, k->at - 1, one.p, "'%s' : error ID '" STR_FMT "' unknown", k->kw->name,
					 STR_ARG(one));
	}
	return true;
}

static bool parse_text(struct kw_call *k)
{
	return conf_text(k, k->kw->args, (struct str *)((char *)k->obj + k->kw->offset));
}

static void merge_text(struct str *to, const struct str *from)
{
	if (!to->n)
		*to = *from;
}

static void merge(struct tls_common *c, const struct tls_common *d)
{
	merge_text(&c->ciphers, &d->ciphers);
	merge_text(&c->ciphersuites, &d->ciphersuites);
	merge_text(&c->curves, &d->curves);
	merge_text(&c->sigalgs, &d->sigalgs);
	merge_text(&c->client_sigalgs, &d->client_sigalgs);
	merge_text(&c->ca_file, &d->ca_file);
	merge_text(&c->crl_file, &d->crl_file);
	if (!c->min)
		c->min = d->min;
	if (!c->max)
		c->max = d->max;
	if (!c->verify)
		c->verify = d->verify;
	c->options |= d->options & ~c->said;
	c->said |= d->said;
}

void tls_bind_words_defaults(struct tls_bind_words *w, const struct tls_global *g)
{
	merge(&w->c, &g->bind);
}

void tls_server_words_defaults(struct tls_server_words *w, const struct tls_global *g)
{
	merge(&w->c, &g->server);
}

#define SIDES (KW_BIND | KW_SERVER | KW_DYNSRV)
#define AT(member) offsetof(struct tls_common, member)
#define TEXT(word, member, arg, text)                                                                                \
	{                                                                                                            \
		.name = word, .scopes = SIDES, .type = KT_PARSE, .parse = parse_text, .offset = AT(member),          \
		.args = arg, .help = text                                                                            \
	}
#define FORCE(word, version, text)                                                                                   \
	{                                                                                                            \
		.name = word, .scopes = SIDES, .type = KT_PARSE, .parse = parse_force, .priv = version, .help = text \
	}
#define OPTION(word, bits, on, text)                                                                                 \
	{                                                                                                            \
		.name = word, .scopes = SIDES, .type = KT_PARSE, .parse = parse_option, .priv = bits, .min = on,     \
		.max = 1, .help = text                                                                               \
	}
const struct kw tls_common_kws[TLS_COMMON_KWS] = {
	TEXT("ca-file", ca_file, "<file>", "authorities (PEM) that certificates of the other side are verified with"),
	TEXT("crl-file", crl_file, "<file>",
	     "revocation lists (PEM) that the other side's certificate must not be on"),
	TEXT("ciphers", ciphers, "<ciphers>", "cipher list for TLS up to 1.2, as OpenSSL writes it"),
	TEXT("ciphersuites", ciphersuites, "<suites>", "cipher suites of TLS 1.3"),
	TEXT("curves", curves, "<curves>", "groups for the key exchange, best first: X25519:P-256"),
	TEXT("sigalgs", sigalgs, "<algorithms>", "signature algorithms to use, best first"),
	TEXT("client-sigalgs", client_sigalgs, "<algorithms>", "signature algorithms for client certificates"),
	{ .name = "verify",
	  .scopes = SIDES,
	  .type = KT_PARSE,
	  .parse = parse_verify,
	  .args = "none|optional|required",
	  .help = "whether the other side has to show a certificate that an authority signed" },
	{ .name = "ssl-min-ver",
	  .scopes = SIDES,
	  .type = KT_PARSE,
	  .parse = parse_min_max,
	  .offset = AT(min),
	  .args = "<version>",
	  .help = "oldest TLS version to speak (TLSv1.2 unless said otherwise)" },
	{ .name = "ssl-max-ver",
	  .scopes = SIDES,
	  .type = KT_PARSE,
	  .parse = parse_min_max,
	  .offset = AT(max),
	  .args = "<version>",
	  .help = "newest TLS version to speak" },
	OPTION("no-sslv3", 0, 1, "accepted: SSLv3 is never spoken"),
	OPTION("no-tlsv10", TLS_NO_10, 1, "do not speak TLS 1.0"),
	OPTION("no-tlsv11", TLS_NO_11, 1, "do not speak TLS 1.1"),
	OPTION("no-tlsv12", TLS_NO_12, 1, "do not speak TLS 1.2"),
	OPTION("no-tlsv13", TLS_NO_13, 1, "do not speak TLS 1.3"),
	FORCE("force-tlsv10", TLS_10, "speak TLS 1.0 only"),
	FORCE("force-tlsv11", TLS_11, "speak TLS 1.1 only"),
	FORCE("force-tlsv12", TLS_12, "speak TLS 1.2 only"),
	FORCE("force-tlsv13", TLS_13, "speak TLS 1.3 only"),
};

const struct kw tls_option_kws[TLS_OPTION_KWS] = {
	OPTION("no-tls-tickets", TLS_NO_TICKETS, 1, "sessions are resumed by the cache alone, without tickets"),
	OPTION("tls-tickets", TLS_NO_TICKETS, 0,
	       "sessions are resumed by tickets (undoes no-tls-tickets of a default)"),
	OPTION("allow-0rtt", TLS_EARLY_DATA, 1,
	       "early data of TLS 1.3: taken from clients; sent to servers where a request may be retried"),
};

#define BIND_OPTION(word, bits, on, text)                                                                            \
	{                                                                                                            \
		.name = word, .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_option, .priv = bits, .min = on,   \
		.max = 1, .help = text                                                                               \
	}
const struct kw tls_bind_option_kws[TLS_BIND_OPTION_KWS] = {
	BIND_OPTION("prefer-client-ciphers", TLS_PREFER_CLIENT, 1, "the client's order of ciphers counts, not ours"),
	BIND_OPTION("strict-sni", TLS_STRICT_SNI, 1, "no handshake for a name that no certificate has"),
	BIND_OPTION("no-strict-sni", TLS_STRICT_SNI, 0, "the first certificate answers to unknown names"),
	BIND_OPTION("no-ca-names", TLS_NO_CA_NAMES, 1, "clients are not told which authorities are trusted"),
	BIND_OPTION("generate-certificates", TLS_GENERATE, 1,
		    "certificates for unknown names are made on the fly (see ca-sign-file)"),
	{ .name = "ecdhe",
	  .scopes = KW_BIND,
	  .type = KT_PARSE,
	  .parse = parse_text,
	  .offset = AT(ecdhe),
	  .args = "<curve>",
	  .help = "group for the key exchange; `curves` takes several" },
	{ .name = "ca-verify-file",
	  .scopes = KW_BIND,
	  .type = KT_PARSE,
	  .parse = parse_text,
	  .offset = AT(ca_verify_file),
	  .args = "<file>",
	  .help = "authorities to verify with that clients are not told about" },
	{ .name = "crt-ignore-err",
	  .scopes = KW_BIND,
	  .type = KT_PARSE,
	  .parse = parse_ignore,
	  .offset = AT(crt_ignore),
	  .args = "all|<error>[,...]",
	  .help = "verification errors of the client's own certificate to pass over" },
	{ .name = "ca-ignore-err",
	  .scopes = KW_BIND,
	  .type = KT_PARSE,
	  .parse = parse_ignore,
	  .offset = AT(ca_ignore),
	  .args = "all|<error>[,...]",
	  .help = "verification errors of its authorities to pass over" },
};
const struct kw tls_server_option_kws[TLS_SERVER_OPTION_KWS] = {
	{ .name = "no-ssl-reuse",
	  .scopes = KW_SERVER | KW_DYNSRV,
	  .type = KT_PARSE,
	  .parse = parse_option,
	  .priv = TLS_NO_REUSE,
	  .min = 1,
	  .max = 1,
	  .help = "every connection to the server makes a full handshake" },
	{ .name = "ssl-reuse",
	  .scopes = KW_SERVER | KW_DYNSRV,
	  .type = KT_PARSE,
	  .parse = parse_option,
	  .priv = TLS_NO_REUSE,
	  .min = 0,
	  .max = 1,
	  .help = "sessions with the server are resumed (undoes no-ssl-reuse of a default)" },
	{ .name = "no-sni-auto",
	  .scopes = KW_SERVER | KW_DYNSRV,
	  .type = KT_PARSE,
	  .parse = parse_option,
	  .priv = TLS_NO_SNI_AUTO,
	  .min = 1,
	  .max = 1,
	  .help = "no server name is told unless `sni` says one" },
	{ .name = "renegotiate",
	  .scopes = KW_SERVER | KW_DYNSRV,
	  .type = KT_PARSE,
	  .parse = parse_option,
	  .priv = TLS_RENEGOTIATE,
	  .min = 1,
	  .max = 1,
	  .help = "the server may ask for another handshake on an open connection (TLS 1.2 and older)" },
	{ .name = "no-renegotiate",
	  .scopes = KW_SERVER | KW_DYNSRV,
	  .type = KT_PARSE,
	  .parse = parse_option,
	  .priv = TLS_RENEGOTIATE,
	  .min = 0,
	  .max = 1,
	  .help = "it may not (the default)" },
	{ .name = "sni-auto",
	  .scopes = KW_SERVER | KW_DYNSRV,
	  .type = KT_PARSE,
	  .parse = parse_option,
	  .priv = TLS_NO_SNI_AUTO,
	  .min = 0,
	  .max = 1,
	  .help = "the server is told the name in the Host field (the default)" },
};
