/* Input: a pattern, a replacement, a subject, one a line. Expansion must agree with the check made at load. */
#include <stdint.h>
#include "weir/base/obj.h"
#include "weir/base/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PATTERN_MAX 64		/* patterns come from the configuration: keep them simple, the texts are the target */
#define OUTPUT_MAX 4096

static void replace(const struct regex *re, struct str subject, struct str repl, bool all)
{
	char mem[OUTPUT_MAX];
	struct sbuf out = sbuf_fixed(mem, sizeof(mem));
	const char *bad = repl.p;
	bool matched, ok = regex_replace(re, subject, repl, all, &out, &matched);

	WASSERT(out.n <= sizeof(mem));
	if (!regex_repl_ok(repl, &bad)) {
		WASSERT(bad >= repl.p && bad <= repl.p + repl.n);
		WASSERT(!ok || !matched);
	} else {
		WASSERT(ok || out.full);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_make((const char *)data, size);
	struct str pattern = str_cut(&rest, '\n'), repl = str_cut(&rest, '\n');
	struct regex_err err;
	struct regex *re;

	if (pattern.n > PATTERN_MAX || size > OUTPUT_MAX)
		return 0;
	re = regex_compile(pattern, REGEX_CASELESS, &err);
	if (!re)
		return 0;
	replace(re, rest, repl, false);
	replace(re, rest, repl, true);
	regex_free(re);
	return 0;
}
