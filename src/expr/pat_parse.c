/* From the text of a key to a cell: what one kind of matching needs to know about it. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include "pat_priv.h"
#include "weir/base/enc.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"

/* The index may be gone when a cell is released: nothing is asked of it. */
static void release(struct pat_dead *d)
{
	free(d);
}

static void release_regex(struct pat_dead *d)
{
	regex_free(((struct pat_cell *)d)->re);
	free(d);
}

#ifdef WEIR_FUZZ
#define FUZZING 1
#else
#define FUZZING 0
#endif

static struct pat_cell *cell_new(struct pat_index *ix, struct pat_elt *e, size_t bytes)
{
	struct pat_cell *c = mem_zalloc(sizeof(*c) + bytes);

	c->dead.release = release;
	c->ix = ix;
	c->elt = e;
	c->gen = e->gen;
	return c;
}


/* --- numbers: "5", "5:9", ":9", "5:" --- */

/* "1:5"; "1-5" is the same in HAProxy. A minus in front is a sign. */
static char separator(struct str text)
{
	return str_chr(text, ':') == (size_t)-1 && text.n > 1 && memchr(text.p + 1, '-', text.n - 1) ? '-' : ':';
}

static struct str cut_low(struct str *text)
{
	char sep = separator(*text);
	struct str rest = *text, low;

	if (sep == ':' || rest.p[0] != '-')
		return str_cut(text, sep);
	*text = str_skip(rest, 1);
	low = str_cut(text, sep);
	return str_make(rest.p, low.n + 1);
}

bool pat_ints_parse(struct str text, int64_t *min, int64_t *max, struct load_err *err)
{
	struct str hi = text, lo = cut_low(&hi);
	bool range = hi.p != NULL;

	*min = INT64_MIN;
	*max = INT64_MAX;
	if ((lo.n && !num_i64(lo, min)) || (range && hi.n && !num_i64(hi, max)) || (!lo.n && !range)) {
		load_err_set(err, text.p, "'" STR_FMT "' is not a number", STR_ARG(text));
		return false;
	}
	if (!range)
		*max = *min;
	if ((!lo.n && !hi.n) || *min > *max) {
		load_err_set(err, text.p, "'" STR_FMT "' is not a valid number range", STR_ARG(text));
		return false;
	}
	return true;
}

static struct pat_cell *make_ints(struct pat_index *ix, struct pat_elt *e, struct load_err *err)
{
	int64_t min, max;
	struct pat_cell *c;

	if (!pat_ints_parse(e->key, &min, &max, err))
		return NULL;
	c = cell_new(ix, e, 0);
	c->range.min = min;
	c->range.max = max;
	c->odd = min != max;
	c->len = sizeof(min);
	if (!c->odd)
		c->hash = pat_hash_of(ix, &c->range.min, sizeof(min), c->len);
	return c;
}

/* --- networks --- */

/* Decimal parts, up to four; missing ones are zeroes in front of the last: "10.12" is 10.0.0.12. */
static bool parse_ip4(struct str s, unsigned char out[4])
{
	uint64_t part[4];
	int n = 0;

	for (struct str rest = s; rest.p; n++) {
		struct str p = str_cut(&rest, '.');

		if (n == 4 || !p.n || p.n > 3 || !num_u64(p, &part[n]) || part[n] > 255)
			return false;
	}
	if (n == 1)
		return false;
	memset(out, 0, 4);
	for (int i = 0; i < n - 1; i++)
		out[i] = (unsigned char)part[i];
	out[3] = (unsigned char)part[n - 1];
	return true;
}

#define MASK4 4		/* bytes of a mask with holes */

static void prefix_mask(unsigned char *mask, unsigned bits)
{
	memset(mask, 0, 16);
	for (unsigned i = 0; i < bits; i++)
		mask[i / 8] |= (unsigned char)(0x80 >> (i % 8));
}

/* Number of leading ones, or -1 when ones follow zeroes. */
static int mask_bits(const unsigned char *mask, int bytes)
{
	int bits = 0;

	while (bits < bytes * 8 && (mask[bits / 8] & (0x80 >> (bits % 8))))
		bits++;
	for (int i = bits; i < bytes * 8; i++)
		if (mask[i / 8] & (0x80 >> (i % 8)))
			return -1;
	return bits;
}

static bool parse_mask(struct pat_cell *c, struct str text, unsigned char mask[16])
{
	unsigned max = c->family == AF_INET ? 32 : 128;
	uint64_t bits;
	int n;

	if (num_u64(text, &bits)) {
		if (bits > max)
			return false;
		prefix_mask(mask, (unsigned)bits);
		c->bits = (uint8_t)bits;
		return true;
	}
	if (c->family != AF_INET || !parse_ip4(text, mask))
		return false;
	n = mask_bits(mask, 4);
	c->odd = n < 0;
	c->bits = (uint8_t)(n < 0 ? 0 : n);
	memcpy(c->bytes, mask, MASK4);
	return true;
}

/* A host's name stands for its first IPv4 address; asked for when the configuration is read, never later (nor by
 * fuzzers). */
static bool resolve_ip4(struct str name, unsigned char out[4])
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
	char z[256];

	if (FUZZING || !name.n || name.n >= sizeof(z) ||
	    getaddrinfo(str_z(name, z, sizeof(z)), NULL, &hints, &found) != 0)
		return false;
	memcpy(out, &((struct sockaddr_in *)(void *)found->ai_addr)->sin_addr, 4);
	freeaddrinfo(found);
	return true;
}

