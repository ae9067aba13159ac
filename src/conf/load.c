#include "weir/conf/load.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf_priv.h"
#include "weir/base/assert.h"
#include "weir/base/pool.h"
#include "weir/base/row.h"
#include "weir/base/sbuf.h"

/* A file that is no configuration at all would say the same thousands of times. */
#define ERRORS_MAX 1000

void loader_init(struct loader *ld, struct diag *d, struct arena *mem, void *conf)
{
	memset(ld, 0, sizeof(*ld));
	ld->diag = d;
	ld->mem = mem;
	ld->conf = conf;
	list_init(&ld->later);
}

void loader_fini(struct loader *ld)
{
	lex_fini(&ld->lex);
}

static bool report(struct loader *ld, const struct diag_place *p, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	if (p)
		diag_at(ld->diag, DIAG_ALERT, p, "%s", text);
	else
		diag_say(ld->diag, DIAG_ALERT, "%s", text);
	ld->errors++;
	return false;
}

bool loader_err(struct loader *ld, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(ld, NULL, fmt, ap);
	va_end(ap);
	return false;
}

bool loader_err_line(struct loader *ld, const char *file, int line, const char *fmt, ...)
{
	struct diag_place p = { .file = file, .line = line };
	va_list ap;

	va_start(ap, fmt);
	report(ld, &p, fmt, ap);
	va_end(ap);
	return false;
}

