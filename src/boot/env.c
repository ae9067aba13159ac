/* Variables that a configuration file may refer to. */
#include "boot.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weir/base/sbuf.h"
#include "weir/base/version.h"

static void set_joined(const char *name, const char *const *values, int n)
{
	struct sbuf b = sbuf_grow();

	for (int i = 0; i < n; i++)
		sbuf_printf(&b, "%s%s", i ? ";" : "", values[i]);
	setenv(name, sbuf_z(&b), 1);
	sbuf_fini(&b);
}

static void set_localpeer(const struct cmdline *c)
{
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) < 0)
		strcpy(host, "localhost");
	setenv("HAPROXY_LOCALPEER", c->localpeer ? c->localpeer : host, 1);
}

void env_for_files(const struct cmdline *c, const char *const *files, int n)
{
	static const struct { const char *name; enum log_kind kind;
	} formats[] = {
		{ "HAPROXY_HTTP_LOG_FMT", LOGK_HTTP },       { "HAPROXY_HTTPS_LOG_FMT", LOGK_HTTPS },
		{ "HAPROXY_TCP_LOG_FMT", LOGK_TCP },         { "HAPROXY_HTTP_CLF_LOG_FMT", LOGK_HTTP_CLF },
		{ "HAPROXY_TCP_CLF_LOG_FMT", LOGK_TCP_CLF },
	};
	char branch[16];

	set_localpeer(c);
	set_joined("HAPROXY_CFGFILES", files, n);
	snprintf(branch, sizeof(branch), "%.*s", (int)strcspn(WEIR_LANGUAGE, "-"), WEIR_LANGUAGE);
	setenv("HAPROXY_BRANCH", branch, 1);
	setenv("HAPROXY_STARTUP_VERSION", WEIR_COMPAT_VERSION, 0);
	if (c->worker != WORKER_NONE)
		setenv("HAPROXY_MWORKER", "1", 1);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		setenv(formats[i].name, model_log_format(formats[i].kind).p, 1);
}

/* What only makes sense while files are read; children of the process do not get it. */
void env_after_files(void)
{
	static const char *const names[] = {
		"HAPROXY_HTTP_LOG_FMT", "HAPROXY_HTTPS_LOG_FMT", "HAPROXY_TCP_LOG_FMT", "HAPROXY_HTTP_CLF_LOG_FMT",
		"HAPROXY_TCP_CLF_LOG_FMT", "HAPROXY_BRANCH",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
}
