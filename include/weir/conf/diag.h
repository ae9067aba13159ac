/* Diagnostics: what is wrong with the configuration, where it was said, what was expected. Every mistake of all files
 * is collected in one run; printing is the loader's end. Start-up messages of other floors use the same printer. */
#ifndef WEIR_CONF_DIAG_H
#define WEIR_CONF_DIAG_H

#include <stdarg.h>
#include <stdio.h>
#include "weir/base/str.h"

enum diag_level { DIAG_NOTICE, DIAG_WARNING, DIAG_ALERT, DIAG_DIAG };

/* Where messages go and how: quiet, verbose (carets), -dW. One per process, passed around, not global. */
struct diag {
	bool quiet, verbose;		/* -q, -V */
	bool diag_mode;			/* -dD */
	bool carets;			/* stderr is a terminal or -V */
	bool versioned;			/* the two NOTICE lines were printed */
	bool parsing;			/* texts get "config : " in front: while files are read */
	bool errors_only;		/* warnings are kept quiet: they could come from lines that were refused */
	bool repeated;			/* warnings were printed by the master already: they are only kept */
	int errors, warnings;
	struct sbuf *texts;		/* not NULL: what is wrong goes there, bare, and nothing is printed */
	FILE *to;			/* stderr */
	struct sbuf *keep;		/* copy of all text for `show startup-logs`, or NULL */
};

/* Prints "[ALERT]    (pid) : text\n" in HAProxy's layout (continuation lines "   | "). */
void diag_say(struct diag *d, enum diag_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void diag_vsay(struct diag *d, enum diag_level level, const char *fmt, va_list ap);
/* As above with "config : parsing [file:line] : " in front, and behind it, when d->carets, the source line with a caret
 * under column col (0: none) over len characters, and the hint. */
struct diag_place {
	const char *file;
	int line;
	struct str text;	/* the source line, or empty */
	int col, len;		/* col from 1 */
	const char *hint;	/* what was expected, or NULL */
	bool tight;		/* "[file:line]: " without a blank before the colon, as HAProxy has it in some places */
};
void diag_at(struct diag *d, enum diag_level level, const struct diag_place *p, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
