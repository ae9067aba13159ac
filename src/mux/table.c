#include "h1_priv.h"
#include "h2_priv.h"

const struct mux *const mux_table[] = {
	&mux_h1,
	&mux_h2,
	&mux_pass,
	NULL,
};

const struct mux *mux_find(struct str proto, unsigned side)
{
	for (const struct mux *const *m = mux_table; *m; m++)
		if ((m[0]->sides & side) && str_eqz(proto, m[0]->proto))
			return *m;
	return NULL;
}

static const char *side_text(unsigned sides)
{
	switch (sides) {
	case MUX_FRONT:
		return "FE";
	case MUX_BACK:
		return "BE";
	}
	return "FE|BE";
}

static void put_row(struct sbuf *out, const char *proto, const struct mux *m)
{
	sbuf_printf(out, "%11s : mode=%-4s  side=%-5s  mux=%-4s  flags=%s", proto,
		    m->http ? "HTTP" : "TCP", side_text(m->sides), m->name, m->flags);
}

static bool is_default(const struct mux *m)
{
	return m == &mux_h1 || m == &mux_pass;
}

/* A default may turn out to be something else (the first bytes decide), what is named may not. */
void mux_print_table(struct sbuf *out)
{
	sbuf_putz(out,
		  "Available multiplexer protocols :\n"
		  "(protocols marked as <default> cannot be specified using 'proto' keyword)\n");
	for (const struct mux *const *m = mux_table; *m; m++) {
		if (is_default(*m)) {
			put_row(out, "<default>", *m);
			sbuf_putc(out, '\n');
		}
		put_row(out, m[0]->proto, *m);
		sbuf_printf(out, "%sNO_UPG\n", m[0]->flags[0] ? "|" : "");
	}
}
