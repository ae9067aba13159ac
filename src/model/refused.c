/* Words that HAProxy once had: refused with its sentence, which names the new form. */
#include "model.h"
#include "rows.h"

#define OLD "is not supported anymore since HAProxy 2.1."
#define GONE(word, scope, sentence) { word, scope, .type = KT_REFUSED, .help = sentence }
#define REQ(word, use) GONE(word, KW_ANYPROXY, "The '" word "' directive " OLD " Use '" use "' instead.")

const struct kw model_refused[MODEL_REFUSED] = {
	REQ("reqrep", "http-request replace-path', 'http-request replace-uri' or 'http-request replace-header"),
	REQ("reqirep", "http-request replace-path', 'http-request replace-uri' or 'http-request replace-header"),
	REQ("reqdel", "http-request del-header"),
	REQ("reqidel", "http-request del-header"),
	REQ("reqdeny", "http-request deny"),
	REQ("reqideny", "http-request deny"),
	GONE("reqpass", KW_ANYPROXY, "The 'reqpass' not supported anymore since HAProxy 2.1."),
	GONE("reqipass", KW_ANYPROXY, "The 'reqipass' not supported anymore since HAProxy 2.1."),
	REQ("reqallow", "http-request allow"),
	REQ("reqiallow", "http-request allow"),
	REQ("reqtarpit", "http-request tarpit"),
	REQ("reqitarpit", "http-request tarpit"),
	REQ("reqadd", "http-request add-header"),
	GONE("reqsetbe", KW_ANYPROXY, "The 'reqsetbe' directive " OLD " Use 'use_backend' instead."),
	GONE("reqisetbe", KW_ANYPROXY, "The 'reqisetbe' directive " OLD " Use 'use_backend' instead."),
	REQ("rsprep", "http-response replace-header"),
	REQ("rspirep", "http-response replace-header"),
	REQ("rspdel", "http-response del-header"),
	REQ("rspidel", "http-response del-header"),
	REQ("rspdeny", "http-response deny"),
	REQ("rspideny", "http-response deny"),
	REQ("rspadd", "http-response add-header"),
	REQ("cliexp", "http-request replace-path', 'http-request replace-uri' or 'http-request replace-header"),
	REQ("srvexp", "http-response replace-header"),
	GONE("usesrc", KW_ANYPROXY, "'usesrc' only allowed after a 'source' statement."),
	GONE("block", KW_ANYPROXY,
	     "The 'block' directive " OLD " Use 'http-request deny' which uses the exact same syntax."),
	GONE("redisp", KW_ANYPROXY, "keyword 'redisp' directive " OLD " Use 'option redispatch'."),
	GONE("redispatch", KW_ANYPROXY, "keyword 'redispatch' directive " OLD " Use 'option redispatch'."),
	GONE("bind-process", KW_ANYPROXY,
	     "the 'bind-process' keyword is not supported any more since HAProxy version 2.5."),
	GONE("appsession", KW_ANYPROXY, "'appsession' is not supported anymore since HAProxy 1.6."),
	GONE("monitor-net", KW_ANYPROXY,
	     "'monitor-net' doesn't exist anymore. Please use 'http-request return status 200 if "
	     "{ src <network> }' instead."),
	GONE("grace", KW_ANYPROXY, "the 'grace' keyword is not supported any more since HAProxy version 2.5."),
	GONE("nbproc", KW_GLOBAL,
	     "nbproc is not supported any more since HAProxy 2.5. Threads will automatically be used on "
	     "multi-processor machines if available."),
	GONE("tune.chksize", KW_GLOBAL,
	     "The 'tune.chksize' directive is not supported anymore since HAProxy 2.4. Please use "
	     "'tune.bufsize' or nothing instead."),
	GONE("debug", KW_GLOBAL,
	     "'debug' is not supported anymore since HAProxy 2.8. Use the '-d' command line option."),
};
