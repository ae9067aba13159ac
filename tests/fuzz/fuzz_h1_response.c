/* An HTTP/1 response: see h1_model.h. */
#include "h1_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool frame(struct exchange *x)
{
	const struct framing_asked asked = { .method = METHOD_GET };

	return framing_response(&x->m, &asked, &x->fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	one_message(data, size, true, frame);
	return 0;
}
