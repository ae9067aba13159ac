/* A configuration from text that runs: its proxies and servers are live, nothing listens. */
#ifndef TESTS_UNIT_LIVE_ADOPT_H
#define TESTS_UNIT_LIVE_ADOPT_H

#include "tests/unit/unit.h"

#include "src/boot/boot.h"
#include "weir/live/live.h"

/* It must be right; it stays the running one until the end of the process or another live_adopt. */
static inline struct conf *adopt_text(const char *text)
{
	struct cmdline c = { .progname = "weir" };
	struct diag d = { .to = stderr };
	static bool registered;
	struct conf *conf;

	if (!registered)
		builtin_register(&c);
	registered = true;
	conf = conf_load_text("t", str_c(text), &d);
	ck_assert_ptr_nonnull(conf);
	ck_assert(live_adopt(conf, &d));
	return conf;
}

#endif
