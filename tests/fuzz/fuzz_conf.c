/* A whole configuration file through the lexer, the conditions, every keyword and the checks at the end; what is
 * accepted must be released without a trace. Names are not asked of the network. */
#include <netdb.h>
#include <stdlib.h>

#include "src/boot/boot.h"
#include "weir/base/assert.h"
#include "weir/base/sbuf.h"
#include "weir/model/conf.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stands in front of libc's. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	return EAI_NONAME;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct cmdline none = { .progname = "weir" };

	builtin_register(&none);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbuf said = sbuf_grow();
	struct diag d = { .keep = &said, .carets = true, .versioned = true };
	struct conf *c;

	if (size > 16384)
		return 0;
	c = conf_load_text("fuzz.cfg", str_make((const char *)data, size), &d);
	/* Nothing is refused without a word. */
	WASSERT(c != NULL || d.errors > 0);
	conf_unref(c);
	sbuf_fini(&said);
	return 0;
}
