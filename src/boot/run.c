#include "boot.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "weir/base/assert.h"

int run(const struct cmdline *c, struct diag *d)
{
	struct loader ld;
	struct arena mem;

	arena_init(&mem, 65536);
	loader_init(&ld, d, &mem, NULL);
	d->parsing = true;
	for (int i = 0; i < c->nfiles; i++)
		loader_file(&ld, c->files[i]);
	loader_fini(&ld);
	arena_fini(&mem);
	return ld.errors ? 1 : 0;
}
