/* Types of samples and the casts between them. The matrix is HAProxy's: a cast that is not in it is refused at load;
 * one that is in it may still fail for a value (a text that is no address). */
#include <arpa/inet.h>
#include <stdio.h>
#include "weir/base/assert.h"
#include "weir/base/sbuf.h"
#include "fetch_priv.h"

static const char *const type_names[SMP_TYPES] = {
	[SMP_ANY] = "any", [SMP_SAME] = "same", [SMP_BOOL] = "bool", [SMP_SINT] = "sint", [SMP_ADDR] = "addr",
	[SMP_IPV4] = "ipv4", [SMP_IPV6] = "ipv6", [SMP_STR] = "str", [SMP_BIN] = "bin", [SMP_METH] = "meth",
};

const char *smp_type_name(enum smp_type t)
{
	WASSERT(t < SMP_TYPES);
	return type_names[t];
}

void smp_own(struct sample *smp, struct arena *mem)
{
	if (!(smp->flags & SMP_F_CONST))
		return;
	if (smp->type == SMP_STR || smp->type == SMP_BIN || smp->type == SMP_METH) {
		char *p = arena_bytes(mem, smp->s.n + 1);

		if (smp->s.n)
			memcpy(p, smp->s.p, smp->s.n);
		p[smp->s.n] = '\0';
		smp->s.p = p;
	}
	smp->flags &= (uint8_t)~SMP_F_CONST;
}

bool smp_set_addr(struct sample *s, const struct addr *a)
{
	s->flags = 0;
	switch (addr_family(a)) {
	case AF_INET:
		s->type = SMP_IPV4;
		s->ip4 = a->in4.sin_addr;
		return true;
	case AF_INET6:
		s->type = SMP_IPV6;
		s->ip6 = a->in6.sin6_addr;
		return true;
	}
	return false;
}

/* --- the casts --- */
typedef bool cast_f(struct sample *smp, struct arena *mem);

static void set_text(struct sample *smp, const char *text, size_t n, struct arena *mem)
{
	char *p = arena_bytes(mem, n + 1);

	memcpy(p, text, n);
	p[n] = '\0';
	smp->s = str_make(p, n);
	smp->type = SMP_STR;
	smp->flags &= (uint8_t)~SMP_F_CONST;
}

static bool cast_none(struct sample *smp, struct arena *mem)
{
	(void)smp;
	(void)mem;
	return true;
}

/* Declared as an address of either family: what it really is decides at run time. */
static bool cast_addr(struct sample *smp, struct arena *mem)
{
	(void)mem;
	return smp->type == SMP_IPV4 || smp->type == SMP_IPV6;
}

static bool int_to_bool(struct sample *smp, struct arena *mem)
{
	(void)mem;
	smp->i = smp->i != 0;
	smp->type = SMP_BOOL;
	return true;
}

static bool bool_to_int(struct sample *smp, struct arena *mem)
{
	(void)mem;
	smp->type = SMP_SINT;
	return true;
}

static bool int_to_str(struct sample *smp, struct arena *mem)
{
	char text[24];
	struct sbuf b = sbuf_fixed(text, sizeof(text));

	sbuf_puti(&b, smp->i);
	set_text(smp, text, b.n, mem);
	return true;
}

static bool int_to_bin(struct sample *smp, struct arena *mem)
{
	uint64_t v = (uint64_t)smp->i;
	char bytes[8];

	for (int i = 7; i >= 0; i--, v >>= 8)
		bytes[i] = (char)v;
	set_text(smp, bytes, sizeof(bytes), mem);
	smp->type = SMP_BIN;
	return true;
}

static bool int_to_ip(struct sample *smp, struct arena *mem)
{
	(void)mem;
	smp->ip4.s_addr = htonl((uint32_t)smp->i);
	smp->type = SMP_IPV4;
	return true;
}

static void map_4to6(struct in6_addr *out, struct in_addr in)
{
	memset(out, 0, 10);
	out->s6_addr[10] = out->s6_addr[11] = 0xff;
	memcpy(&out->s6_addr[12], &in, 4);
}

static bool ip_to_ip6(struct sample *smp, struct arena *mem)
{
	struct in_addr ip = smp->ip4;

	(void)mem;
	map_4to6(&smp->ip6, ip);
	smp->type = SMP_IPV6;
	return true;
}

