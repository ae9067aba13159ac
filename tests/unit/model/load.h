/* Loading a configuration from text with all tables of the product, and what was said about it. */
#ifndef TESTS_UNIT_MODEL_LOAD_H
#define TESTS_UNIT_MODEL_LOAD_H

#include "tests/unit/unit.h"

#include "src/boot/boot.h"
#include "weir/base/sbuf.h"
#include "weir/model/conf.h"

static struct sbuf said;
static struct diag diag;

static inline void tables_up(void)
{
	struct cmdline none = { .progname = "weir" };

	builtin_register(&none);
	said = sbuf_grow();
}

static inline struct conf *load_text(const char *text)
{
	sbuf_clear(&said);
	diag = (struct diag){ .keep = &said, .versioned = true };
	return conf_load_text("t.cfg", str_c(text), &diag);
}

/* The configuration, which must be right and without warnings. */
static inline struct conf *good(const char *text)
{
	struct conf *c = load_text(text);

	ck_assert_msg(c && !said.n, "%s", sbuf_z(&said));
	return c;
}

static inline bool has_said(const char *text)
{
	return str_find(sbuf_str(&said), str_c(text)) != (size_t)-1;
}

/* It must be refused, with these words. */
static inline void refused(const char *text, const char *words)
{
	struct conf *c = load_text(text);

	ck_assert_msg(!c, "accepted: %s", text);
	ck_assert_msg(has_said(words), "expected: %s\nsaid: %s", words, sbuf_z(&said));
}

/* It is accepted, with a warning in these words. */
static inline void warned(const char *text, const char *words)
{
	struct conf *c = load_text(text);

	ck_assert_msg(c != NULL, "%s", sbuf_z(&said));
	ck_assert_int_eq(diag.errors, 0);
	ck_assert_msg(has_said(words), "expected: %s\nsaid: %s", words, sbuf_z(&said));
	conf_unref(c);
}

/* A line in a section, and what must be said about it. */
struct line { const char *line, *says; };

static inline void all_refused(const char *section, const struct line *l, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sbuf text = sbuf_grow();

		sbuf_printf(&text, "%s\t%s\n", section, l[i].line);
		refused(sbuf_z(&text), l[i].says);
		sbuf_fini(&text);
	}
}

/* The global section with these lines in it: a configuration that is right. */
static inline struct conf *good_global(const char *lines)
{
	struct sbuf text = sbuf_grow();
	struct conf *c;

	sbuf_printf(&text, "global\n%s\n", lines);
	c = good(sbuf_z(&text));
	sbuf_fini(&text);
	return c;
}

#define TIMES "\ttimeout client 1s\n\ttimeout server 1s\n\ttimeout connect 1s\n"
#define HTTP "defaults\n\tmode http\n" TIMES

#endif
