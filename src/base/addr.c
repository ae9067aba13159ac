#include "weir/base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include "weir/base/num.h"
#include "weir/base/obj.h"

#define UN_PATH offsetof(struct sockaddr_un, sun_path)

void addr_set4(struct addr *a, const void *ip4, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->len = sizeof(a->in4);
	a->in4.sin_family = AF_INET;
	a->in4.sin_port = htons(port);
	memcpy(&a->in4.sin_addr, ip4, 4);
}

void addr_set6(struct addr *a, const void *ip6, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->len = sizeof(a->in6);
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons(port);
	memcpy(&a->in6.sin6_addr, ip6, 16);
}

bool addr_set_unix(struct addr *a, struct str path, bool abstract, bool padded)
{
	/* a file's path keeps its NUL, an abstract name begins with one */
	if (path.n == 0 || path.n >= sizeof(a->un.sun_path))
		return false;
	memset(a, 0, sizeof(*a));
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path + abstract, path.p, path.n);
	a->len = abstract && padded ? sizeof(a->un) : UN_PATH + path.n + 1;
	return true;
}

uint16_t addr_port(const struct addr *a)
{
	switch (addr_family(a)) {
	case AF_INET:
		return ntohs(a->in4.sin_port);
	case AF_INET6:
		return ntohs(a->in6.sin6_port);
	}
	return 0;
}

void addr_set_port(struct addr *a, uint16_t port)
{
	switch (addr_family(a)) {
	case AF_INET:
		a->in4.sin_port = htons(port);
		break;
	case AF_INET6:
		a->in6.sin6_port = htons(port);
		break;
	}
}

/* Address bytes of a literal; returns the family, or AF_UNSPEC when it is none. */
static int parse_literal(struct str text, unsigned char ip[16])
{
	char z[INET6_ADDRSTRLEN];
	bool brackets = text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']';

	if (brackets)
		text = str_make(text.p + 1, text.n - 2);
	if (text.n >= sizeof(z) || str_chr(text, 0) != (size_t)-1)
		return AF_UNSPEC;
	str_z(text, z, sizeof(z));
	if (!brackets && inet_pton(AF_INET, z, ip) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, z, ip) == 1 ? AF_INET6 : AF_UNSPEC;
}

bool addr_parse_ip(struct addr *a, struct str text)
{
	unsigned char ip[16];

	switch (parse_literal(text, ip)) {
	case AF_INET:
		addr_set4(a, ip, 0);
		return true;
	case AF_INET6:
		addr_set6(a, ip, 0);
		return true;
	}
	return false;
}

/* For every line of a log: inet_ntop goes through printf. */
size_t addr_ip4_text(const void *ip4, char buf[ADDR_IP4_TEXT])
{
	const unsigned char *ip = ip4;
	char *p = buf;

	for (int i = 0; i < 4; i++) {
		unsigned v = ip[i];

		if (i)
			*p++ = '.';
		if (v >= 100) {
			*p++ = (char)('0' + v / 100);
			*p++ = (char)('0' + v / 10 % 10);
		} else if (v >= 10) {
			*p++ = (char)('0' + v / 10);
		}
		*p++ = (char)('0' + v % 10);
	}
	return (size_t)(p - buf);
}

struct str addr_ip_text(const struct addr *a, char buf[ADDR_TEXT_MAX])
{
	size_t n;

	switch (addr_family(a)) {
	case AF_INET:
		n = addr_ip4_text(&a->in4.sin_addr, buf);
		buf[n] = 0;
		return str_make(buf, n);
	case AF_INET6:
		return str_c(inet_ntop(AF_INET6, &a->in6.sin6_addr, buf, ADDR_TEXT_MAX));
	case AF_UNIX:
		return STR("unix");
	}
	return STR("");
}

static bool is_abstract(const struct addr *a)
{
	return a->len > UN_PATH + 1 && a->un.sun_path[0] == 0;
}

/* The path or abstract name, without the NULs around it. */
static struct str unix_name(const struct addr *a)
{
	bool abstract = is_abstract(a);
	size_t room = a->len > UN_PATH ? a->len - UN_PATH - abstract : 0;
	const char *name = a->un.sun_path + abstract;

	return str_make(name, strnlen(name, room));
}

