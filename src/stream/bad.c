/* Messages that could not be parsed are kept for show errors. */
#include <stdio.h>

#include "weir/stream/stream.h"
#include "stream_priv.h"

static void name_into(char *to, size_t n, struct str name)
{
	snprintf(to, n, "%.*s", STR_ARG(str_head(name, n - 1)));
}

static void fill(struct px_error *e, const struct stream *s, const struct gate *g)
{
	char text[ADDR_TEXT_MAX];
	const struct addr *src = stream_src(s);

	*e = (struct px_error){ .when = loop_wall(), .reason = g->bad_reason, .pos = g->bad_pos, .other_id = -1,
				.server_id = -1, .other = "<NONE>", .server = "<NONE>" };
	name_into(e->src, sizeof(e->src), src ? addr_text(src, text) : STR("unix"));
}

void stream_keep_bad_request(const struct stream *s)
{
	const struct gate *g = s->front;
	struct px_error e;

	/* Who only left, or was slow, made no mistake. */
	if (!g->bad_text.n || g->flags & GATE_TIMEOUT || (g->flags & (IN_ABORT | IN_HEAD)) == IN_ABORT)
		return;
	fill(&e, s, g);
	if (s->be) {
		name_into(e.other, sizeof(e.other), s->be->name);
		e.other_id = s->bel->id;
	}
	px_error_keep(s->sess->fel, false, &e, g->bad_text);
}

void stream_keep_bad_answer(const struct stream *s)
{
	const struct gate *g = s->back;
	struct px_error e;

	if (!g->bad_text.n)
		return;
	fill(&e, s, g);
	name_into(e.other, sizeof(e.other), s->fe->name);
	e.other_id = s->sess->fel->id;
	name_into(e.server, sizeof(e.server), s->srv->name);
	e.server_id = s->srv->id;
	px_error_keep(s->bel, true, &e, g->bad_text);
}
