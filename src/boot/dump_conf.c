/* -dC: the files as they were understood: one line each, words requoted, comments gone, sections at the margin. With a
 * key everything that is no word of the language, no number and no time is replaced by a hash, so that it can be shown
 * to others; the same word with the same key gives the same hash. -dL: the libraries of the process. */
#include "boot.h"
#include "builtin.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "weir/base/hash.h"
#include "weir/base/num.h"
#include "weir/base/row.h"
#include "weir/base/sbuf.h"
#include "weir/conf/lex.h"
#include "weir/sys/file.h"
#include "weir/sys/libs.h"

static bool is_plain(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (isspace((unsigned char)word.p[i]) || iscntrl((unsigned char)word.p[i]) ||
		    strchr("\"'\\#$", word.p[i]))
			return false;
	return word.n > 0;
}

static void put_word(struct sbuf *out, struct str word)
{
	if (is_plain(word)) {
		sbuf_puts(out, word);
		return;
	}
	sbuf_putc(out, '"');
	for (size_t i = 0; i < word.n; i++) {
		if (strchr("\"\\$", word.p[i]))
			sbuf_putc(out, '\\');
		if (iscntrl((unsigned char)word.p[i]))
			sbuf_printf(out, "\\x%02x", (unsigned char)word.p[i]);
		else
			sbuf_putc(out, word.p[i]);
	}
	sbuf_putc(out, '"');
}

static bool is_number(struct str word)
{
	const char *bad;
	uint64_t v;

	return num_time(word, TIME_MS, TIME_MS, &v, &bad) != NUM_BAD || num_size(word, &v, &bad) == NUM_OK;
}

static bool in_lists(const struct row_list *l, struct str word)
{
	for (; l->rows; l++)
		if (row_find(l->rows, row_list_count(l), l->size, word))
			return true;
	return false;
}

/* Words of the language: names of keywords, actions and fetches, and what stands between the arguments of rules. */
static bool is_language(const struct lex *l, int i, int *words)
{
	static const char *const small[] = {
		"if", "unless", "{", "}", "||", "or", "from", "no", "default", "http", "tcp", "global",
		"admin", "operator", "user", "on", "off", "-i", "-m", "-f", "-n", "-u", "-M", "--", NULL,
	};

	*words = 1;
	if (kw_choice(l->w[i], small) >= 0 || in_lists(builtin.actions, l->w[i]) || in_lists(builtin.fetches, l->w[i]))
		return true;
	return kw_find(l->w, l->n, i, UINT32_MAX, words, NULL) != NULL;
}

static void put_line(struct sbuf *out, const struct lex *l, const char *key)
{
	bool section = conf_section_find(l->w[0]) != NULL;
	int known;

	if (!section && l->w[0].p[0] != '.')
		sbuf_putc(out, '\t');
	for (int i = 0; i < l->n; i++) {
		if (i)
			sbuf_putc(out, ' ');
		if (!key[0] || (i == 0 && section) || is_number(l->w[i])) {
			put_word(out, l->w[i]);
		} else if (is_language(l, i, &known)) {
			for (; known > 1; known--, i++)
				sbuf_printf(out, STR_FMT " ", STR_ARG(l->w[i]));
			put_word(out, l->w[i]);
		} else {
			sbuf_printf(out, "HASH(%08x)", (uint32_t)hash_xxh3(l->w[i], hash_xxh3(str_c(key), 0)));
		}
	}
	sbuf_putc(out, '\n');
}

static void dump_file(const char *name, const char *key)
{
	struct lex_opts o = { .comments = true };
	struct sbuf out = sbuf_grow();
	struct lex lex = { 0 };
	struct str text, rest;
	struct arena mem;

	if (!file_read(str_c(name), 1 << 26, &text))
		return;
	arena_init(&mem, 65536);
	for (rest = text; rest.n; ) {
		struct str line = str_cut(&rest, '\n');

		if (lex_line(&lex, line, &o, &mem) && lex.n && lex.w[0].n)
			put_line(&out, &lex, key);
	}
	fwrite(out.p, 1, out.n, stdout);
	lex_fini(&lex);
	arena_fini(&mem);
	sbuf_fini(&out);
	free((char *)text.p);
}

void dump_files(const struct cmdline *c, const char *const *files, int n)
{
	for (int i = 0; i < n; i++)
		dump_file(files[i], c->dump_config);
}

static void print_library(const char *path, uintptr_t from, uintptr_t to, void *arg)
{
	puts(path);
}

void dump_libraries(void)
{
	puts("List of loaded object files:");
	libs_each(print_library, NULL);
}
