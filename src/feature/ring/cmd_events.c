/* show events: what rings hold, and what comes. */
#include "weir/feature/ring/ring.h"

#include "weir/log/ring.h"

#define PIECE (16 * 1024)
#define LOOK_AGAIN_MS 50

struct reading {
	struct ring *ring;
	uint64_t at;
	bool waits;
};

static enum ctl_result list_sinks(struct ctl_req *r)
{
	struct ring *ring = NULL;

	sbuf_putz(r->out, "Supported events sinks are listed below. Add -w(wait), -n(new). Any key to stop\n");
	sbuf_printf(r->out, "    %-10s : type=%s, %llu dropped, %s\n", "stdout", "fd", 0ULL, "standard output (fd#1)");
	sbuf_printf(r->out, "    %-10s : type=%s, %llu dropped, %s\n", "stderr", "fd", 0ULL, "standard output (fd#2)");
	while ((ring = ring_each(ring)))
		sbuf_printf(r->out, "    %-10s : type=%s, %llu dropped, %s\n", ring_name(ring).p, "buffer",
			    (unsigned long long)ring_dropped(ring), ring_text(ring).p);
	return CTL_DONE;
}

static struct reading *begin(struct ctl_req *r, struct ring *ring)
{
	struct reading *rd = arena_new(r->mem, struct reading);
	bool only_new = false;

	*rd = (struct reading){ .ring = ring };
	for (int i = r->at + 1; i < r->n; i++) {
		rd->waits |= str_eqz(r->w[i], "-w") || str_eqz(r->w[i], "-wn") || str_eqz(r->w[i], "-nw");
		only_new |= str_eqz(r->w[i], "-n") || str_eqz(r->w[i], "-wn") || str_eqz(r->w[i], "-nw");
	}
	if (only_new)
		rd->at = ring_end(ring);
	return rd;
}

static enum ctl_result cmd_events(struct ctl_req *r)
{
	struct reading *rd = r->state;
	struct ring *ring;
	size_t had = r->out->n;

	if (r->at >= r->n)
		return list_sinks(r);
	if (!rd) {
		ring = ring_find(r->w[r->at]);
		if (!ring && (str_eqz(r->w[r->at], "stdout") || str_eqz(r->w[r->at], "stderr")))
			return ctl_fail(r, "Nothing to report for this sink");
		if (!ring)
			return ctl_fail(r, "No such event sink");
		r->state = rd = begin(r, ring);
	}
	while (r->out->n - had < PIECE)
		if (ring_next(rd->ring, &rd->at, r->out)) {
			sbuf_putc(r->out, '\n');
		} else {
			r->wait_ms = LOOK_AGAIN_MS;
			return rd->waits ? CTL_WAIT : CTL_DONE;
		}
	return CTL_MORE;
}

const struct ctl_row ring_rows[] = {
	{ "show events", CTL_OPERATOR, cmd_events, "[<ring>] [-w] [-n]",
	  "what rings hold; -w: what comes too, -n: only that" },
	{ NULL },
};
