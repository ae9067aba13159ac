/* -cc: one condition from the command line. */
#include "boot.h"

static bool lex_ok(struct diag *d, enum lex_err e)
{
	if (e == LEX_OK)
		return true;
	if (e == LEX_QUOTE)
		diag_say(d, DIAG_ALERT, "Syntax Error in condition: Unmatched quote.");
	else if (e == LEX_HEX)
		diag_say(d, DIAG_ALERT, "Syntax Error in condition: Truncated or invalid hexadecimal sequence.");
	else
		diag_say(d, DIAG_ALERT, "Syntax Error in condition: %s.", lex_err_text(e));
	return false;
}

int cond_print(const struct cmdline *c, struct diag *d)
{
	struct lex_opts o = { .comments = false };
	struct lex lex = { 0 };
	struct arena mem;
	int code = 2;

	arena_init(&mem, 4096);
	d->parsing = true;
	lex_line(&lex, str_c(c->cond), &o, &mem);
	if (lex_ok(d, lex.err)) {
		char why[256];
		const char *at;
		struct str text = conf_cond_text(&mem, lex.w, lex.n);
		enum conf_cond_result r = conf_cond(text, conf_registered()->facts, why, &at);

		if (r == CC_BAD)
			diag_say(d, DIAG_ALERT, "Failed to evaluate condition: %s", why);
		code = r == CC_BAD ? 2 : r == CC_TRUE ? 0 : 1;
	}
	lex_fini(&lex);
	arena_fini(&mem);
	return code;
}
