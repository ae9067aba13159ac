/* A PROXY header of either version: the same whole and in pieces; what the writer makes of it reads back. */
#include <stdlib.h>
#include "weir/base/obj.h"
#include "weir/http/proxy_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void and_back(const struct proxy_hdr *h)
{
	static char mem[PROXY_HDR_MAX + 1024];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct proxy_tlv custom[64];
	struct proxy_say say = { .src = &h->src, .dst = &h->dst, .custom = custom, .crc32c = true };
	struct str rest = h->tlvs;
	struct proxy_tlv_ssl ssl;
	struct proxy_hdr back;
	const char *reason;
	size_t used;

	proxy_tlv_find_ssl(h->tlvs, &ssl);
	while (say.ncustom < 64 &&
	       proxy_tlv_next(&rest, &custom[say.ncustom].type, &custom[say.ncustom].value))
		say.ncustom += custom[say.ncustom].type != PROXY_TLV_CRC32C;
	if (!proxy_write_v2(&b, &say) || b.n > PROXY_HDR_MAX)
		return;
	WASSERT(proxy_read(b.p, b.n, &back, &used, &reason) == PROXY_DONE && used == b.n);
	if (addr_family(&h->src) == AF_UNIX || !addr_isset(&h->src))
		return;
	WASSERT(addr_eq(&h->src, &back.src) && addr_eq(&h->dst, &back.dst));
	sbuf_clear(&b);
	WASSERT(proxy_write_v1(&b, &h->src, &h->dst) && b.n <= PROXY_V1_MAX);
	WASSERT(proxy_read(b.p, b.n, &back, &used, &reason) == PROXY_DONE && used == b.n);
	WASSERT(addr_eq(&h->src, &back.src) && addr_eq(&h->dst, &back.dst));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *reason = NULL, *why = NULL;
	struct proxy_hdr h, part;
	size_t used = 0, u = 0;
	enum proxy_result r = proxy_read((const char *)data, size, &h, &used, &reason), some;

	WASSERT(r != PROXY_DONE || used <= size);
	for (size_t n = 0; n < size && n < 400; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, data, n);
		some = proxy_read(copy, n, &part, &u, &why);
		WASSERT(some == PROXY_MORE || some == r);
		WASSERT(some != PROXY_DONE || u == used);
		WASSERT(r != PROXY_DONE || n >= used || some == PROXY_MORE);
		free(copy);
	}
	if (r == PROXY_DONE)
		and_back(&h);
	return 0;
}
