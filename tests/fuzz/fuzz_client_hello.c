/* A ClientHello: every prefix of a good one asks for more, and its lists can be walked. */
#include <stdlib.h>
#include "weir/base/obj.h"
#include "weir/http/client_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct client_hello *h)
{
	struct str rest = h->extensions, v;
	uint16_t u;

	while (client_hello_next_ext(&rest, &u, &v))
		;
	WASSERT(rest.n == 0);
	for (rest = h->alpn; client_hello_next_alpn(&rest, &v);)
		WASSERT(v.n > 0);
	WASSERT(rest.n == 0);
	for (rest = h->key_shares; client_hello_next_share(&rest, &u, &v);)
		;
	WASSERT(rest.n == 0);
	for (rest = h->ciphers; client_hello_next_u16(&rest, &u);)
		;
	WASSERT(rest.n == 0 && h->ciphers.n > 0 && h->random.n == 32 && h->session_id.n <= 32);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbuf scratch = sbuf_grow(), other = sbuf_grow();
	struct client_hello h, part;
	enum hello_result r = client_hello_read((const char *)data, size, &scratch, &h), some;
	bool ended = false;

	if (r == HELLO_DONE)
		walk(&h);
	for (size_t n = 0; n < size && n < 700; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, data, n);
		some = client_hello_read(copy, n, &other, &part);
		WASSERT(some == HELLO_MORE || some == r);
		WASSERT(!ended || some == r);
		ended = some != HELLO_MORE;
		free(copy);
	}
	sbuf_fini(&scratch);
	sbuf_fini(&other);
	return 0;
}
