/* Keywords about the servers' side of proxies: retries, reuse, persistence, state files. */
#include "model.h"
#include "rows.h"

#include "weir/base/num.h"

#define AT(field) offsetof(struct proxy, field)

static const struct { const char *name; uint32_t bits;
} retry_words[] = {
	{ "none", RETRY_NONE },
	{ "conn-failure", RETRY_CONN_FAILURE },
	{ "empty-response", RETRY_EMPTY },
	{ "junk-response", RETRY_JUNK },
	{ "response-timeout", RETRY_TIMEOUT },
	{ "0rtt-rejected", RETRY_0RTT },
	{ "401", RETRY_401 },
	{ "403", RETRY_403 },
	{ "404", RETRY_404 },
	{ "408", RETRY_408 },
	{ "425", RETRY_425 },
	{ "429", RETRY_429 },
	{ "500", RETRY_500 },
	{ "501", RETRY_501 },
	{ "502", RETRY_502 },
	{ "503", RETRY_503 },
	{ "504", RETRY_504 },
	{ "all-retryable-errors", RETRY_CONN_FAILURE | RETRY_EMPTY | RETRY_JUNK | RETRY_TIMEOUT | RETRY_0RTT |
					  RETRY_500 | RETRY_502 | RETRY_503 | RETRY_504 },
};

static bool parse_retry_on(struct kw_call *k)
{
	uint32_t bits = 0;

	if (!kw_more(k))
		return kw_err(k, k->at, "'retry-on' needs at least one keyword to specify when to retry");
	for (; kw_more(k); k->at++) {
		size_t i = 0;

		while (i < ARRAY_LEN(retry_words) && !str_eqz(k->w[k->at], retry_words[i].name))
			i++;
		if (i == ARRAY_LEN(retry_words))
			return kw_err(k, k->at, "'retry-on': unknown keyword '" STR_FMT "'", STR_ARG(k->w[k->at]));
		bits |= retry_words[i].bits;
	}
	if (bits & RETRY_NONE && bits != RETRY_NONE)
		return kw_err(k, 0, "'retry-on' 'none' keyword only usable alone");
	kw_proxy(k)->retry_on = bits;
	return true;
}

static bool parse_reuse(struct kw_call *k)
{
	static const char *const words[] = { "never", "safe", "aggressive", "always", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'.");
	k->at++;
	kw_proxy(k)->reuse = (uint8_t)i;
	kw_proxy(k)->reuse_said = true;
	return true;
}

/* persist rdp-cookie[(name)] */
static bool parse_persist(struct kw_call *k)
{
	struct str word = kw_peek(k), name = STR("msts");
	struct load_err e = { .msg = "" };
	struct xscope sc;

	if (!word.n)
		return kw_err(k, k->at, "missing persist method.");
	if (!str_starts(word, STR("rdp-cookie")))
		return kw_err(k, k->at, "unknown persist method.");
	word = str_skip(word, 10);
	if (word.n) {
		if (word.n < 3 || word.p[0] != '(' || word.p[word.n - 1] != ')')
			return kw_err(k, k->at, "persist rdp-cookie(name)' requires an rdp cookie name.");
		name = str_make(word.p + 1, word.n - 2);
	}
	proxy_scope(k, &sc, RS_TCP_REQ, "'persist rdp-cookie'");
	kw_proxy(k)->rdp_persist =
		expr_compile(&sc, arena_printf(k->mem, "req.rdp_cookie(" STR_FMT ")", STR_ARG(name)), NULL, &e);
	if (!kw_proxy(k)->rdp_persist)
		return put_load_err(k, k->at, &e, "persist rdp-cookie : ", ".");
	k->at++;
	return true;
}

static bool parse_ka_queue(struct kw_call *k)
{
	struct str word = kw_peek(k);
	int64_t v;

	if (!word.n)
		return kw_err(k, k->at, "'max-keep-alive-queue' expects expects an integer value (or -1 to disable)");
	if (!num_i64(word, &v) || v < -1 || v >= INT32_MAX)
		return kw_err(k, k->at,
			      "'max-keep-alive-queue' : unexpected character '%c' in integer value '" STR_FMT "'",
			      word.p[0], STR_ARG(word));
	k->at++;
	kw_proxy(k)->max_ka_queue = (unsigned)(v + 1);
	return true;
}

static bool parse_load_state(struct kw_call *k)
{
	static const char *const words[] = { "none", "global", "local", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at,
			      "'load-server-state-from-file' expects 'global', 'local' or 'none'. Got '" STR_FMT "'",
			      STR_ARG(kw_peek(k)));
	k->at++;
	kw_proxy(k)->load_state = (uint8_t)(LS_NONE + i);
	return true;
}

static bool parse_state_file(struct kw_call *k)
{
	struct str word = kw_peek(k);

	k->at += kw_more(k);
	/* Without a name it is the backend's, which defaults do not know yet. */
	kw_proxy(k)->state_file = str_eq(word, STR("use-backend-name")) ? STR_NONE : word;
	return true;
}

static bool parse_name_header(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'http-send-name-header' requires a header string.");
	kw_proxy(k)->name_header = kw_field_name(k, k->w[k->at++]);
	return true;
}

static bool parse_external_check(struct kw_call *k)
{
	struct str *to = (struct str *)((char *)k->obj + k->kw->offset);

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' missing argument.", k->kw->name);
	*to = k->w[k->at++];
	return true;
}

#define KW(word, scope, fn, ...) { word, scope, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
const struct kw model_backend[MODEL_BACKEND] = {
	KW("retry-on", KW_BE, parse_retry_on, .flags = KW_F_MUST, .args = "<event>...",
	   .help = "failures after which a request is sent again"),
	KW("http-reuse", KW_BE, parse_reuse, .args = "never|safe|aggressive|always",
	   .help = "who may share idle server connections"),
	KW("persist", KW_BE, parse_persist, .args = "rdp-cookie[(<name>)]",
	   .help = "follow the cookie of a remote desktop"),
	KW("max-keep-alive-queue", KW_BE, parse_ka_queue, .args = "<n>",
	   .help = "queue from which on a client's connection to a server is given up"),
	KW("load-server-state-from-file", KW_BE, parse_load_state, .args = "global|local|none",
	   .help = "where the states of servers are read from at start"),
	KW("server-state-file-name", KW_BE, parse_state_file, .offset = AT(state_file),
	   .args = "[<file>|use-backend-name]", .help = "this backend's own state file"),
	KW("http-send-name-header", KW_BE, parse_name_header, .args = "<name>",
	   .help = "field that tells servers their own name"),
	KW("external-check command", KW_BE, parse_external_check, .offset = AT(ext_check_command),
	   .args = "<command>", .help = "program that checks a server"),
	KW("external-check path", KW_BE, parse_external_check, .offset = AT(ext_check_path), .args = "<path>",
	   .help = "PATH for that program"),
	{ "be-unpublished", KW_BACKEND | KW_LISTEN, .type = KT_FLAG, .offset = AT(be_unpublished),
	  .help = "requests reach it only by force-be-switch until it is published" },
	{ "dispatch", KW_ANYPROXY, .type = KT_REFUSED,
	  .help = "'dispatch' is not supported anymore since HAProxy 3.3. Use a 'server' line instead." },
	{ "transparent", KW_ANYPROXY, .type = KT_REFUSED,
	  .help = "'transparent' is not supported anymore. Use 'option transparent' instead." },
};
