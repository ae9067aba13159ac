/* Lines that begin with a dot: conditional blocks and messages. */
#include "conf_priv.h"

#include "weir/base/sbuf.h"

enum { TAKE = 1, DROP = 2, SKIP = 3 /* one before was taken, or the outer block is dropped */, IN_ELSE = 4 };

bool conds_open(const struct loader *ld)
{
	for (int i = 0; i < ld->nconds; i++)
		if ((ld->conds[i] & ~IN_ELSE) != TAKE)
			return false;
	return true;
}

static bool fault(struct kw_call *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fault(struct kw_call *k, const char *fmt, ...)
{
	struct loader *ld = k->ld;
	struct diag_place p = { .file = k->file, .line = k->line, .tight = true };
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_at(ld->diag, DIAG_ALERT, &p, "%s", text);
	ld->errors++;
	return false;
}

static bool no_more(struct kw_call *k, int words)
{
	if (k->n <= words)
		return true;
	return fault(k, "Unexpected argument '" STR_FMT "' for '" STR_FMT "'.%s", STR_ARG(k->w[words]),
		     STR_ARG(k->w[0]), words > 1 ? " Use quotes if the message should contain spaces." : "");
}

/* False: cannot be parsed, reported. */
static bool evaluate(struct kw_call *k, bool *holds)
{
	enum conf_cond_result r;
	struct str text;
	char why[256];
	const char *at;

	text = conf_cond_text(k->mem, k->w + 1, k->n - 1);
	r = conf_cond(text, conf_registered()->facts, why, &at);
	*holds = r == CC_TRUE;
	if (r != CC_BAD)
		return true;
	return fault(k, "%s in '" STR_FMT "' at position %d:\n  " STR_FMT " " STR_FMT "\n  %*s", why,
		     STR_ARG(k->w[0]), (int)(at - text.p) + 1, STR_ARG(k->w[0]), STR_ARG(text),
		     (int)(at - text.p + (int)k->w[0].n + 2), "^");
}

static bool cond_if(struct kw_call *k)
{
	struct loader *ld = k->ld;
	bool open = conds_open(ld), holds = false, ok = true;

	if (ld->nconds == LOADER_CONDS)
		return fault(k, "too many nested '.if', max is %d.", LOADER_CONDS);
	if (open)
		ok = evaluate(k, &holds);
	ld->conds[ld->nconds++] = !open || !ok ? SKIP : holds ? TAKE : DROP;
	return ok;
}

static bool cond_elif(struct kw_call *k)
{
	struct loader *ld = k->ld;
	uint8_t *state;
	bool holds;

	if (!ld->nconds)
		return fault(k, "lone '.elif' with no matching '.if'.");
	state = &ld->conds[ld->nconds - 1];
	if (*state & IN_ELSE)
		return fault(k, "'.elif' after '.else' is not permitted.");
	if (*state != DROP) {
		*state = SKIP;
		return true;
	}
	if (!evaluate(k, &holds))
		return false;
	*state = holds ? TAKE : DROP;
	return true;
}

static bool cond_else(struct kw_call *k)
{
	struct loader *ld = k->ld;
	bool ok = no_more(k, 1);
	uint8_t *state;

	if (!ld->nconds)
		return ok && fault(k, "lone '.else' with no matching '.if'.");
	state = &ld->conds[ld->nconds - 1];
	if (*state & IN_ELSE)
		return fault(k, "'.else' after '.else' is not permitted.");
	*state = (*state == DROP ? TAKE : SKIP) | IN_ELSE;
	return ok;
}

static bool cond_endif(struct kw_call *k)
{
	bool ok = no_more(k, 1);

	if (!k->ld->nconds)
		return ok && fault(k, "lone '.endif' with no matching '.if'.");
	k->ld->nconds--;
	return ok;
}

static bool message(struct kw_call *k, enum diag_level level)
{
	struct diag_place p = { .file = k->file, .line = k->line, .tight = true };

	if (!conds_open(k->ld))
		return true;
	if (!no_more(k, 2))
		return false;
	diag_at(k->ld->diag, level, &p, "'" STR_FMT "'.", STR_ARG(k->n > 1 ? k->w[1] : STR("")));
	if (level == DIAG_ALERT)
		k->ld->errors++;
	return level != DIAG_ALERT;
}

bool directive(struct loader *ld, struct kw_call *k)
{
	struct str word = k->w[0];

	if (str_eq(word, STR(".if")))
		return cond_if(k);
	if (str_eq(word, STR(".elif")))
		return cond_elif(k);
	if (str_eq(word, STR(".else")))
		return cond_else(k);
	if (str_eq(word, STR(".endif")))
		return cond_endif(k);
	if (str_eq(word, STR(".diag")))
		return message(k, DIAG_DIAG);
	if (str_eq(word, STR(".notice")))
		return message(k, DIAG_NOTICE);
	if (str_eq(word, STR(".warning")))
		return message(k, DIAG_WARNING);
	if (str_eq(word, STR(".alert")))
		return message(k, DIAG_ALERT);
	if (!conds_open(ld))
		return true;
	return fault(k, "unknown directive '" STR_FMT "'.", STR_ARG(word));
}

void conds_end(struct loader *ld)
{
	struct kw_call k = { .ld = ld, .file = ld->file, .line = ld->line };

	if (ld->nconds)
		fault(&k, "non-terminated '.if' block.");
	ld->nconds = 0;
}
