#include "weir/http/cip.h"

#include "weir/base/str.h"

#define OLD_HEAD 8	/* magic, length of the rest */
#define NEW_HEAD 12	/* magic, length of everything, type, length of the rest */
#define PROTO_TCP 6

static unsigned u16(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static uint32_t u32(const char *p)
{
	return (uint32_t)u16(p) << 16 | u16(p + 2);
}

/* The ports begin a TCP header; it must be whole. */
static bool tcp_whole(struct str tcp)
{
	size_t len = tcp.n < 20 ? 0 : (size_t)((unsigned char)tcp.p[12] >> 4) * 4;

	return len >= 20 && len <= tcp.n;
}

static bool packet4(struct str s, struct addr *src, struct addr *dst)
{
	size_t len = ((unsigned char)s.p[0] & 15) * 4;
	struct str tcp;

	if (s.n < 20 || len < 20 || s.p[9] != PROTO_TCP)
		return false;
	tcp = str_skip(s, len);
	if (!tcp_whole(tcp))
		return false;
	addr_set4(src, s.p + 12, (uint16_t)u16(tcp.p));
	addr_set4(dst, s.p + 16, (uint16_t)u16(tcp.p + 2));
	return true;
}

static bool packet6(struct str s, struct addr *src, struct addr *dst)
{
	struct str tcp = str_skip(s, 40);

	if (s.n < 40 || s.p[6] != PROTO_TCP || !tcp_whole(tcp))
		return false;
	addr_set6(src, s.p + 8, (uint16_t)u16(tcp.p));
	addr_set6(dst, s.p + 24, (uint16_t)u16(tcp.p + 2));
	return true;
}

static bool packet(struct str s, struct addr *src, struct addr *dst)
{
	unsigned version = s.n ? (unsigned char)s.p[0] >> 4 : 0;

	return version == 4 ? packet4(s, src, dst) : version == 6 && packet6(s, src, dst);
}

/* Behind the length comes an IP header in the old form, a type in the new one. */
static bool is_old(char first)
{
	return (first & 0xd0) == 0x40;
}

enum cip_result cip_read(const char *p, size_t n, uint32_t magic, struct addr *src, struct addr *dst, size_t *used)
{
	size_t head = OLD_HEAD, len;

	if (n < 4)
		return CIP_MORE;
	if (u32(p) != magic)
		return CIP_BAD_MAGIC;
	if (n <= OLD_HEAD)
		return CIP_MORE;
	if (!is_old(p[OLD_HEAD]))
		head = NEW_HEAD;
	if (n < head)
		return CIP_MORE;
	if (head == NEW_HEAD && u16(p + 8) != 1)
		return CIP_BAD_PROTO;
	len = head == NEW_HEAD ? u16(p + 10) : u32(p + 4);
	if (len > CIP_HDR_MAX - head)
		return CIP_BAD_PROTO;
	if (n < head + len)
		return CIP_MORE;
	*used = head + len;
	return packet(str_make(p + head, len), src, dst) ? CIP_DONE : CIP_BAD_PROTO;
}
