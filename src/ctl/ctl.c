/* From words to the row of a command, with its conditions; and what a command may say. */
#include "weir/ctl/ctl.h"

#include "weir/base/obj.h"

static const struct ctl_row *const *tables;

void ctl_set_tables(const struct ctl_row *const *t)
{
	tables = t;
}

const struct ctl_row *const *ctl_get_tables(void)
{
	static const struct ctl_row *const none[] = { NULL };

	return tables ? tables : none;
}

/* How many words of the name the command begins with: all of them, or 0. */
static int begins_with(const struct str *w, int n, const char *name)
{
	struct str rest = str_c(name);
	int i = 0;

	while (rest.p) {
		struct str word = str_cut(&rest, ' ');

		if (i == n || !str_eq(w[i], word))
			return 0;
		i++;
	}
	return i;
}

static bool seen_here(const struct ctl_row *row, bool master)
{
	return row->flags & CTL_F_BOTH || master == !!(row->flags & CTL_F_MASTER);
}

const struct ctl_row *ctl_find(const struct str *w, int n, bool master, int *words)
{
	const struct ctl_row *best = NULL;

	*words = 0;
	for (const struct ctl_row *const *t = ctl_get_tables(); *t; t++) {
		for (const struct ctl_row *row = *t; row->name; row++) {
			int len = seen_here(row, master) ? begins_with(w, n, row->name) : 0;

			if (len > *words) {
				*words = len;
				best = row;
			}
		}
	}
	return best;
}

enum ctl_result ctl_run(struct ctl_req *r, const struct ctl_row **row)
{
	int words;

	*row = ctl_find(r->w, r->n, r->master, &words);
	if (!*row) {
		if (r->n == 0 || !r->w[0].n)
			ctl_help(r, STR("Unknown command. Please enter one of the following commands only:\n"),
			         NULL, 0);
		else
			ctl_help(r, STR_NONE, r->w, r->n);
		return CTL_DONE;
	}
	if (!ctl_need(r, (*row)->level))
		return CTL_DONE;
	if ((*row)->flags & CTL_F_EXPERT && !r->expert)
		return ctl_fail(r, "This command is restricted to expert mode only.");
	if ((*row)->flags & CTL_F_EXPERIMENTAL && !r->experimental)
		return ctl_fail(r, "This command is restricted to experimental mode only.");
	r->at = words;
	return (*row)->run(r);
}

/* ---- saying ---- */

static void put_prefix(struct ctl_req *r, enum ctl_severity s)
{
	static const struct { int number; const char *name; } syslog[] = {
		[CTL_INFO] = { 6, "info" }, [CTL_NOTICE] = { 5, "notice" },
		[CTL_WARNING] = { 4, "warning" }, [CTL_ERROR] = { 3, "err" },
	};

	if (r->prefix == CTL_PREFIX_NUMBER)
		sbuf_printf(r->out, "[%d]: ", syslog[s].number);
	else if (r->prefix == CTL_PREFIX_STRING)
		sbuf_printf(r->out, "[%s]: ", syslog[s].name);
}

static void vsay(struct ctl_req *r, enum ctl_severity s, const char *fmt, va_list ap)
{
	put_prefix(r, s);
	sbuf_vprintf(r->out, fmt, ap);
	sbuf_putc(r->out, '\n');
	r->severity = MAX(r->severity, (int)s);
}

enum ctl_result ctl_fail(struct ctl_req *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(r, CTL_ERROR, fmt, ap);
	va_end(ap);
	return CTL_DONE;
}

enum ctl_result ctl_say(struct ctl_req *r, enum ctl_severity s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(r, s, fmt, ap);
	va_end(ap);
	return CTL_DONE;
}

bool ctl_need(struct ctl_req *r, enum ctl_level level)
{
	if (r->level >= level)
		return true;
	ctl_fail(r, "Permission denied");
	return false;
}

const char *ctl_level_name(enum ctl_level level)
{
	return level == CTL_ADMIN ? "admin" : level == CTL_OPERATOR ? "operator" : "user";
}
