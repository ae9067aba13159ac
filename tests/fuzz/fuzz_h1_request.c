/* An HTTP/1 request: see h1_model.h. */
#include "h1_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool frame(struct exchange *x)
{
	const struct framing_opts o = { .accept_unsafe = x->opts.accept_unsafe, .any_upgrade = true };

	return framing_request(&x->m, &o, &x->fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	one_message(data, size, false, frame);
	return 0;
}
