/* Bodies that the kernel moves: from socket to pipe to socket, where an option asks for it, both muxes can, nobody has
 * to see the bytes and the flow is worth two more system calls. A stream holds a pipe only while bytes are in it. */
#include "weir/stream/stream.h"
#include "weir/sys/pipes.h"
#include "stream_priv.h"

#define ROUND (1024 * 1024)	/* bytes in one go, then others get their turn */
#define BODY_MIN (16 * 1024)	/* of a body of known length: what is left of it */
#define AUTO_MIN (64 * 1024)	/* the same with splice-auto */
#define FLOW_MIN (8 * 1024)	/* of bytes without end: as many came at once */
#define FLOW_SMALL 1460		/* less than that at once is cheaper copied ... */
#define SMALL_MAX 4		/* ... when it came so often in a row */

bool stream_in_pipe(const struct stream *s, bool request)
{
	const struct pipe *p = s->pipe[!request];

	return p && p->bytes;
}

static void give_pipe(struct stream *s, bool request)
{
	pipe_give(s->pipe[!request]);
	s->pipe[!request] = NULL;
}

/* The mux reads by itself again. */
static void stop(struct stream *s, struct gate *from, bool request)
{
	if (!(from->flags & GATE_SPLICE))
		return;
	from->flags &= ~(uint32_t)GATE_SPLICE;
	s->splice_small[!request] = 0;
	from->ops->consumed(from, 0);
}

void stream_splice_end(struct stream *s)
{
	give_pipe(s, true);
	give_pipe(s, false);
	stop(s, s->front, true);
	if (s->back)
		stop(s, s->back, false);
}

static void count(struct stream *s, size_t n, bool request)
{
	enum cnt which = request ? C_SPLICED_IN : C_SPLICED_OUT;

	cnt_add(&s->sess->fel->fe, which, n);
	cnt_add(&live_get()->total, which, n);
	if (s->flags & ST_BE_COUNTED)
		cnt_add(&s->bel->be, which, n);
	if (s->srv)
		cnt_add(&s->srv->cnt, which, n);
}

/* What is in the pipe goes behind what is in `out`. False: that has to wait. */
static bool empty_pipe(struct stream *s, struct gate *to, bool request)
{
	struct pipe *p = s->pipe[!request];

	while (p->bytes) {
		ssize_t r;

		if (!spanq_empty(&to->out))
			to->ops->flush(to, false);
		if (!spanq_empty(&to->out))
			return false;
		r = to->ops->splice_out(to, p, false);
		if (r <= 0)
			return false;
		count(s, (size_t)r, request);
	}
	return true;
}

/* A flow of small pieces is better copied. */
static bool still_pays(struct stream *s, const struct gate *from, size_t n, bool request)
{
	uint8_t *small = &s->splice_small[!request];

	*small = n < FLOW_SMALL ? *small + 1 : 0;
	return *small < SMALL_MAX || !(from->flags & (GATE_RAW | GATE_TUNNEL));
}

bool stream_splice(struct stream *s, struct gate *from, struct gate *to, bool request)
{
	struct pipe **p = &s->pipe[!request];
	size_t total = 0;
	bool pays = true;

	for (;;) {
		uint64_t want;
		ssize_t r;

		if (*p && !empty_pipe(s, to, request))
			return total > 0;
		if (!pays || from->flags & (IN_END | IN_ABORT) || !spanq_empty(&from->in))
			break;
		if (total >= ROUND) {
			stream_wake(s);
			return true;
		}
		want = from->ops->splice_want(from);
		if (!want || (!*p && !(*p = pipe_take())))
			break;
		r = from->ops->splice_in(from, *p, MIN(want, (uint64_t)ROUND));
		if (r == IO_AGAIN) {
			give_pipe(s, request);
			return total > 0;
		}
		if (r <= 0)
			break;
		total += (size_t)r;
		pays = still_pays(s, from, (size_t)r, request);
	}
	give_pipe(s, request);
	stop(s, from, request);
	return total > 0;
}

static bool asked_for(const struct stream *s, bool request, bool *by_itself)
{
	unsigned o = s->fe->options | s->be->options;

	*by_itself = !(o & (request ? PO_SPLICE_REQ : PO_SPLICE_RES));
	return (!*by_itself || o & PO_SPLICE_AUTO) && !s->conf->global.nosplice;
}

bool stream_splice_begin(struct stream *s, struct gate *from, struct gate *to, bool request, size_t came)
{
	bool by_itself;
	uint64_t want;

	if (!asked_for(s, request, &by_itself) || !from->ops->splice_in || !to->ops->splice_out)
		return false;
	if (from->flags & (GATE_SPLICE | IN_END | IN_ABORT) || to->flags & (OUT_ABORT | OUT_END))
		return false;
	if (!list_empty(&s->filters) || !spanq_empty(&from->in) || !spanq_empty(&to->out))
		return false;
	want = from->ops->splice_want(from);
	if (want < (by_itself ? AUTO_MIN : BODY_MIN) || !to->ops->splice_ok(to))
		return false;
	/* Bytes without end promise nothing: what came tells. */
	if (want > UINT64_MAX / 2 && came < (by_itself ? 2 * FLOW_MIN : FLOW_MIN))
		return false;
	from->flags |= GATE_SPLICE;
	return true;
}
