/* Does one cell match? And the names and types of the kinds of matching. */
#include <arpa/inet.h>
#include "pat_priv.h"
#include "weir/base/assert.h"

static const struct { const char *name; enum smp_type type; } kinds[PAT_KINDS] = {
	[PAT_FOUND] = { "found", SMP_ANY }, [PAT_BOOL] = { "bool", SMP_SINT }, [PAT_INT] = { "int", SMP_SINT },
	[PAT_IP] = { "ip", SMP_ADDR }, [PAT_BIN] = { "bin", SMP_BIN }, [PAT_LEN] = { "len", SMP_STR },
	[PAT_STR] = { "str", SMP_STR }, [PAT_BEG] = { "beg", SMP_STR }, [PAT_SUB] = { "sub", SMP_STR },
	[PAT_DIR] = { "dir", SMP_STR }, [PAT_DOM] = { "dom", SMP_STR }, [PAT_END] = { "end", SMP_STR },
	[PAT_REG] = { "reg", SMP_STR },
};

const char *pat_kind_name(enum pat_kind k)
{
	WASSERT(k < PAT_KINDS);
	return kinds[k].name;
}

enum smp_type pat_kind_type(enum pat_kind k)
{
	WASSERT(k < PAT_KINDS);
	return kinds[k].type;
}

bool pat_kind_find(struct str name, enum pat_kind *out)
{
	for (int i = 0; i < PAT_KINDS; i++)
		if (str_eqz(name, kinds[i].name)) {
			*out = (enum pat_kind)i;
			return true;
		}
	return false;
}

static bool text_eq(const struct pat_index *ix, const char *p, struct str want)
{
	if (!want.n)
		return true;
	return ix->icase ? strncasecmp(p, want.p, want.n) == 0 : memcmp(p, want.p, want.n) == 0;
}

const char *pat_delims(const struct pat_index *ix)
{
	return ix->kind == PAT_DIR ? "/?" : "/?.:";
}

/* The wanted text at the beginning or behind a delimiter, and up to the end or a delimiter. */
static bool has_word(const struct pat_index *ix, struct str s, struct str want, const char *delim)
{
	bool fresh = true;

	for (size_t i = 0; i + want.n <= s.n; i++) {
		if (i < s.n && pat_is_delim(s.p[i], delim)) {
			fresh = true;
			continue;
		}
		if (fresh && text_eq(ix, s.p + i, want) && (i + want.n == s.n || pat_is_delim(s.p[i + want.n], delim)))
			return true;
		fresh = false;
	}
	return false;
}

static bool net_match(const struct pat_cell *c, const unsigned char *ip, int bytes)
{
	unsigned whole = c->bits / 8, rest = c->bits % 8;

	for (int i = 0; c->odd && i < bytes; i++)
		if ((ip[i] & (unsigned char)c->bytes[i]) != c->ip[i])
			return false;
	if (memcmp(ip, c->ip, whole) != 0)
		return false;
	return !rest || (ip[whole] & (unsigned char)(0xff00 >> rest)) == c->ip[whole];
}

/* Both families meet as mapped addresses; an IPv6 sample that holds an IPv4 one is compared as that. */
static bool ip_match(const struct pat_cell *c, const struct sample *smp)
{
	struct sample other = *smp;

	if ((smp->type == SMP_IPV4) == (c->family == AF_INET))
		return net_match(c, smp->ip6.s6_addr, c->family == AF_INET ? 4 : 16);
	if (!smp_cast(&other, c->family == AF_INET ? SMP_IPV4 : SMP_IPV6, NULL))
		return false;
	return net_match(c, other.ip6.s6_addr, c->family == AF_INET ? 4 : 16);
}

bool pat_cell_match(const struct pat_index *ix, const struct pat_cell *c, const struct sample *smp)
{
	struct str s = smp->s;

	switch ((enum pat_kind)ix->kind) {
	case PAT_INT:
		return smp->i >= c->range.min && smp->i <= c->range.max;
	case PAT_LEN:
		return (int64_t)s.n >= c->range.min && (int64_t)s.n <= c->range.max;
	case PAT_IP:
		return ip_match(c, smp);
	case PAT_BIN:
		return str_eq(s, c->text);
	case PAT_STR:
		return s.n == c->text.n && text_eq(ix, s.p, c->text);
	case PAT_BEG:
		return s.n >= c->text.n && text_eq(ix, s.p, c->text);
	case PAT_END:
		return s.n >= c->text.n && text_eq(ix, s.p + s.n - c->text.n, c->text);
	case PAT_SUB:
		return (ix->icase ? str_ifind(s, c->text) : str_find(s, c->text)) != (size_t)-1;
	case PAT_DIR: case PAT_DOM:
		return has_word(ix, s, c->text, pat_delims(ix));
	case PAT_REG:
		return regex_match(c->re, s);
	case PAT_FOUND: case PAT_KINDS:
		return true;
	case PAT_BOOL:
		return smp->i != 0;
	}
	return false;
}
