#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "weir/base/chunk.h"
#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/expr/vars.h"
#include "weir/tls/context.h"
#include "worker.h"

/* The exit status tells the signal, as if nobody had caught it. */
static int end_of(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
	return 128 + sig;
}

int main(int argc, char **argv)
{
	struct sbuf said = sbuf_grow();
	struct diag d = { .to = stderr, .keep = &said };
	struct cmdline c;
	int code;

	tls_begin();
	if (!cmdline_parse(&c, argc, argv, &code)) {
		cmdline_fini(&c);
		return code;
	}
	d.quiet = c.quiet;
	d.verbose = c.verbose;
	d.diag_mode = c.diag_mode;
	d.carets = c.verbose || isatty(2);
	builtin_register(&c);
	worker_begin(&d);
	if (c.version) {
		version_print(&c);
		code = 0;
	} else if (c.cond) {
		code = cond_print(&c, &d);
	} else {
		code = run(&c, &d);
		worker_failed(sbuf_str(&said));
	}
	cmdline_fini(&c);
	sbuf_fini(&said);
	builtin_forget();
	vars_fini(vars_proc());
	tls_end();
	chunk_flush();
	pool_flush();
	return code < 0 ? end_of(-code) : code;
}
