#include "weir/base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include "weir/base/enc.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

#define REGEX_MAGIC OBJ_MAGIC('r', 'e', 'g', 'x')
#define JIT_STACK_START (32 * 1024)
#define JIT_STACK_MAX (512 * 1024)

struct regex {
	uint32_t magic;
	bool jit;
	pcre2_code *code;
	struct str text;
};

/* What a match writes to; one thread matches one expression at a time. */
struct scratch {
	pcre2_match_data *data;
	pcre2_match_context *ctx;
	pcre2_jit_stack *stack;
};

static __thread struct scratch scratch;

static void make_scratch(void)
{
	scratch.data = pcre2_match_data_create(REGEX_CAPS, NULL);
	scratch.ctx = pcre2_match_context_create(NULL);
	scratch.stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
	WASSERT(scratch.data && scratch.ctx);
	if (scratch.stack)
		pcre2_jit_stack_assign(scratch.ctx, NULL, scratch.stack);
}

void regex_thread_fini(void)
{
	pcre2_match_data_free(scratch.data);
	pcre2_match_context_free(scratch.ctx);
	pcre2_jit_stack_free(scratch.stack);
	scratch = (struct scratch){ 0 };
}

static pcre2_code *compile(struct str pattern, unsigned flags, struct regex_err *err)
{
	uint32_t opt = 0;
	int code;
	PCRE2_SIZE offset;
	pcre2_code *re;

	if (flags & REGEX_CASELESS)
		opt |= PCRE2_CASELESS;
	if (flags & REGEX_NO_CAPTURE)
		opt |= PCRE2_NO_AUTO_CAPTURE;
	re = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, opt, &code, &offset, NULL);
	if (re)
		return re;
	err->offset = offset;
	pcre2_get_error_message(code, (PCRE2_UCHAR *)err->text, sizeof(err->text));
	return NULL;
}

struct regex *regex_compile(struct str pattern, unsigned flags, struct regex_err *err)
{
	pcre2_code *code;
	struct regex *re;
	char *text;

	if (!pattern.p)
		pattern = STR("");
	code = compile(pattern, flags, err);
	if (!code)
		return NULL;
	re = mem_zalloc(sizeof(*re) + pattern.n);
	text = memcpy(re + 1, pattern.p, pattern.n);
	re->magic = REGEX_MAGIC;
	re->code = code;
	re->text = str_make(text, pattern.n);
	re->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
	return re;
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	OBJ_CHECK(re, REGEX_MAGIC);
	pcre2_code_free(re->code);
	OBJ_WIPE(re);
	free(re);
}

struct str regex_text(const struct regex *re)
{
	OBJ_CHECK(re, REGEX_MAGIC);
	return re->text;
}

/* Number of captures that are set (0: all that there was room for), or negative: no match. */
static int run(const struct regex *re, struct str s, uint32_t opt)
{
	OBJ_CHECK(re, REGEX_MAGIC);
	if (!scratch.data)
		make_scratch();
	if (re->jit)
		return pcre2_jit_match(re->code, (PCRE2_SPTR)s.p, s.n, 0, opt, scratch.data,
				       scratch.ctx);
	return pcre2_match(re->code, (PCRE2_SPTR)s.p, s.n, 0, opt, scratch.data, scratch.ctx);
}

/* PCRE2 wants a pointer for an empty subject too. */
static struct str pointed(struct str s)
{
	return s.p ? s : STR("");
}

bool regex_match(const struct regex *re, struct str subject)
{
	return run(re, pointed(subject), 0) >= 0;
}

bool regex_exec(const struct regex *re, struct str subject, size_t from, struct str cap[REGEX_CAPS])
{
	PCRE2_SIZE *at;
	int n;

	subject = pointed(str_skip(subject, from));
	n = run(re, subject, from ? PCRE2_NOTBOL : 0);
	if (n < 0)
		return false;
	n = n == 0 ? REGEX_CAPS : n;
	at = pcre2_get_ovector_pointer(scratch.data);
	for (int i = 0; i < REGEX_CAPS; i++) {
		bool set = i < n && at[2 * i] != PCRE2_UNSET && at[2 * i] <= at[2 * i + 1];

		cap[i] = set ? str_make(subject.p + at[2 * i], at[2 * i + 1] - at[2 * i])
			     : STR_NONE;
	}
	return true;
}

/* One step of a replacement text at *at: a capture number, or a literal byte in *c. */
enum repl_step { REPL_BYTE, REPL_CAP, REPL_BAD };

static enum repl_step repl_step(struct str repl, size_t *at, unsigned char *c)
{
	int byte;

	*c = repl.p[(*at)++];
	if (*c != '\\')
		return REPL_BYTE;
	if (*at == repl.n)
		return REPL_BAD;
	*c = repl.p[(*at)++];
	if (*c >= '0' && *c <= '9') {
		*c -= '0';
		return REPL_CAP;
	}
	if (*c != 'x')
		return REPL_BYTE;
	byte = enc_hex_byte(str_skip(repl, *at));
	if (byte < 0)
		return REPL_BAD;
	*c = byte;
	*at += 2;
	return REPL_BYTE;
}

bool regex_repl_ok(struct str repl, const char **bad)
{
	size_t at = 0;
	unsigned char c;

	while (at < repl.n) {
		*bad = repl.p + at;
		if (repl_step(repl, &at, &c) == REPL_BAD)
			return false;
	}
	return true;
}

bool regex_expand(struct sbuf *out, struct str repl, const struct str cap[REGEX_CAPS])
{
	size_t at = 0;
	unsigned char c;
	bool fits = true;

	while (at < repl.n && fits) {
		switch (repl_step(repl, &at, &c)) {
		case REPL_BYTE:
			fits = sbuf_putc(out, c);
			break;
		case REPL_CAP:
			fits = sbuf_puts(out, cap[c]);
			break;
		case REPL_BAD:
			return false;
		}
	}
	return fits;
}

bool regex_replace(const struct regex *re, struct str subject, struct str repl, bool all,
		   struct sbuf *out, bool *matched)
{
	struct str cap[REGEX_CAPS];
	size_t done = 0, from = 0;

	subject = pointed(subject);	/* its captures are told by their offsets below */
	*matched = false;
	while (from <= subject.n && regex_exec(re, subject, from, cap)) {
		size_t start = cap[0].p - subject.p, end = start + cap[0].n;

		*matched = true;
		if (!sbuf_put(out, subject.p + done, start - done) || !regex_expand(out, repl, cap))
			return false;
		done = end;
		/* An empty match where the search began: the byte behind it stays, and the search goes on after it.
		 * One further on is met once more from its own place, as HAProxy does it ("$" matches twice). */
		from = cap[0].n || start > from ? end : end + 1;
		if (!all)
			break;
	}
	return sbuf_puts(out, str_skip(subject, done));
}
