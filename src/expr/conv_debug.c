/* debug(): shows the value that passes and leaves it as it is. */
#include <unistd.h>
#include "conv_priv.h"

#define LINE_MAX_BYTES 4096

static const struct debug_sink *sink;

void conv_set_debug_sink(const struct debug_sink *s)
{
	sink = s;
}

static struct str destination(const struct arg *args)
{
	return arg_given(&args[1]) ? args[1].s : STR("buf0");
}

/* One write() for a line, so that lines of several threads do not mix. A full pipe drops it. */
static void write_line(int fd, struct sbuf *line)
{
	ssize_t n;

	if (line->n == line->cap)
		line->n--;
	sbuf_putc(line, '\n');
	n = write(fd, line->p, line->n);
	(void)n;
}

static void put_value(struct sbuf *line, const struct sample *smp, struct xctx *x)
{
	struct sample text = *smp;

	text.flags |= SMP_F_CONST;	/* the cast must leave the value alone */
	if (smp_cast(&text, SMP_STR, x->mem))
		sbuf_puts(line, text.s);
}

static bool conv_debug(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	char mem[LINE_MAX_BYTES];
	struct sbuf line = sbuf_fixed(mem, sizeof(mem));
	struct str to = destination(args), prefix = arg_given(&args[0]) ? args[0].s : STR_NONE;

	sbuf_printf(&line, "[debug] " STR_FMT ": type=%s <", STR_ARG(prefix),
		    smp_type_name(smp->type));
	put_value(&line, smp, x);
	sbuf_putc(&line, '>');
	if (str_eqz(to, "stdout"))
		write_line(STDOUT_FILENO, &line);
	else if (str_eqz(to, "stderr"))
		write_line(STDERR_FILENO, &line);
	else if (sink)
		sink->write(to, sbuf_str(&line));
	return true;
}

static bool check_debug(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	struct str to = destination(args);

	if (str_eqz(to, "stdout") || str_eqz(to, "stderr"))
		return true;
	if (sink ? sink->exists(to) : str_eqz(to, "buf0"))
		return true;
	load_err_set(err, NULL, "No such sink '" STR_FMT "'", STR_ARG(to));
	return false;
}

const struct conv_row conv_debug_rows[CONV_DEBUG_ROWS] = {
	{ "debug", conv_debug, { 0, { ARG_STR, ARG_STR } }, check_debug, SMP_ANY, SMP_SAME,
	  "shows the value on a ring, stdout or stderr", 0 },
};