static bool parse_ip(struct pat_cell *c, struct str text, bool may_resolve)
{
	char z[INET6_ADDRSTRLEN];

	c->family = AF_INET;
	if (parse_ip4(text, c->ip))
		return true;
	c->family = AF_INET6;
	if (text.n < sizeof(z) && inet_pton(AF_INET6, str_z(text, z, sizeof(z)), c->ip) == 1)
		return true;
	c->family = AF_INET;
	return may_resolve && resolve_ip4(text, c->ip);
}

static struct pat_cell *make_net(struct pat_index *ix, struct pat_elt *e, struct load_err *err)
{
	struct str rest = e->key, ip = str_cut(&rest, '/');
	struct pat_cell *c = cell_new(ix, e, MASK4);
	unsigned char mask[16];

	if (!parse_ip(c, ip, ix->resolve))
		goto bad;
	c->bits = c->family == AF_INET ? 32 : 128;
	prefix_mask(mask, c->bits);
	if (rest.p && !parse_mask(c, rest, mask))
		goto bad;
	for (int i = 0; i < 16; i++)
		c->ip[i] &= mask[i];
	c->len = (uint32_t)c->family << 8 | c->bits;
	c->hash = pat_hash_of(ix, c->ip, c->family == AF_INET ? 4 : 16, c->len);
	return c;
bad:
	free(c);
	load_err_set(err, e->key.p, "'" STR_FMT "' is not a valid IPv4 or IPv6 address", STR_ARG(e->key));
	return NULL;
}

/* --- texts --- */

static struct pat_cell *make_text(struct pat_index *ix, struct pat_elt *e)
{
	struct pat_cell *c = cell_new(ix, e, ix->icase ? e->key.n + 1 : 0);

	c->text = e->key;
	if (ix->icase) {
		memcpy(c->bytes, e->key.p, e->key.n);
		str_lower(c->bytes, e->key.n);
		c->text.p = c->bytes;
	}
	c->len = (uint32_t)c->text.n;
	c->hash = pat_hash_of(ix, c->text.p, c->text.n, c->len);
	return c;
}

/* Words between delimiters: those at the ends of the pattern say nothing. */
static struct pat_cell *make_word(struct pat_index *ix, struct pat_elt *e)
{
	const char *delim = pat_delims(ix);
	struct pat_cell *c = make_text(ix, e);

	while (c->text.n && pat_is_delim(c->text.p[0], delim))
		c->text = str_skip(c->text, 1);
	while (c->text.n && pat_is_delim(c->text.p[c->text.n - 1], delim))
		c->text.n--;
	c->odd = c->text.n == 0;
	c->len = 1;
	for (size_t i = 0; i < c->text.n; i++)
		c->len += pat_is_delim(c->text.p[i], delim);
	c->hash = pat_hash_of(ix, c->text.p, c->text.n, c->len);
	return c;
}

static struct pat_cell *make_bin(struct pat_index *ix, struct pat_elt *e, struct load_err *err)
{
	struct pat_cell *c;
	struct sbuf b;

	for (size_t i = 0; i < e->key.n; i++)
		if (enc_hex_digit(e->key.p[i]) < 0) {
			load_err_set(err, e->key.p + i, "an hex digit is expected (found '%c')", e->key.p[i]);
			return NULL;
		}
	if (e->key.n & 1) {
		load_err_set(err, e->key.p, "an even number of hex digit is expected");
		return NULL;
	}
	c = cell_new(ix, e, e->key.n / 2 + 1);
	b = sbuf_fixed(c->bytes, e->key.n / 2 + 1);
	hex_dec(&b, e->key);
	c->text = sbuf_str(&b);
	c->len = (uint32_t)b.n;
	c->hash = pat_hash_of(ix, c->text.p, c->text.n, c->len);
	return c;
}

static struct pat_cell *make_regex(struct pat_index *ix, struct pat_elt *e, struct load_err *err)
{
	struct regex_err why;
	struct regex *re = regex_compile(e->key, ix->icase ? REGEX_CASELESS : 0, &why);
	struct pat_cell *c;

	if (!re) {
		load_err_set(err, e->key.p, "regex '" STR_FMT "' is invalid (error=%s, erroffset=%zu)",
			     STR_ARG(e->key), why.text, why.offset);
		return NULL;
	}
	c = cell_new(ix, e, 0);
	c->re = re;
	c->dead.release = release_regex;
	return c;
}

struct pat_cell *pat_cell_make(struct pat_index *ix, struct pat_elt *e, struct load_err *err)
{
	switch ((enum pat_kind)ix->kind) {
	case PAT_INT: case PAT_LEN:
		return make_ints(ix, e, err);
	case PAT_IP:
		return make_net(ix, e, err);
	case PAT_BIN:
		return make_bin(ix, e, err);
	case PAT_REG:
		return make_regex(ix, e, err);
	case PAT_DIR: case PAT_DOM:
		return make_word(ix, e);
	case PAT_FOUND: case PAT_BOOL: case PAT_STR: case PAT_BEG: case PAT_SUB: case PAT_END: case PAT_KINDS:
		break;
	}
	return make_text(ix, e);
}
