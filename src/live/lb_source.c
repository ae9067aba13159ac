/* source: by the client's address. */
#include <arpa/inet.h>

#include "lb_priv.h"

/* The words of the address, one over the other; hash-type's function has no part in it, its avalanche has. */
static bool source_key(const struct lb_words *w, const struct lb_req *r, uint32_t *hash)
{
	const struct addr *a = r->src;
	uint32_t words[4], h = 0;

	if (!a)
		return false;
	if (addr_family(a) == AF_INET) {
		h = ntohl(a->in4.sin_addr.s_addr);
	} else if (addr_family(a) == AF_INET6) {
		memcpy(words, &a->in6.sin6_addr, sizeof(words));
		h = ntohl(words[0] ^ words[1] ^ words[2] ^ words[3]);
	} else {
		return false;
	}
	*hash = lb_avalanche(w, h);
	return true;
}

const struct lb_row lb_source = {
	.name = "source",
	.parse = lb_parse_nothing,
	.build = lb_keyed_build,
	.key = source_key,
	.help = "by the client's address",
};
