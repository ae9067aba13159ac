#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "weir/base/sbuf.h"
#include "worker.h"

int main(int argc, char **argv)
{
	struct sbuf said = sbuf_grow();
	struct diag d = { .to = stderr, .keep = &said };
	struct cmdline c;
	int code;

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
	return code;
}