static bool int_to_ip6(struct sample *smp, struct arena *mem)
{
	return int_to_ip(smp, mem) && ip_to_ip6(smp, mem);
}

static bool ip_to_int(struct sample *smp, struct arena *mem)
{
	(void)mem;
	smp->i = ntohl(smp->ip4.s_addr);
	smp->type = SMP_SINT;
	return true;
}

static bool ip_to_str(struct sample *smp, struct arena *mem)
{
	char text[INET6_ADDRSTRLEN];
	bool four = smp->type == SMP_IPV4;

	if (!four && !inet_ntop(AF_INET6, &smp->ip6, text, sizeof(text)))
		return false;
	set_text(smp, text, four ? addr_ip4_text(&smp->ip4, text) : strlen(text), mem);
	return true;
}

static bool ip_to_bin(struct sample *smp, struct arena *mem)
{
	char bytes[16];
	size_t n = smp->type == SMP_IPV4 ? 4 : 16;

	memcpy(bytes, &smp->ip6, n);
	set_text(smp, bytes, n, mem);
	smp->type = SMP_BIN;
	return true;
}

/* IPv4 inside IPv6: mapped (::ffff:a.b.c.d), compatible (::a.b.c.d) and 6to4 (2002:aabb:ccdd::). */
static bool ip6_to_ip(struct sample *smp, struct arena *mem)
{
	const uint8_t *b = smp->ip6.s6_addr;
	static const uint8_t zero[12];
	struct in_addr ip;

	(void)mem;
	if (memcmp(b, zero, 10) == 0 && ((b[10] == 0xff && b[11] == 0xff) || (b[10] == 0 && b[11] == 0)))
		memcpy(&ip, b + 12, 4);
	else if (b[0] == 0x20 && b[1] == 0x02 && memcmp(b + 6, zero, 10) == 0)
		memcpy(&ip, b + 2, 4);
	else
		return false;
	smp->ip4 = ip;
	smp->type = SMP_IPV4;
	return true;
}

/* Digits up to the first other character, saturated; no digits at all give 0. */
int64_t text_int(struct str s)
{
	bool neg = s.n && s.p[0] == '-';
	uint64_t v = 0, max = neg ? (uint64_t)INT64_MAX + 1 : INT64_MAX;

	for (size_t i = neg; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		uint64_t d = (uint64_t)(s.p[i] - '0');

		if (v > (max - d) / 10)
			return neg ? INT64_MIN : INT64_MAX;
		v = v * 10 + d;
	}
	return neg ? (int64_t)(0 - v) : (int64_t)v;
}

static bool str_to_int(struct sample *smp, struct arena *mem)
{
	(void)mem;
	if (!smp->s.n)
		return false;
	smp->i = text_int(smp->s);
	smp->type = SMP_SINT;
	smp->flags &= (uint8_t)~SMP_F_CONST;
	return true;
}

static bool str_to_bool(struct sample *smp, struct arena *mem)
{
	return str_to_int(smp, mem) && int_to_bool(smp, mem);
}

static bool str_to_ip(struct sample *smp, struct arena *mem)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr ip;

	(void)mem;
	if (smp->s.n >= sizeof(text) || inet_pton(AF_INET, str_z(smp->s, text, sizeof(text)), &ip) != 1)
		return false;
	smp->ip4 = ip;
	smp->type = SMP_IPV4;
	smp->flags &= (uint8_t)~SMP_F_CONST;
	return true;
}

static bool str_to_ip6(struct sample *smp, struct arena *mem)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ip;

	(void)mem;
	if (smp->s.n >= sizeof(text) || inet_pton(AF_INET6, str_z(smp->s, text, sizeof(text)), &ip) != 1)
		return false;
	smp->ip6 = ip;
	smp->type = SMP_IPV6;
	smp->flags &= (uint8_t)~SMP_F_CONST;
	return true;
}

static bool str_to_addr(struct sample *smp, struct arena *mem)
{
	return str_to_ip(smp, mem) || str_to_ip6(smp, mem);
}

static bool str_to_bin(struct sample *smp, struct arena *mem)
{
	(void)mem;
	smp->type = SMP_BIN;
	return true;
}

