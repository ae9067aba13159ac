/* Bytes: cutting them, and writing them as figures. */
#include "conv_priv.h"
#include "weir/base/enc.h"

/* --- bytes --- */

/* A piece that lies beyond what is there: wait when more may come, else there is nothing. */
static bool beyond(struct sample *smp, struct xctx *x, struct str rest)
{
	if ((smp->flags & SMP_F_MAY_CHANGE) && !x->final)
		return false;
	smp->s = rest;
	return true;
}

static bool conv_bytes(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	int64_t offset, length;
	struct str rest;

	if (!arg_int(&args[0], x, &offset) || offset < 0)
		return false;
	if ((uint64_t)offset >= smp->s.n)
		return beyond(smp, x, str_skip(smp->s, smp->s.n));
	rest = str_skip(smp->s, offset);
	if (!arg_given(&args[1])) {
		smp->s = rest;
		return true;
	}
	if (!arg_int(&args[1], x, &length) || length < 0)
		return false;
	if ((uint64_t)length > rest.n)
		return beyond(smp, x, rest);
	smp->s = str_head(rest, length);
	return true;
}

static bool check_bytes(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (args[0].type == ARG_SINT && (args[0].i < 0 || !args[0].s.n))
		return conv_refuse(err, "expects an offset that is not negative");
	if (nargs > 1 && args[1].type == ARG_SINT && args[1].i <= 0)
		return conv_refuse(err, "expects a length above 0");
	return true;
}

/* --- figures --- */

static bool conv_hex(const struct arg *args, struct sample *smp, struct xctx *x,
		     const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, smp->s.n * 2);

	hex_enc(&b, smp->s, true);
	return conv_set_str(smp, &b);
}

static bool conv_hex2i(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	uint64_t v = 0;

	for (size_t i = 0; i < smp->s.n; i++) {
		int digit = enc_hex_digit(smp->s.p[i]);

		if (digit < 0)
			return false;
		v = v << 4 | (unsigned)digit;
	}
	smp_set_int(smp, v);
	return true;
}

static bool conv_base2(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, smp->s.n * 8);

	for (size_t i = 0; i < smp->s.n; i++)
		for (int bit = 7; bit >= 0; bit--)
			sbuf_putc(&b, smp->s.p[i] >> bit & 1 ? '1' : '0');
	return conv_set_str(smp, &b);
}

/* Arguments that the grouping converters share: separator, bytes in a group, whole groups only. */
static struct str separator(const struct arg *args)
{
	return arg_given(&args[0]) ? args[0].s : STR_NONE;
}

static bool whole_groups(const struct arg *args)
{
	return arg_given(&args[2]) && args[2].i;
}

/* Cuts the next group of at most size bytes from *s; false: no more. */
static bool take_group(struct str *s, size_t size, bool whole, struct str *group)
{
	*group = str_head(*s, size);
	*s = str_skip(*s, size);
	return group->n && (!whole || group->n == size);
}

static bool conv_be2hex(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	size_t size = arg_given(&args[1]) && args[1].i > 0 ? (size_t)args[1].i : smp->s.n;
	struct str rest = smp->s, group;
	char mem[CONV_TEXT_MAX];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	while (take_group(&rest, size, whole_groups(args), &group)) {
		if (b.n)
			sbuf_puts(&b, separator(args));
		hex_enc(&b, group, true);
		if (b.full)
			return false;
	}
	return conv_copy_str(smp, &b, x);
}

static uint64_t number_of(struct str group, bool little)
{
	uint64_t v = 0;

	for (size_t i = 0; i < group.n; i++)
		v = v << 8 | (unsigned char)group.p[little ? group.n - 1 - i : i];
	return v;
}

/* priv: least significant byte first? */
static bool conv_2dec(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	struct str rest = smp->s, group;
	char mem[CONV_TEXT_MAX];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	while (take_group(&rest, args[1].i, whole_groups(args), &group)) {
		if (b.n)
			sbuf_puts(&b, separator(args));
		if (!sbuf_putu(&b, number_of(group, row->priv)))
			return false;
	}
	return conv_copy_str(smp, &b, x);
}

static bool check_groups(struct arg *args, int nargs, int64_t max, struct load_err *err)
{
	if (nargs > 1 && (args[1].i <= 0 || args[1].i > max)) {
		load_err_set(err, NULL, "expects a group size from 1 to %lld", (long long)max);
		return false;
	}
	if (nargs > 2 && args[2].i != 0 && args[2].i != 1)
		return conv_refuse(err, "expects 0 or 1 for truncation");
	return true;
}

static bool check_be2hex(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (nargs == 1 && args[0].s.n)
		return conv_refuse(err, "expects a group size behind the separator");
	if (nargs > 1 && args[1].i <= 0 && !args[0].s.n && !whole_groups(args))
		return true;	/* no groups */
	return check_groups(args, nargs, INT32_MAX, err);
}

static bool check_2dec(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return check_groups(args, nargs, 8, err);
}

#define GROUPS { ARG_STR, ARG_SINT, ARG_SINT }

const struct conv_row conv_bytes_rows[CONV_BYTES_ROWS] = {
	{ "bytes", conv_bytes, { 1, { ARG_SINT_OR_VAR, ARG_SINT_OR_VAR } }, check_bytes, SMP_BIN,
	  SMP_BIN, "the bytes from an offset, up to a length", 0 },
	{ "hex", conv_hex, { 0 }, NULL, SMP_BIN, SMP_STR, "two hexadecimal digits for each byte",
	  0 },
	{ "hex2i", conv_hex2i, { 0 }, NULL, SMP_STR, SMP_SINT,
	  "the number that hexadecimal digits write", 0 },
	{ "base2", conv_base2, { 0 }, NULL, SMP_BIN, SMP_STR, "eight binary digits for each byte",
	  0 },
	{ "be2hex", conv_be2hex, { 0, GROUPS }, check_be2hex, SMP_BIN, SMP_STR,
	  "hexadecimal digits in groups with a separator", 0 },
	{ "be2dec", conv_2dec, { 2, GROUPS }, check_2dec, SMP_BIN, SMP_STR,
	  "groups of bytes as decimal numbers, most significant byte first", false },
	{ "le2dec", conv_2dec, { 2, GROUPS }, check_2dec, SMP_BIN, SMP_STR,
	  "groups of bytes as decimal numbers, least significant byte first", true },
};
