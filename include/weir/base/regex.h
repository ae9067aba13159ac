/* Regular expressions (PCRE2, compiled to machine code where the machine allows). A compiled
 * expression is read-only and shared by all threads; matching takes no memory but a small scratch
 * area of the calling thread, made on first use. */
#ifndef WEIR_BASE_REGEX_H
#define WEIR_BASE_REGEX_H

#include "weir/base/sbuf.h"
#include "weir/base/str.h"

struct regex;

struct regex_err {
	char text[160];		/* what is wrong */
	size_t offset;		/* where in the pattern */
};

enum regex_flag {
	REGEX_CASELESS = 1,
	REGEX_NO_CAPTURE = 2,	/* only "does it match?" will be asked */
};

/* NULL: err says why. The text is copied. */
struct regex *regex_compile(struct str pattern, unsigned flags, struct regex_err *err);
void regex_free(struct regex *re);	/* NULL is ignored */
struct str regex_text(const struct regex *re);

/* The whole match and groups 1 to 9, as slices of the subject; p is NULL where a group took no
 * part. */
#define REGEX_CAPS 10
bool regex_match(const struct regex *re, struct str subject);
/* From offset `from` on. Behind the beginning ^ does not match; what lies before `from` is not
 * seen, not even by look-behinds and word boundaries (HAProxy's way of repeating a match). */
bool regex_exec(const struct regex *re, struct str subject, size_t from,
		struct str cap[REGEX_CAPS]);

/* Replacement texts: \0 is the match, \1 to \9 are groups, \xHH a byte, a backslash before any
 * other character stands for that character. Bad: a backslash at the end, \x without two
 * hexadecimal digits (bad is set to the place). */
bool regex_repl_ok(struct str repl, const char **bad);
/* Writes the replacement for one match to out; false when it was cut (or bad). */
bool regex_expand(struct sbuf *out, struct str repl, const struct str cap[REGEX_CAPS]);
/* The subject with the first match, or all of them, replaced. False: did not fit in out. *matched:
 * was there any? */
bool regex_replace(const struct regex *re, struct str subject, struct str repl, bool all,
		   struct sbuf *out, bool *matched);

/* Releases the calling thread's scratch memory. */
void regex_thread_fini(void);

#endif
