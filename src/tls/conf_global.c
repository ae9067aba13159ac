/* Words of the global section about TLS. */
#include "conf_priv.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <stddef.h>

#include "weir/base/num.h"

#define SESSIONS 20000
#define LIFETIME 300

void tls_global_init(struct tls_global *g)
{
	*g = (struct tls_global){
		.cachesize = SESSIONS, .lifetime = LIFETIME, .signer_cache = 1000, .extra = TLS_EXTRA_ALL,
		.ocsp_min = 300, .ocsp_max = 3600,
	};
}

/* What HAProxy calls an argument. */
static const char *arg_name(const struct kw *row)
{
	static const struct { const char *args, *is; } names[] = {
		{ "<dir>", "a directory path" }, { "<ciphers>", "a cipher suite" }, { "<suites>", "a cipher suite" },
		{ "<curves>", "a curve suite" }, { "<algorithms>", "a signature algorithm list" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(row->args, names[i].args) == 0)
			return names[i].is;
	return row->args;
}

static bool parse_text(struct kw_call *k)
{
	struct str *to = (struct str *)((char *)k->obj + k->kw->offset);

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "global statement '%s' expects %s as an argument.", k->kw->name,
			      arg_name(k->kw));
	*to = k->w[k->at++];
	return true;
}

/* kw->offset: of the side's struct tls_common. */
static bool parse_options(struct kw_call *k)
{
	return conf_options(k, (struct tls_common *)((char *)k->obj + k->kw->offset));
}

static bool parse_dh_file(struct kw_call *k)
{
	struct tls_global *g = k->obj;
	EVP_PKEY *params;
	BIO *b;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' expects a file path as an argument.", k->kw->name);
	g->dh_file = k->w[k->at++];
	b = BIO_new_file(g->dh_file.p, "r");
	params = b ? PEM_read_bio_Parameters(b, NULL) : NULL;
	BIO_free(b);
	ERR_clear_error();
	EVP_PKEY_free(params);
	return params || kw_err(k, k->at - 1, "'%s': unable to load DH parameters from file <" STR_FMT ">.",
				k->kw->name, STR_ARG(g->dh_file));
}