struct str addr_text(const struct addr *a, char buf[ADDR_TEXT_MAX])
{
	char ip[ADDR_TEXT_MAX];
	const char *fmt;
	int n;

	switch (addr_family(a)) {
	case AF_INET:
	case AF_INET6:
		fmt = addr_family(a) == AF_INET ? "%.64s:%u" : "[%.64s]:%u";
		n = snprintf(buf, ADDR_TEXT_MAX, fmt, addr_ip_text(a, ip).p, addr_port(a));
		return str_make(buf, n);
	case AF_UNIX:
		n = snprintf(buf, ADDR_TEXT_MAX, "%s" STR_FMT, is_abstract(a) ? "abns@" : "",
			     STR_ARG(unix_name(a)));
		return str_make(buf, n);
	}
	return STR("");
}

/* The bytes of an Internet address; n is set to their count (0 for other families). */
static const void *ip_bytes(const struct addr *a, size_t *n)
{
	switch (addr_family(a)) {
	case AF_INET:
		*n = 4;
		return &a->in4.sin_addr;
	case AF_INET6:
		*n = 16;
		return &a->in6.sin6_addr;
	}
	*n = 0;
	return NULL;
}

bool addr_ip_eq(const struct addr *a, const struct addr *b)
{
	size_t na, nb;
	const void *pa = ip_bytes(a, &na), *pb = ip_bytes(b, &nb);

	if (addr_family(a) != addr_family(b))
		return false;
	if (addr_family(a) == AF_UNIX)
		return is_abstract(a) == is_abstract(b) && str_eq(unix_name(a), unix_name(b));
	return na == nb && (na == 0 || memcmp(pa, pb, na) == 0);
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return addr_ip_eq(a, b) && addr_port(a) == addr_port(b);
}

bool addr_is_any(const struct addr *a)
{
	static const unsigned char zero[16];
	size_t n;
	const void *p = ip_bytes(a, &n);

	return n && memcmp(p, zero, n) == 0;
}

/* A mask like 255.255.0.0 as a prefix length, or -1 when ones follow zeros. */
static int mask_bits(const unsigned char mask[4])
{
	uint32_t m = (uint32_t)mask[0] << 24 | mask[1] << 16 | mask[2] << 8 | mask[3];
	int bits = m ? 32 - __builtin_ctz(m) : 0;

	return ~m & (bits ? UINT32_MAX << (32 - bits) : 0) ? -1 : bits;
}

static int parse_bits(struct str text, int family)
{
	unsigned char mask[16];
	uint64_t bits;

	if (num_u64(text, &bits))
		return bits <= (family == AF_INET ? 32 : 128) ? (int)bits : -1;
	if (family == AF_INET && parse_literal(text, mask) == AF_INET)
		return mask_bits(mask);
	return -1;
}

/* Clears the host part. */
static void mask_ip(unsigned char *ip, size_t n, int bits)
{
	for (size_t i = 0; i < n; i++, bits -= 8)
		if (bits < 8)
			ip[i] &= bits <= 0 ? 0 : 0xff << (8 - bits);
}

bool addr_net_parse(struct addr_net *n, struct str text)
{
	struct str rest = text, ip = str_cut(&rest, '/');

	memset(n, 0, sizeof(*n));
	n->family = parse_literal(ip, n->ip);
	if (n->family == AF_UNSPEC)
		return false;
	n->bits = n->family == AF_INET ? 32 : 128;
	if (rest.p)
		n->bits = parse_bits(rest, n->family);
	if (n->bits < 0)
		return false;
	mask_ip(n->ip, n->family == AF_INET ? 4 : 16, n->bits);
	return true;
}

static bool prefix_eq(const unsigned char *a, const unsigned char *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool addr_net_has(const struct addr_net *n, const struct addr *a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned char six[16];
	size_t len;
	const unsigned char *ip = ip_bytes(a, &len);

	if (len == 0)
		return false;
	if (addr_family(a) == n->family)
		return prefix_eq(ip, n->ip, n->bits);
	if (n->family == AF_INET)
		return memcmp(ip, mapped, 12) == 0 && prefix_eq(ip + 12, n->ip, n->bits);
	memcpy(six, mapped, 12);
	memcpy(six + 12, ip, 4);
	return prefix_eq(six, n->ip, n->bits);
}
