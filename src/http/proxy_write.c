#include <arpa/inet.h>

#include "weir/base/hash.h"
#include "weir/base/obj.h"
#include "weir/http/proxy_proto.h"

/* Both as addresses of one family, the pair as IPv6 when they differ. AF_UNSPEC: one of them cannot be said. */
struct pair {
	int family;
	unsigned char src[16], dst[16];
	uint16_t sport, dport;
};

static bool is_ip(const struct addr *a)
{
	return a && (addr_family(a) == AF_INET || addr_family(a) == AF_INET6);
}

static void put_ip(unsigned char to[16], const struct addr *a, int family)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (addr_family(a) == AF_INET6) {
		memcpy(to, &a->in6.sin6_addr, 16);
		return;
	}
	if (family == AF_INET6) {
		memcpy(to, mapped, 12);
		to += 12;
	}
	memcpy(to, &a->in4.sin_addr, 4);
}

static struct pair pair_of(const struct addr *src, const struct addr *dst)
{
	struct pair p = { .family = AF_UNSPEC };

	if (!is_ip(src) || !is_ip(dst))
		return p;
	p.family = addr_family(src) == addr_family(dst) ? addr_family(src) : AF_INET6;
	put_ip(p.src, src, p.family);
	put_ip(p.dst, dst, p.family);
	p.sport = addr_port(src);
	p.dport = addr_port(dst);
	return p;
}

bool proxy_write_v1(struct sbuf *b, const struct addr *src, const struct addr *dst)
{
	struct pair p = pair_of(src, dst);
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];

	if (p.family == AF_UNSPEC)
		return sbuf_putz(b, "PROXY UNKNOWN\r\n");
	inet_ntop(p.family, p.src, from, sizeof(from));
	inet_ntop(p.family, p.dst, to, sizeof(to));
	return sbuf_printf(b, "PROXY TCP%c %s %s %u %u\r\n", p.family == AF_INET ? '4' : '6', from, to, p.sport,
			   p.dport);
}

/* ---- version 2 ----------------------------------------------------------------------------- */

static bool put_be16(struct sbuf *b, unsigned v)
{
	unsigned char two[2] = { v >> 8, v };

	return sbuf_put(b, two, 2);
}

static bool put_be32(struct sbuf *b, uint32_t v)
{
	return put_be16(b, v >> 16) && put_be16(b, v & 0xffff);
}

static bool put_tlv(struct sbuf *b, uint8_t type, struct str value)
{
	return value.n <= UINT16_MAX && sbuf_putc(b, type) && put_be16(b, value.n) && sbuf_puts(b, value);
}

static bool put_said(struct sbuf *b, uint8_t type, struct str value)
{
	return !value.p || put_tlv(b, type, value);
}

static bool put_sub(struct sbuf *b, uint8_t type, struct str value)
{
	return value.n == 0 || put_tlv(b, type, value);
}

/* Lengths that stand before what they measure are filled in afterwards. */
static bool fill_length(struct sbuf *b, size_t at)
{
	size_t n = b->n - at - 2;

	if (n > UINT16_MAX)
		return false;
	b->p[at] = n >> 8;
	b->p[at + 1] = n;
	return true;
}

static bool put_ssl(struct sbuf *b, const struct proxy_say_ssl *s)
{
	size_t at = b->n + 1;

	return sbuf_putc(b, PROXY_TLV_SSL) && put_be16(b, 0) && sbuf_putc(b, s->client) && put_be32(b, s->verify) &&
	       put_sub(b, PROXY_SSL_VERSION, s->version) && put_sub(b, PROXY_SSL_CN, s->cn) &&
	       put_sub(b, PROXY_SSL_KEY_ALG, s->key_alg) && put_sub(b, PROXY_SSL_SIG_ALG, s->sig_alg) &&
	       put_sub(b, PROXY_SSL_CIPHER, s->cipher) && fill_length(b, at);
}

static bool put_addresses(struct sbuf *b, const struct pair *p)
{
	size_t n = p->family == AF_INET ? 4 : 16;

	return p->family == AF_UNSPEC || (sbuf_put(b, p->src, n) && sbuf_put(b, p->dst, n) && put_be16(b, p->sport) &&
					  put_be16(b, p->dport));
}

static bool put_tlvs(struct sbuf *b, const struct proxy_say *s)
{
	if (!put_said(b, PROXY_TLV_ALPN, s->alpn) || !put_said(b, PROXY_TLV_AUTHORITY, s->authority) ||
	    !put_said(b, PROXY_TLV_UNIQUE_ID, s->unique_id) || (s->ssl && !put_ssl(b, s->ssl)))
		return false;
	for (int i = 0; i < s->ncustom; i++)
		if (!put_tlv(b, s->custom[i].type, s->custom[i].value))
			return false;
	return true;
}

static bool put_all(struct sbuf *b, const struct proxy_say *s)
{
	static const char start[12] = "\r\n\r\n\0\r\nQUIT\n", sum[7] = { PROXY_TLV_CRC32C, 0, 4 };
	struct pair p = pair_of(s->src, s->dst);
	size_t from = b->n, crc_at;
	uint32_t crc;

	if (!sbuf_put(b, start, sizeof(start)) || !sbuf_putc(b, p.family == AF_UNSPEC ? 0x20 : 0x21) ||
	    !sbuf_putc(b, p.family == AF_UNSPEC ? 0 : p.family == AF_INET ? 0x11 : 0x21) || !put_be16(b, 0) ||
	    !put_addresses(b, &p))
		return false;
	crc_at = b->n + 3;
	if ((s->crc32c && !sbuf_put(b, sum, sizeof(sum))) || !put_tlvs(b, s) || !fill_length(b, from + 14))
		return false;
	if (!s->crc32c)
		return true;
	crc = hash_crc32c(str_make(b->p + from, b->n - from));
	for (int i = 0; i < 4; i++)
		b->p[crc_at + i] = crc >> (24 - 8 * i);
	return true;
}

bool proxy_write_v2(struct sbuf *b, const struct proxy_say *s)
{
	size_t from = b->n;

	if (put_all(b, s))
		return true;
	b->n = from;
	return false;
}
