#include "weir/conf/diag.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "weir/base/sbuf.h"
#include "weir/base/version.h"

static const char *const tags[] = {
	[DIAG_NOTICE] = "[NOTICE]   ",
	[DIAG_WARNING] = "[WARNING]  ",
	[DIAG_ALERT] = "[ALERT]    ",
	[DIAG_DIAG] = "[DIAG]     ",
};

static bool is_said(const struct diag *d, enum diag_level level)
{
	if (level == DIAG_DIAG)
		return d->diag_mode;
	if (level == DIAG_WARNING && (d->errors_only || d->repeated))
		return false;
	return true;
}

/* What a first worker keeps to itself is what its master has said already. */
static bool is_kept(const struct diag *d, enum diag_level level)
{
	return d->keep && d->repeated && !d->errors_only && level == DIAG_WARNING;
}

/* Who is quiet says nothing, but can be asked later (show startup-logs). */
static void put_out(struct diag *d, struct sbuf *text, bool said)
{
	if (d->to && said && (!d->quiet || d->verbose))
		fwrite(text->p, 1, text->n, d->to);
	if (d->keep)
		sbuf_puts(d->keep, sbuf_str(text));
}

static void put_versions(struct diag *d, struct sbuf *out)
{
	const char *path = (const char *)getauxval(AT_EXECFN);

	d->versioned = true;
	sbuf_printf(out, "%s(%d) : haproxy version is %s\n", tags[DIAG_NOTICE], (int)getpid(), WEIR_COMPAT_VERSION);
	sbuf_printf(out, "%s(%d) : path to executable is %s\n", tags[DIAG_NOTICE], (int)getpid(), path ? path : "weir");
}

static void put_head(struct diag *d, struct sbuf *out, enum diag_level level)
{
	if (level == DIAG_ALERT)
		d->errors++;
	else if (level == DIAG_WARNING)
		d->warnings++;
	if (!d->versioned && (level == DIAG_ALERT || level == DIAG_WARNING))
		put_versions(d, out);
	sbuf_printf(out, "%s(%d) : %s", tags[level], (int)getpid(), d->parsing ? "config : " : "");
}

/* For an asker: one sentence a line, nothing around. */
static void put_text(struct diag *d, enum diag_level level, const char *fmt, va_list ap)
{
	if (level != DIAG_ALERT)
		return;
	d->errors++;
	if (d->texts->n)
		sbuf_putc(d->texts, '\n');
	sbuf_vprintf(d->texts, fmt, ap);
}

void diag_vsay(struct diag *d, enum diag_level level, const char *fmt, va_list ap)
{
	struct sbuf out = sbuf_grow();

	if (d->texts) {
		put_text(d, level, fmt, ap);
		return;
	}
	if (is_said(d, level) || is_kept(d, level)) {
		put_head(d, &out, level);
		sbuf_vprintf(&out, fmt, ap);
		sbuf_putc(&out, '\n');
		put_out(d, &out, is_said(d, level));
	}
	sbuf_fini(&out);
}

void diag_say(struct diag *d, enum diag_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vsay(d, level, fmt, ap);
	va_end(ap);
}

/* Control characters and what is no UTF-8 would upset a terminal and the columns. */
static char shown(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f ? ' ' : c;
}

/* Long lines are shown around the caret only. */
#define SHOWN_MAX 160

static void put_caret(struct sbuf *out, const struct diag_place *p)
{
	size_t col = p->col > 0 ? (size_t)p->col - 1 : 0, from = 0, len;
	struct str text = p->text;

	if (col > SHOWN_MAX / 2)
		from = col - SHOWN_MAX / 2;
	text = str_head(str_skip(text, from), SHOWN_MAX);
	sbuf_putz(out, "   | ");
	for (size_t i = 0; i < text.n; i++)
		sbuf_putc(out, shown(text.p[i]));
	sbuf_putz(out, "\n   | ");
	for (size_t i = from; i < col; i++)
		sbuf_putc(out, ' ');
	len = p->len > 0 ? (size_t)p->len : 1;
	for (size_t i = 0; i < len && i < SHOWN_MAX; i++)
		sbuf_putc(out, '^');
	if (p->hint)
		sbuf_printf(out, " %s", p->hint);
	sbuf_putc(out, '\n');
}

void diag_at(struct diag *d, enum diag_level level, const struct diag_place *p, const char *fmt, ...)
{
	struct sbuf out = sbuf_grow();
	va_list ap;

	if (d->texts) {
		va_start(ap, fmt);
		put_text(d, level, fmt, ap);
		va_end(ap);
		return;
	}
	if (is_said(d, level) || is_kept(d, level)) {
		put_head(d, &out, level);
		sbuf_printf(&out, "parsing [%s:%d]%s: ", p->file, p->line, p->tight ? "" : " ");
		va_start(ap, fmt);
		sbuf_vprintf(&out, fmt, ap);
		va_end(ap);
		sbuf_putc(&out, '\n');
		if (d->carets && p->col > 0 && p->text.n)
			put_caret(&out, p);
		else if (d->carets && p->hint)
			sbuf_printf(&out, "   | %s\n", p->hint);
		put_out(d, &out, is_said(d, level));
	}
	sbuf_fini(&out);
}