static bool parse_server_verify(struct kw_call *k)
{
	static const char *const words[] = { "required", "none", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'%s' expects 'none' or 'required' as argument.", k->kw->name);
	k->at++;
	((struct tls_global *)k->obj)->server_verify_none = i;
	return true;
}

static bool parse_lifetime(struct kw_call *k)
{
	struct tls_global *g = k->obj;
	const char *bad;
	uint64_t v;

	if (!kw_more(k))
		return kw_err(k, k->at, "'%s' expects ssl sessions <lifetime> in seconds as argument.", k->kw->name);
	switch (num_time(kw_peek(k), TIME_S, TIME_S, &v, &bad)) {
	case NUM_OK:
		break;
	case NUM_BAD:
		return kw_err_at(k, k->at, bad, "unexpected character '%c' in argument to <%s>.",
				 bad && *bad ? *bad : ' ', k->kw->name);
	default:
		return kw_err(k, k->at, "timer overflow in argument '" STR_FMT "' to <%s> (maximum value is "
			      "2147483647 s or ~68 years).", STR_ARG(kw_peek(k)), k->kw->name);
	}
	k->at++;
	g->lifetime = (unsigned)v;
	return true;
}

static bool parse_seconds(struct kw_call *k)
{
	int64_t v;

	if (!kw_more(k) || !num_i64(kw_peek(k), &v) || v < 1 || v > 86400 * 365)
		return kw_err(k, k->at, "'%s' expects a number of seconds greater than 0.", k->kw->name);
	k->at++;
	*(unsigned *)((char *)k->obj + k->kw->offset) = (unsigned)v;
	return true;
}

static bool parse_dh_bits(struct kw_call *k)
{
	int64_t v;

	if (!kw_more(k) || !num_i64(kw_peek(k), &v) || v < 1024 || v > 16384)
		return kw_err(k, k->at, "'%s' expects a value >= 1024.", k->kw->name);
	k->at++;
	((struct tls_global *)k->obj)->dh_bits = (unsigned)v;
	return true;
}

static bool parse_extra(struct kw_call *k)
{
	static const struct { const char *name; unsigned bits; } words[] = {
		{ "none", 0 }, { "all", TLS_EXTRA_ALL }, { "key", TLS_EXTRA_KEY }, { "ocsp", TLS_EXTRA_OCSP },
		{ "issuer", TLS_EXTRA_ISSUER }, { "bundle", TLS_EXTRA_BUNDLE }, { "sctl", TLS_EXTRA_SCTL },
	};
	struct tls_global *g = k->obj;

	if (!kw_more(k))
		return kw_err(k, k->at, "'%s' expects one or multiple arguments (none, all, bundle, sctl, ocsp, "
			      "issuer).", k->kw->name);
	g->extra = 0;
	for (; kw_more(k); k->at++) {
		size_t i = 0;

		while (i < sizeof(words) / sizeof(words[0]) && !str_eqz(kw_peek(k), words[i].name))
			i++;
		if (i == sizeof(words) / sizeof(words[0]))
			return kw_err(k, k->at, "'%s' expects one or multiple arguments (none, all, bundle, sctl, "
				      "ocsp, issuer).", k->kw->name);
		g->extra |= words[i].bits;
	}
	return true;
}

static bool parse_on_off(struct kw_call *k)
{
	static const char *const words[] = { "off", "on", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'%s' expects either 'on' or 'off' but got '" STR_FMT "'.", k->kw->name,
			      STR_ARG(kw_peek(k)));
	k->at++;
	*(bool *)((char *)k->obj + k->kw->offset) = i;
	return true;
}

/* OpenSSL 3.2 and later can send certificates packed (RFC 8879); older ones never do. */
static bool parse_compression(struct kw_call *k)
{
	static const char *const words[] = { "auto", "off", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'%s' expects either 'auto' or 'off' as an argument.", k->kw->name);
	k->at++;
	((struct tls_global *)k->obj)->no_cert_compression = i;
	return true;
}

static bool parse_level(struct kw_call *k)
{
	struct tls_global *g = k->obj;
	int64_t v;

	if (!kw_more(k) || !num_i64(kw_peek(k), &v) || v < 0 || v > 5)
		return kw_err(k, k->at, "'%s' : expects a number between 0 and 5.", k->kw->name);
	k->at++;
	g->security_level = (uint8_t)(v + 1);
	return true;
}

/* What OpenSSL loads or prefers is a matter of the process: said once, it stays. kw->priv: which. */
enum { PROVIDER, PROVIDER_PATH, PROPQUERY };
static bool parse_provider(struct kw_call *k)
{
	struct str text;
	bool ok = false;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "global statement '%s' expects %s as an argument.", k->kw->name, k->kw->args);
	text = k->w[k->at++];
	switch (k->kw->priv) {
	case PROVIDER:	/* naming one turns off what is loaded by itself */
		ok = OSSL_PROVIDER_load(NULL, "default") && OSSL_PROVIDER_load(NULL, text.p);
		break;
	case PROVIDER_PATH:
		ok = OSSL_PROVIDER_set_default_search_path(NULL, text.p) == 1;
		break;
	case PROPQUERY:
		ok = EVP_set_default_properties(NULL, text.p) == 1;
		break;
	}
	ERR_clear_error();
	return ok || kw_err(k, k->at - 1, "'%s' : OpenSSL refuses '" STR_FMT "'.", k->kw->name, STR_ARG(text));
}

#define AT(member) offsetof(struct tls_global, member)
#define TEXT(word, member, arg, text)                                                                                \
	{                                                                                                            \
		.name = word, .scopes = KW_GLOBAL, .type = KT_PARSE, .parse = parse_text, .offset = AT(member),      \
		.args = arg, .help = text                                                                            \
	}
#define UINT(word, member, arg, text)                                                                                \
	{                                                                                                            \
		.name = word, .scopes = KW_GLOBAL, .type = KT_UINT, .offset = AT(member), .args = arg, .min = 0,     \
		.max = INT32_MAX, .help = text                                                                       \
	}
static bool parse_capture(struct kw_call *k)
{
	unsigned *bytes = (unsigned *)((char *)k->obj + k->kw->offset);
	int64_t v;

	if (!kw_peek(k).n || !num_i64(kw_peek(k), &v) || v < 0 || v > INT32_MAX)
		return kw_err(k, k->at, "'%s' expects an integer argument.", k->kw->name);
	if (*bytes)
		return kw_err(k, k->at, "'%s' is already configured.", k->kw->name);
	k->at++;
	*bytes = (unsigned)v;
	return true;
}

/* There is one directory: a second line is a mistake. */
static bool parse_base(struct kw_call *k)
{
	struct str *dir = (struct str *)((char *)k->obj + k->kw->offset);

	if (!kw_more(k))
		return kw_err(k, k->at, "global statement '%s' expects a directory path as an argument.", k->kw->name);
	if (dir->n)
		return kw_err(k, k->at, "'%s' already specified.", k->kw->name);
	*dir = k->w[k->at++];
	return true;
}

#define WORD(word, fn, member, arg, text)                                                                            \
	{                                                                                                            \
		.name = word, .scopes = KW_GLOBAL, .type = KT_PARSE, .parse = fn, .offset = AT(member), .args = arg, \
		.help = text                                                                                         \
	}
#define FLAG(word, member, text)                                                                                     \
	{                                                                                                            \
		.name = word, .scopes = KW_GLOBAL, .type = KT_FLAG, .offset = AT(member), .help = text               \
	}
#define NOT_BUILT(word, arg, text)                                                                                   \
	{ .name = word, .scopes = KW_GLOBAL, .type = KT_NOT_BUILT, .args = arg, .help = text }
#define PROVIDER(word, which, arg, text)                                                                             \
	{                                                                                                            \
		.name = word, .scopes = KW_GLOBAL, .type = KT_PARSE, .parse = parse_provider, .priv = which,         \
		.args = arg, .flags = KW_F_EXPERIMENTAL, .help = text                                                \
	}
const struct kw tls_global_kws[TLS_GLOBAL_KWS] = {
	WORD("ca-base", parse_base, ca_base, "<dir>",
	     "where relative ca-file and crl-file paths begin"),
	WORD("crt-base", parse_base, crt_base, "<dir>", "where relative crt paths begin"),
	TEXT("key-base", key_base, "<dir>", "where relative key paths of a crt-store begin"),
	WORD("ssl-dh-param-file", parse_dh_file, dh_file, "<file>", "Diffie-Hellman parameters for all bind lines"),
	TEXT("ssl-default-bind-ciphers", bind.ciphers, "<ciphers>", "`ciphers` of the bind lines behind it"),
	TEXT("ssl-default-bind-ciphersuites", bind.ciphersuites, "<suites>",
	     "`ciphersuites` of the bind lines behind it"),
	TEXT("ssl-default-bind-curves", bind.curves, "<curves>", "`curves` of the bind lines behind it"),
	TEXT("ssl-default-bind-sigalgs", bind.sigalgs, "<algorithms>", "`sigalgs` of the bind lines behind it"),
	TEXT("ssl-default-bind-client-sigalgs", bind.client_sigalgs, "<algorithms>",
	     "`client-sigalgs` of the bind lines behind it"),
	WORD("ssl-default-bind-options", parse_options, bind, "<option>...",
	     "TLS options of the bind lines behind it"),
	TEXT("ssl-default-server-ciphers", server.ciphers, "<ciphers>", "`ciphers` of the server lines behind it"),
	TEXT("ssl-default-server-ciphersuites", server.ciphersuites, "<suites>",
	     "`ciphersuites` of the server lines behind it"),
	TEXT("ssl-default-server-curves", server.curves, "<curves>", "`curves` of the server lines behind it"),
	TEXT("ssl-default-server-sigalgs", server.sigalgs, "<algorithms>", "`sigalgs` of the server lines behind it"),
	TEXT("ssl-default-server-client-sigalgs", server.client_sigalgs, "<algorithms>",
	     "`client-sigalgs` of the server lines behind it"),
	WORD("ssl-default-server-options", parse_options, server, "<option>...",
	     "TLS options of the server lines behind it"),
	WORD("ssl-server-verify", parse_server_verify, server_verify_none, "none|required",
	     "`verify` of server lines that do not say it"),
	WORD("ssl-load-extra-files", parse_extra, extra, "none|all|key|ocsp|issuer|bundle|sctl...",
	     "which files beside a certificate are looked for"),
	FLAG("ssl-skip-self-issued-ca", skip_self_issued,
	     "a self-signed authority at the end of a chain is not sent"),
	UINT("tune.ssl.cachesize", cachesize, "<number>", "sessions kept for resumption without tickets, 0: none"),
	WORD("tune.ssl.lifetime", parse_lifetime, lifetime, "<time>",
	     "how long a session can be resumed; a bare number is seconds"),
	WORD("tune.ssl.default-dh-param", parse_dh_bits, dh_bits, "<bits>",
	     "size of Diffie-Hellman parameters; without it as strong as the certificate's key"),
	WORD("tune.ssl.capture-buffer-size", parse_capture, capture, "<bytes>",
	     "bytes of each ClientHello kept for ssl_fc_cipherlist_* and others"),
	UINT("tune.ssl.capture-cipherlist-size", capture, "<bytes>", "older name of tune.ssl.capture-buffer-size"),
	UINT("tune.ssl.maxrecord", max_record, "<bytes>", "largest TLS record to send, 0: 16 kB"),
	UINT("tune.ssl.hard-maxrecord", max_record, "<bytes>", "the same as tune.ssl.maxrecord"),
	FLAG("tune.ssl.force-private-cache", private_cache,
	     "sessions are not shared with other processes; always so"),
	WORD("tune.ssl.keylog", parse_on_off, key_log, "on|off",
	     "keep secrets of TLS 1.3 for ssl_fc_*_secret fetches"),
	UINT("tune.ssl.ssl-ctx-cache-size", signer_cache, "<number>",
	     "generated certificates that each bind line keeps (1000)"),
	WORD("tune.ssl.certificate-compression", parse_compression, no_cert_compression, "auto|off",
	     "off: certificates are never sent packed, whatever OpenSSL can do"),
	FLAG("ssl-load-extra-del-ext", del_ext,
	     "files beside site.crt are site.key ..., not site.crt.key"),
	TEXT("issuers-chain-path", issuers_path, "<dir>",
	     "certificates of authorities, for chains that end with the first certificate"),
	WORD("ocsp-update.mode", parse_on_off, ocsp_update, "on|off",
	     "`ocsp-update` of certificates that do not say it"),
	WORD("ocsp-update.mindelay", parse_seconds, ocsp_min, "<seconds>", "shortest time between two updates (300)"),
	WORD("ocsp-update.maxdelay", parse_seconds, ocsp_max, "<seconds>", "longest time between two updates (3600)"),
	WORD("tune.ssl.ocsp-update.mindelay", parse_seconds, ocsp_min, "<seconds>",
	     "older name of ocsp-update.mindelay"),
	WORD("tune.ssl.ocsp-update.maxdelay", parse_seconds, ocsp_max, "<seconds>",
	     "older name of ocsp-update.maxdelay"),
	WORD("ocsp-update.disable", parse_on_off, ocsp_disable, "on|off", "on: no certificate is updated"),
	TEXT("ocsp-update.httpproxy", ocsp_proxy, "<host>[:<port>]", "where requests for updates are sent instead"),
	WORD("ssl-security-level", parse_level, security_level, "<number>",
	     "OpenSSL's security level, 0 to 5, instead of its default"),
	PROVIDER("ssl-propquery", PROPQUERY, "<query>", "properties that OpenSSL's algorithms must have"),
	PROVIDER("ssl-provider", PROVIDER, "<name>", "loads one of OpenSSL's providers"),
	PROVIDER("ssl-provider-path", PROVIDER_PATH, "<dir>", "where OpenSSL looks for providers"),
	NOT_BUILT("ssl-mode-async", NULL, "OpenSSL's asynchronous engines are not used"),
	NOT_BUILT("ssl-engine", "<name>", "OpenSSL engines are not used"),
};