static bool err_here(struct loader *ld, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool err_here(struct loader *ld, const char *fmt, ...)
{
	struct diag_place p = { .file = ld->file, .line = ld->line, .tight = true };
	va_list ap;

	va_start(ap, fmt);
	report(ld, &p, fmt, ap);
	va_end(ap);
	return false;
}

/* ${.FILE}, ${.LINE}, ${.SECTION}, and the environment. */
static bool pseudo_or_env(void *arg, struct str name, struct str *value)
{
	struct loader *ld = arg;
	char buf[256];
	const char *z;

	if (str_eq(name, STR(".FILE"))) {
		*value = str_c(ld->file);
	} else if (str_eq(name, STR(".LINE"))) {
		*value = str_make(ld->line_text,
				  (size_t)snprintf(ld->line_text, sizeof(ld->line_text), "%d", ld->line));
	} else if (str_eq(name, STR(".SECTION"))) {
		*value = ld->name;
	} else {
		z = name.n < sizeof(buf) ? getenv(str_z(name, buf, sizeof(buf))) : NULL;
		*value = str_c(z);
		return z != NULL;
	}
	return true;
}

/* A line that is shown within a message: no more than this of it around the place. */
#define ECHO_MAX 80

static bool lex_fault(struct loader *ld)
{
	struct str line = ld->text;
	size_t at = ld->lex.err_at, from;
	struct sbuf b = sbuf_grow();

	while (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = str_skip(line, 1);
	at -= ld->text.n - line.n;
	from = at >= ECHO_MAX ? at - ECHO_MAX / 2 : 0;
	for (size_t i = from ? from + 3 : 0; i < MIN(line.n, from + ECHO_MAX); i++) {
		unsigned char c = (unsigned char)line.p[i];

		sbuf_putc(&b, isspace(c) ? ' ' : isprint(c) ? (char)c : '?');
	}
	err_here(ld, "%s at position %d:\n  %s" STR_FMT "%s\n  %*s", lex_err_text(ld->lex.err), (int)ld->lex.err_at + 1,
	         from ? "..." : "", STR_ARG(sbuf_str(&b)), line.n > from + ECHO_MAX ? "..." : "", (int)(at - from + 1),
	         "^");
	sbuf_fini(&b);
	return false;
}

static void section_end(struct loader *ld)
{
	const struct section_row *s = ld->section;

	if (s && ld->obj && s->end)
		s->end(ld, ld->obj);
	ld->section = NULL;
	ld->obj = ld->proxy = NULL;
	ld->name = STR_NONE;
}

static void section_begin(struct loader *ld, struct kw_call *k, const struct section_row *s)
{
	struct kw as_kw = { .name = s->name };

	section_end(ld);
	ld->section = s;
	ld->name = k->n > 1 ? k->w[1] : k->w[0];
	k->kw = &as_kw;
	k->scope = s->scope;
	k->at = 1;
	if (!s->begin)
		kw_err(k, 0, "section '%s' is known to HAProxy, not built in weir.", s->name);
	else if (s->begin(k) && kw_more(k))
		kw_err(k, k->at, "'%s' cannot handle unexpected argument '" STR_FMT "'.", s->name,
		       STR_ARG(k->w[k->at]));
}

static void strip_modifier(struct kw_call *k)
{
	if (k->n < 2)
		return;
	k->no = str_eq(k->w[0], STR("no"));
	k->dflt = str_eq(k->w[0], STR("default"));
	if (!k->no && !k->dflt)
		return;
	k->w++;
	k->n--;
	k->ld->shift = 1;
}

/* A name that nobody knows where sections are expected. */
static bool out_of_section(struct loader *ld, struct kw_call *k)
{
	const char *near = conf_section_near(k->w[0]);

	if (near)
		kw_hint(k, "'%s' ?", near);
	else
		kw_hint(k, "a section must begin first: global, defaults, frontend, backend, listen ...");
	return kw_err_tight(k, 0, "unknown keyword '" STR_FMT "' out of section.", STR_ARG(k->w[0]));
}

static void line_words(struct loader *ld, struct kw_call *k)
{
	const struct section_row *s;

	if (k->w[0].n && k->w[0].p[0] == '.') {
		directive(ld, k);
		return;
	}
	if (!conds_open(ld))
		return;
	strip_modifier(k);
	s = conf_section_find(k->w[0]);
	if (s) {
		section_begin(ld, k, s);
		return;
	}
	if (!ld->section) {
		out_of_section(ld, k);
		return;
	}
	if (!ld->obj)
		return;
	k->obj = k->whole = ld->obj;
	k->proxy = ld->proxy;
	k->scope = ld->section->scope;
	if (ld->section->line)
		ld->section->line(k);
	else
		kw_dispatch(k);
}

static void read_line(struct loader *ld, struct str text)
{
	struct lex_opts o = { .comments = true, .env = pseudo_or_env, .env_arg = ld };
	struct kw_call k = { .ld = ld, .file = ld->file, .line = ld->line, .mem = ld->mem };

	ld->text = text;
	ld->shift = 0;
	ld->line_failed = false;
	ld->hint[0] = '\0';
	if (!lex_line(&ld->lex, text, &o, ld->mem)) {
		lex_fault(ld);
		return;
	}
	k.w = ld->lex.w;
	k.n = ld->lex.n;
	if (k.n && k.w[0].n)
		line_words(ld, &k);
}

static bool too_many(struct loader *ld, int before)
{
	if (ld->errors - before < ERRORS_MAX)
		return false;
	err_here(ld, "too many fatal errors (%d), stopping now.", ERRORS_MAX);
	return true;
}

void loader_text(struct loader *ld, const char *name, struct str text)
{
	int before = ld->errors;
	struct str rest = text;

	ld->file = name;
	ld->line = 0;
	ld->nconds = 0;
	while (rest.n && !too_many(ld, before)) {
		size_t end = str_chr(rest, '\n');
		struct str line = str_head(rest, end);
		size_t nul = str_chr(line, '\0');

		ld->line++;
		if (nul != (size_t)-1) {
			err_here(ld, "Stray NUL character at position %d.", (int)nul + 1);
		} else {
			if (end == (size_t)-1)
				err_here(ld, "Missing LF on last line, file might have been truncated at position %d.",
				         (int)line.n + 1);
			read_line(ld, line);
		}
		rest = end == (size_t)-1 ? STR_NONE : str_skip(rest, end + 1);
	}
	conds_end(ld);
	section_end(ld);
}

/* All of a file into b. False: errno says why. */
static bool slurp(const char *name, struct sbuf *b)
{
	int fd = strcmp(name, "-") == 0 ? dup(0) : open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd < 0)
		return false;
	do {
		char *p = sbuf_room(b, 65536);

		n = read(fd, p, 65536);
		if (n > 0)
			sbuf_commit(b, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	close(fd);
	return n == 0;
}

bool loader_file(struct loader *ld, const char *name)
{
	struct sbuf b = sbuf_grow();
	bool ok;

	if (ld->enter)
		ld->enter(ld, NULL);
	ok = slurp(name, &b);
	if (ok && ld->enter)
		ld->enter(ld, name);
	if (ok)
		loader_text(ld, name, sbuf_str(&b));
	else
		loader_err(ld, "Could not open configuration file %s : %s", name, strerror(errno));
	sbuf_fini(&b);
	return ok;
}

void loader_finish(struct loader *ld)
{
	struct later *l;

	list_each(l, &ld->later, link)
		l->check(ld, l->arg);
	list_init(&ld->later);
}
