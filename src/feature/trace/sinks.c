/* Where lines of traces go, and what they can be locked on. */
#include "trace_priv.h"

#include <stdio.h>
#include <sys/uio.h>
#include <time.h>

#include "weir/base/date.h"
#include "weir/log/ring.h"
#include "weir/loop/loop.h"
#include "weir/net/conn.h"
#include "weir/stream/stream.h"

/* Their addresses stand for descriptors 1 and 2. */
static const char out_sink[] = "stdout", err_sink[] = "stderr";

bool trace_sink_find(struct str name, const void *owner, void **sink)
{
	*sink = NULL;
	if (str_eqz(name, "none"))
		return true;
	if (str_eqz(name, out_sink))
		*sink = (void *)out_sink;
	else if (str_eqz(name, err_sink))
		*sink = (void *)err_sink;
	else if (!owner)
		*sink = ring_find(name);
	else
		return ring_known(name, owner);
	return *sink != NULL;
}

const char *trace_sink_name(const void *sink)
{
	if (!sink)
		return "none";
	return sink == out_sink || sink == err_sink ? sink : ring_name(sink).p;
}

static void list_one(struct sbuf *out, const void *sink, const void *now, const char *text)
{
	sbuf_printf(out, "  %c %-10s : %s\n", sink == now ? '*' : ' ', trace_sink_name(sink), text);
}

void trace_list_sinks(struct sbuf *out, const void *now)
{
	struct ring *r = NULL;

	list_one(out, NULL, now, "no sink");
	list_one(out, out_sink, now, "standard output (fd#1)");
	list_one(out, err_sink, now, "standard output (fd#2)");
	while ((r = ring_each(r)))
		list_one(out, r, now, ring_text(r).p);
}

/* Rings hold lines of many minutes: theirs begin with a date. */
static bool to_ring(struct ring *r, struct str line)
{
	struct timespec ts;
	struct tm tm;
	char date[64];
	int n;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	n = (int)strftime(date, sizeof(date), "<0>%Y-%m-%dT%H:%M:%S", &tm);
	n += snprintf(date + n, sizeof(date) - (size_t)n, ".%06ld+00:00 ", ts.tv_nsec / 1000);
	struct iovec iov[] = { { date, (size_t)n }, { (void *)line.p, line.n } };

	return ring_put(r, iov, 2);
}

static bool put(void *sink, struct str line)
{
	struct iovec iov[] = { { (void *)line.p, line.n }, { (void *)"\n", 1 } };

	if (sink == out_sink || sink == err_sink)
		return writev(sink == out_sink ? 1 : 2, iov, 2) == (ssize_t)line.n + 1;
	return to_ring(sink, line);
}

/* --- locks --- */

static const void *of_front(const struct conn *c, enum trace_lock lock)
{
	const struct bind *b = c->line;

	switch (lock) {
	case TRK_LISTENER:
		return b;
	case TRK_FRONTEND:
		return b ? b->proxy : NULL;
	case TRK_SESSION:
		return c->owner;
	default:
		return NULL;
	}
}

static const void *of_back(const struct conn *c, enum trace_lock lock)
{
	const struct server_line *s = c->line;

	if (lock == TRK_SERVER)
		return s;
	return lock == TRK_BACKEND && s ? s->proxy : NULL;
}

static const void *of_stream(const struct stream *s, enum trace_lock lock)
{
	switch (lock) {
	case TRK_LISTENER:
		return s->sess->bind;
	case TRK_FRONTEND:
		return s->fe;
	case TRK_BACKEND:
		return s->be;
	case TRK_SERVER:
		return s->srv ? s->srv->line : NULL;
	case TRK_SESSION:
		return s->sess;
	default:
		return s;
	}
}

static const void *lock_of(enum trace_lock lock, const struct trace_who *who)
{
	const struct conn *c = who->conn;

	if (lock == TRK_THREAD)
		return (const void *)(uintptr_t)(thr_id() + 1);
	if (lock == TRK_CONNECTION)
		return c;
	if (who->strm)
		return of_stream(who->strm, lock);
	if (!c)
		return NULL;
	return c->flags & CONN_BACK ? of_back(c, lock) : of_front(c, lock);
}

const struct trace_ops trace_sinks = { .write = put, .lock_of = lock_of };
