#include <arpa/inet.h>
#include <stdlib.h>

#include "weir/http/chars.h"
#include "weir/base/hash.h"
#include "weir/base/num.h"
#include "weir/base/obj.h"
#include "weir/http/proxy_proto.h"

static const char v2_magic[12] = "\r\n\r\n\0\r\nQUIT\n";
#define V1_MAGIC STR("PROXY ")

static enum proxy_result bad(const char **reason, const char *why)
{
	*reason = why;
	return PROXY_BAD;
}

/* ---- version 1 ----------------------------------------------------------------------------- */

/* No leading zero, no sign. */
static bool v1_port(struct str s, uint16_t *port)
{
	uint64_t v;

	if (s.n == 0 || s.n > 5 || (s.p[0] == '0' && s.n > 1) || !num_u64(s, &v) || v > 65535)
		return false;
	*port = v;
	return true;
}

/* The canonical spelling only: what inet_pton takes, which knows no leading zeros. */
static bool v1_address(struct str s, int family, struct addr *a)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char ip[16];

	if (s.n == 0 || s.n >= sizeof(text) || inet_pton(family, str_z(s, text, sizeof(text)), ip) != 1)
		return false;
	if (family == AF_INET)
		addr_set4(a, ip, 0);
	else
		addr_set6(a, ip, 0);
	return true;
}

static bool v1_line(struct str line, struct proxy_hdr *h)
{
	struct str proto = str_cut(&line, ' '), src, dst, sport;
	int family = str_eq(proto, STR("TCP4")) ? AF_INET : AF_INET6;
	uint16_t from, to;

	if (str_eq(proto, STR("UNKNOWN"))) {	/* whatever follows is ignored */
		h->local = true;
		return true;
	}
	if (family == AF_INET6 && !str_eq(proto, STR("TCP6")))
		return false;
	src = str_cut(&line, ' ');
	dst = str_cut(&line, ' ');
	sport = str_cut(&line, ' ');
	if (!v1_address(src, family, &h->src) || !v1_address(dst, family, &h->dst) || !v1_port(sport, &from) ||
	    !v1_port(line, &to))
		return false;
	addr_set_port(&h->src, from);
	addr_set_port(&h->dst, to);
	return true;
}

static enum proxy_result read_v1(const char *p, size_t n, struct proxy_hdr *h, size_t *used, const char **reason)
{
	size_t look = MIN(n, (size_t)PROXY_V1_MAX);
	const char *cr;

	if (memcmp(p, V1_MAGIC.p, MIN(n, V1_MAGIC.n)) != 0)
		return bad(reason, "proxy-no-header");
	cr = memchr(p, '\r', look);
	if (memchr(p, '\n', cr ? (size_t)(cr - p) : look))
		return bad(reason, "proxy-v1-bare-lf");
	if (!cr || cr + 1 == p + look)
		return look == PROXY_V1_MAX ? bad(reason, "proxy-v1-too-long") : PROXY_MORE;
	if (cr[1] != '\n')
		return bad(reason, "proxy-v1-bare-cr");
	h->version = 1;
	if (!v1_line(str_make(p + V1_MAGIC.n, cr - p - V1_MAGIC.n), h))
		return bad(reason, "proxy-v1-bad-line");
	*used = cr + 2 - p;
	return PROXY_DONE;
}

/* ---- version 2 ----------------------------------------------------------------------------- */

static unsigned be16(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return u[0] << 8 | u[1];
}

