/* Moving bodies between two gates: spans change queues, nothing is copied. What the kernel moves is in splice.c. */
#include "weir/stream/stream.h"
#include "bwlim_priv.h"

/* Bytes of a request are kept until the answer begins, as long as they fit a buffer: the request may be repeated. */
static void keep_for_replay(struct stream *s, const struct spanq *q, size_t n)
{
	struct iovec iov[8];
	size_t left = n;

	if (s->flags & ST_REPLAY_LOST)
		return;
	if (!s->replay)
		s->replay = arena_new(s->mem, struct spanq);
	if (s->replay->bytes + n > s->conf->global.tune.bufsize) {
		s->flags |= ST_REPLAY_LOST;
		spanq_fini(s->replay);
		return;
	}
	/* Copied: rare (bodies of requests that may be repeated are small), and it keeps the receive buffers free. */
	for (int i = 0, k = spanq_iov(q, iov, 8); i < k && left; i++) {
		size_t part = MIN(left, iov[i].iov_len);

		spanq_push_copy(s->replay, iov[i].iov_base, part);
		left -= part;
	}
	if (left)
		s->flags |= ST_REPLAY_LOST;
}

static bool wants_replay(const struct stream *s)
{
	return s->be->retry_on & ~(uint32_t)(RETRY_NONE | RETRY_CONN_FAILURE) ||
	       s->back->flags & (GATE_REUSED | GATE_CAN_REFUSE);
}

/* Takes what `to` has room for. Returns bytes moved. */
static size_t take(struct stream *s, struct gate *from, struct gate *to, bool request)
{
	size_t max = gate_out_max(to), room = to->out.bytes < max ? max - to->out.bytes : 0;
	size_t n = MIN(room, from->in.bytes);

	if (room < from->in.bytes)
		to->flags |= OUT_FULL;
	else
		to->flags &= ~(uint32_t)OUT_FULL;
	if (n && bwlim_on(s, request))
		n = bwlim_allow(s, request, n);
	if (!n)
		return 0;
	if (request && !(s->flags & ST_RES_STARTED) && !(from->flags & (GATE_RAW | GATE_TUNNEL))) {
		if (wants_replay(s))
			keep_for_replay(s, &from->in, n);
		else
			s->flags |= ST_REPLAY_LOST;
	}
	if (bwlim_on(s, request))
		bwlim_used(s, request, n);
	return spanq_move(&to->out, &from->in, n);
}

/* What is sent a second time was given back as window the first time. */
static void consumed(struct stream *s, struct gate *from, size_t n)
{
	size_t again = from == s->front ? MIN(n, s->rewound) : 0;

	s->rewound -= again;
	if (n > again)
		from->ops->consumed(from, n - again);
}

static bool drops_trailers(const struct stream *s, bool request)
{
	return request ? s->be->options2 & PO2_DROP_TRAILERS_REQ : s->fe->options2 & PO2_DROP_TRAILERS_RES;
}

static void end(struct stream *s, struct gate *from, struct gate *to, bool request)
{
	const struct msg *m = from->flags & (GATE_RAW | GATE_TUNNEL) ? NULL : from->in_msg;

	if (m && drops_trailers(s, request))
		m = NULL;
	to->ops->end(to, m ? m->trailers : NULL, m ? m->ntrailers : 0);
}

/* A request that the kernel moves cannot be repeated; what is counted in small portions is not for it. */
static bool may_splice(const struct stream *s, const struct gate *from, bool request)
{
	if (bwlim_on(s, request))
		return false;
	if (!request || s->flags & (ST_RES_STARTED | ST_REPLAY_LOST) || from->flags & (GATE_RAW | GATE_TUNNEL))
		return true;
	return !wants_replay(s);
}

bool stream_pump(struct stream *s, struct gate *from, struct gate *to, bool request)
{
	bool moved = false;
	size_t n;

	while (!(to->flags & (OUT_ABORT | OUT_END))) {
		bool last;

		if (from->flags & GATE_SPLICE || stream_in_pipe(s, request))
			moved |= stream_splice(s, from, to, request);
		if (stream_in_pipe(s, request))
			break;
		n = take(s, from, to, request);
		last = from->flags & IN_END && spanq_empty(&from->in);
		if (last)
			end(s, from, to, request);
		else if (n)
			to->ops->flush(to, false);
		if (n)
			consumed(s, from, n);
		moved |= n || last;
		if (!n || last)
			break;
		if (may_splice(s, from, request) && stream_splice_begin(s, from, to, request, n)) {
			s->flags |= request ? ST_REPLAY_LOST : 0;
			continue;
		}
		/* What was flushed at once made room that nobody will tell us of. */
		if (spanq_empty(&from->in))
			break;
	}
	if (moved && s->fe->options2 & PO2_CONTSTATS)
		stream_count_bytes(s);
	return moved;
}
