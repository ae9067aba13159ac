/* Pieces of texts between delimiters. Fields stand between every two delimiters and may be empty;
 * words have runs of delimiters between them and none at the ends. Both are counted from the
 * beginning (1) or the end (-1). */
#include "conv_priv.h"

static bool is_delim(struct str delims, char c)
{
	return str_chr(delims, c) != (size_t)-1;
}

/* The next piece from *at on; *at goes behind its delimiter, or behind the end of s with the last
 * one. */
static struct str next_field(struct str s, struct str delims, size_t *at)
{
	size_t start = *at, end = start;

	while (end < s.n && !is_delim(delims, s.p[end]))
		end++;
	*at = end + 1;
	return str_make(s.p + start, end - start);
}

/* Backwards: the piece that ends at *end; *end goes before its delimiter, and to (size_t)-1 with
 * the first one. */
static struct str prev_field(struct str s, struct str delims, size_t *end)
{
	size_t stop = *end, start = stop;

	while (start > 0 && !is_delim(delims, s.p[start - 1]))
		start--;
	*end = start ? start - 1 : (size_t)-1;
	return str_make(s.p + start, stop - start);
}

/* From the beginning of a to the end of b, which lies in the same text. */
static struct str between(struct str a, struct str b)
{
	return str_make(a.p, b.p + b.n - a.p);
}

static bool fields_forward(struct str *s, struct str delims, int64_t index, int64_t count)
{
	struct str first, last;
	size_t at = 0;

	do {
		if (at > s->n)
			return false;
		first = last = next_field(*s, delims, &at);
	} while (--index > 0);
	if (count <= 0)
		last = str_make(s->p + s->n, 0);
	while (--count > 0 && at <= s->n)
		last = next_field(*s, delims, &at);
	*s = between(first, last);
	return true;
}

static bool fields_backward(struct str *s, struct str delims, int64_t index, int64_t count)
{
	struct str first, last;
	size_t end = s->n;

	do {
		if (end == (size_t)-1)
			return false;
		first = last = prev_field(*s, delims, &end);
	} while (++index < 0);
	if (count <= 0)
		first = str_make(s->p, 0);
	while (--count > 0 && end != (size_t)-1)
		first = prev_field(*s, delims, &end);
	*s = between(first, last);
	return true;
}

static bool conv_field(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	int64_t index = args[0].i, count = arg_given(&args[2]) ? args[2].i : 1;

	if (!smp->s.p)
		smp->s = STR("");
	if (index > 0)
		return fields_forward(&smp->s, args[1].s, index, count);
	return fields_backward(&smp->s, args[1].s, index, count);
}

/* Words are the fields that are not empty: skips to the index-th, then takes count of them, or all
 * there is with the delimiters at that end when there are fewer. */
static struct str words_forward(struct str s, struct str delims, int64_t index, int64_t count)
{
	struct str first = STR_NONE;
	size_t at = 0;

	while (at <= s.n) {
		struct str f = next_field(s, delims, &at);

		if (f.n == 0 || --index > 0)
			continue;
		first = first.p ? first : f;
		if (--count == 0)
			return between(first, f);
		if (count < 0)
			break;
	}
	return first.p ? between(first, str_make(s.p + s.n, 0)) : STR_NONE;
}

static struct str words_backward(struct str s, struct str delims, int64_t index, int64_t count)
{
	struct str last = STR_NONE;
	size_t end = s.n;

	while (end != (size_t)-1) {
		struct str f = prev_field(s, delims, &end);

		if (f.n == 0 || ++index < 0)
			continue;
		last = last.p ? last : f;
		if (--count == 0)
			return between(f, last);
		if (count < 0)
			break;
	}
	return last.p ? between(str_make(s.p, 0), last) : STR_NONE;
}

static bool conv_word(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	int64_t index = args[0].i, count = arg_given(&args[2]) ? args[2].i : 1;

	if (index > 0)
		smp->s = words_forward(smp->s, args[1].s, index, count);
	else
		smp->s = words_backward(smp->s, args[1].s, index, count);
	return true;
}

static bool check_field(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (args[0].i == 0)
		return conv_refuse(err, "expects a position that is not 0");
	return args[1].s.n || conv_refuse(err, "expects at least one delimiter");
}

/* --- param --- */

static bool conv_param(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	struct str name = args[0].s,
		   delims = arg_given(&args[1]) && args[1].s.n ? args[1].s : STR("&");
	size_t at = 0;

	while (at <= smp->s.n) {
		struct str f = next_field(smp->s, delims, &at), value = str_skip(f, name.n);

		if (f.n == 0 || !str_starts(f, name) || (value.n && value.p[0] != '='))
			continue;
		smp->s = str_skip(value, 1);
		return true;
	}
	return false;
}

static bool check_param(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return args[0].s.n || conv_refuse(err, "expects the name of a parameter");
}

/* --- language --- */

/* The q of "q=0.8" in thousandths; anything else counts as 1. */
static int quality(struct str text)
{
	int q = 0, unit = 1000;

	text = str_trim(text);
	if (text.n < 3 || (text.p[0] | 0x20) != 'q' || text.p[1] != '=' || text.p[2] < '0' ||
	    text.p[2] > '9')
		return 1000;
	q = text.p[2] == '0' ? 0 : 1000;
	for (size_t i = 4; i < text.n && q < 1000 && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
		unit /= 10;
		q += (text.p[i] - '0') * unit;
	}
	return q;
}

/* The longest of the languages (separated by semicolons) that is the range's whole tag or its
 * beginning up to a dash. */
static struct str supported(struct str list, struct str tag)
{
	struct str best = STR_NONE;

	while (list.p) {
		struct str one = str_cut(&list, ';');

		if (one.n <= best.n || !str_starts(tag, one))
			continue;
		if (tag.n == one.n || tag.p[one.n] == '-')
			best = one;
	}
	return best;
}

static bool conv_language(const struct arg *args, struct sample *smp, struct xctx *x,
			  const struct conv_row *row)
{
	struct str rest = smp->s, best = STR_NONE;
	int best_q = 0;

	while (rest.p) {
		struct str item = str_cut(&rest, ','), tag = str_trim(str_cut(&item, ';'));
		struct str lang = supported(args[0].s, tag);
		int q = quality(str_cut(&item, ';'));

		if (lang.n && q > best_q) {
			best = lang;
			best_q = q;
		}
	}
	if (!best.n)
		best = arg_given(&args[1]) && args[1].s.n ? args[1].s : STR_NONE;
	smp_set_str(smp, best, SMP_F_CONST);
	return best.p != NULL;
}

const struct conv_row conv_field_rows[CONV_FIELD_ROWS] = {
	{ "field", conv_field, { 2, { ARG_SINT, ARG_STR, ARG_SINT } }, check_field, SMP_STR,
	  SMP_STR, "the n-th piece between delimiters, or several", 0 },
	{ "word", conv_word, { 2, { ARG_SINT, ARG_STR, ARG_SINT } }, check_field, SMP_STR, SMP_STR,
	  "the n-th word between runs of delimiters, or several", 0 },
	{ "param", conv_param, { 1, { ARG_STR, ARG_STR } }, check_param, SMP_STR, SMP_STR,
	  "the value of a parameter of a query string", 0 },
	{ "language", conv_language, { 1, { ARG_STR, ARG_STR } }, NULL, SMP_STR, SMP_STR,
	  "the best of some languages for an accept-language field", 0 },
};