static uint32_t be32(const char *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

bool proxy_tlv_next(struct str *rest, uint8_t *type, struct str *value)
{
	size_t n = rest->n >= 3 ? be16(rest->p + 1) : 0;

	if (rest->n < 3 || n > rest->n - 3)
		return false;
	*type = rest->p[0];
	*value = str_make(rest->p + 3, n);
	*rest = str_skip(*rest, 3 + n);
	return true;
}

bool proxy_tlv_find(struct str tlvs, uint8_t type, struct str *value)
{
	uint8_t found;

	while (proxy_tlv_next(&tlvs, &found, value))
		if (found == type)
			return true;
	return false;
}

bool proxy_tlv_find_ssl(struct str tlvs, struct proxy_tlv_ssl *ssl)
{
	struct str v;

	if (!proxy_tlv_find(tlvs, PROXY_TLV_SSL, &v) || v.n < 5)
		return false;
	ssl->client = v.p[0];
	ssl->verify = be32(v.p + 1);
	ssl->subs = str_skip(v, 5);
	return true;
}

/* The sum is made with zeros in its own place. */
static bool crc_ok(const char *p, size_t n, struct str sum)
{
	char *copy;
	uint32_t made;

	if (sum.n != 4)
		return false;
	copy = malloc(n);
	if (!copy)
		return false;
	memcpy(copy, p, n);
	memset(copy + (sum.p - p), 0, 4);
	made = hash_crc32c(str_make(copy, n));
	free(copy);
	return made == be32(sum.p);
}

/* Are all of them whole, and those that we know of a possible length? */
static bool tlvs_ok(const char *p, size_t n, struct str rest, const char **reason)
{
	struct str v, sub;
	uint8_t type, subtype;

	*reason = "proxy-v2-bad-tlv";
	while (rest.n) {
		if (!proxy_tlv_next(&rest, &type, &v))
			return false;
		if (type == PROXY_TLV_CRC32C && !crc_ok(p, n, v)) {
			*reason = "proxy-v2-bad-checksum";
			return false;
		}
		if ((type == PROXY_TLV_UNIQUE_ID && v.n > 128) || (type == PROXY_TLV_AUTHORITY && v.n > 255) ||
		    (type == PROXY_TLV_SSL && v.n < 5))
			return false;
		for (sub = type == PROXY_TLV_SSL ? str_skip(v, 5) : STR_NONE; sub.n;)
			if (!proxy_tlv_next(&sub, &subtype, &v))
				return false;
	}
	return true;
}

/* A path of 108 bytes, NUL behind it unless it fills them. */
static void unix_address(struct addr *a, const char *p)
{
	addr_set_unix(a, str_make(p, strnlen(p, 107)), false, false);
}

/* Reads the addresses; their length, or -1 when they are cut short or of no known kind. */
static int v2_addresses(unsigned char family, const char *p, size_t n, struct proxy_hdr *h)
{
	static const int lengths[] = { 0, 12, 36, 216 };
	unsigned kind = family >> 4;
	int len = kind < ARRAY_LEN(lengths) ? lengths[kind] : -1;

	h->dgram = (family & 15) == 2;
	h->local = kind == 0 || (family & 15) == 0;
	if (len < 0 || n < (size_t)len || (family & 15) > 2)
		return -1;
	if (h->local)
		return len;
	if (kind == 1) {
		addr_set4(&h->src, p, be16(p + 8));
		addr_set4(&h->dst, p + 4, be16(p + 10));
	} else if (kind == 2) {
		addr_set6(&h->src, p, be16(p + 32));
		addr_set6(&h->dst, p + 16, be16(p + 34));
	} else {
		unix_address(&h->src, p);
		unix_address(&h->dst, p + 108);
	}
	return len;
}

static enum proxy_result read_v2(const char *p, size_t n, struct proxy_hdr *h, size_t *used, const char **reason)
{
	size_t whole;
	int len;

	if (memcmp(p, v2_magic, MIN(n, sizeof(v2_magic))) != 0)
		return bad(reason, "proxy-no-header");
	if (n > 12 && ((p[12] & 0xf0) != 0x20 || (p[12] & 0x0f) > 1))
		return bad(reason, "proxy-v2-bad-command");
	if (n < PROXY_V2_FIXED)
		return PROXY_MORE;
	whole = PROXY_V2_FIXED + be16(p + 14);
	if (whole > PROXY_HDR_MAX)
		return bad(reason, "proxy-v2-too-long");
	if (n < whole)
		return PROXY_MORE;
	h->version = 2;
	h->local = (p[12] & 0x0f) == 0;
	*used = whole;
	if (h->local)	/* a check by the proxy itself: nothing of the rest counts */
		return PROXY_DONE;
	len = v2_addresses(p[13], p + PROXY_V2_FIXED, whole - PROXY_V2_FIXED, h);
	if (len < 0)
		return bad(reason, "proxy-v2-bad-address");
	h->tlvs = str_make(p + PROXY_V2_FIXED + len, whole - PROXY_V2_FIXED - len);
	return tlvs_ok(p, whole, h->tlvs, reason) ? PROXY_DONE : PROXY_BAD;
}

enum proxy_result proxy_read(const char *p, size_t n, struct proxy_hdr *h, size_t *used, const char **reason)
{
	*h = (struct proxy_hdr){ 0 };
	if (n == 0)
		return PROXY_MORE;
	return p[0] == v2_magic[0] ? read_v2(p, n, h, used, reason) : read_v1(p, n, h, used, reason);
}