/* Binary data is text up to its first NUL. */
static bool bin_to_str(struct sample *smp, struct arena *mem)
{
	size_t nul = str_chr(smp->s, '\0');

	(void)mem;
	if (nul != (size_t)-1)
		smp->s.n = nul;
	smp->type = SMP_STR;
	return true;
}

static bool str_to_meth(struct sample *smp, struct arena *mem)
{
	(void)mem;
	smp->method = (uint8_t)method_find(smp->s);
	smp->type = SMP_METH;
	return true;
}

static bool meth_to_str(struct sample *smp, struct arena *mem)
{
	(void)mem;
	if (smp->method != METHOD_OTHER) {
		smp->s = method_name((enum method)smp->method);
		smp->flags |= SMP_F_CONST;
	}
	smp->type = SMP_STR;
	return true;
}

static bool meth_to_bin(struct sample *smp, struct arena *mem)
{
	return meth_to_str(smp, mem) && str_to_bin(smp, mem);
}

/* [from][to]. ANY stands for a value whose type is known at run time only; ADDR for an address of either family. */
static cast_f *const casts[SMP_TYPES][SMP_TYPES] = {
	[SMP_ANY] = {
		[SMP_ANY] = cast_none, [SMP_BOOL] = cast_none, [SMP_SINT] = cast_none, [SMP_ADDR] = cast_none,
		[SMP_IPV4] = cast_none, [SMP_IPV6] = cast_none, [SMP_STR] = cast_none, [SMP_BIN] = cast_none,
		[SMP_METH] = cast_none,
	},
	[SMP_BOOL] = {
		[SMP_ANY] = cast_none, [SMP_BOOL] = cast_none, [SMP_SINT] = bool_to_int, [SMP_STR] = int_to_str,
		[SMP_BIN] = int_to_bin,
	},
	[SMP_SINT] = {
		[SMP_ANY] = cast_none, [SMP_BOOL] = int_to_bool, [SMP_SINT] = cast_none, [SMP_ADDR] = int_to_ip,
		[SMP_IPV4] = int_to_ip, [SMP_IPV6] = int_to_ip6, [SMP_STR] = int_to_str, [SMP_BIN] = int_to_bin,
	},
	[SMP_ADDR] = {
		[SMP_ANY] = cast_none, [SMP_SINT] = cast_addr, [SMP_ADDR] = cast_addr, [SMP_IPV4] = cast_addr,
		[SMP_IPV6] = cast_addr, [SMP_STR] = cast_addr, [SMP_BIN] = cast_addr,
	},
	[SMP_IPV4] = {
		[SMP_ANY] = cast_none, [SMP_SINT] = ip_to_int, [SMP_ADDR] = cast_none, [SMP_IPV4] = cast_none,
		[SMP_IPV6] = ip_to_ip6, [SMP_STR] = ip_to_str, [SMP_BIN] = ip_to_bin,
	},
	[SMP_IPV6] = {
		[SMP_ANY] = cast_none, [SMP_ADDR] = cast_none, [SMP_IPV4] = ip6_to_ip, [SMP_IPV6] = cast_none,
		[SMP_STR] = ip_to_str, [SMP_BIN] = ip_to_bin,
	},
	[SMP_STR] = {
		[SMP_ANY] = cast_none, [SMP_BOOL] = str_to_bool, [SMP_SINT] = str_to_int, [SMP_ADDR] = str_to_addr,
		[SMP_IPV4] = str_to_ip, [SMP_IPV6] = str_to_ip6, [SMP_STR] = cast_none, [SMP_BIN] = str_to_bin,
		[SMP_METH] = str_to_meth,
	},
	[SMP_BIN] = {
		[SMP_ANY] = cast_none, [SMP_STR] = bin_to_str, [SMP_BIN] = cast_none, [SMP_METH] = str_to_meth,
	},
	[SMP_METH] = {
		[SMP_ANY] = cast_none, [SMP_STR] = meth_to_str, [SMP_BIN] = meth_to_bin, [SMP_METH] = cast_none,
	},
};

bool smp_castable(enum smp_type from, enum smp_type to)
{
	return from < SMP_TYPES && to < SMP_TYPES && casts[from][to];
}

bool smp_cast(struct sample *smp, enum smp_type to, struct arena *mem)
{
	cast_f *cast = casts[smp->type][to];

	return cast && cast(smp, mem);
}
