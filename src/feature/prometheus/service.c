/* The exporter as an answer. */
#include "exporter.h"

#include "weir/feature/prometheus/prometheus.h"

#define PIECE (16 * 1024)

static void *start(struct stream *s, struct msg *res, const void *arg)
{
	struct prom *p = arena_new(s->mem, struct prom);

	if (!prom_query(p, msg_query(s->req))) {
		msg_set_status(res, 400, STR_NONE);
		return NULL;
	}
	msg_set_status(res, 200, STR_NONE);
	msg_add_id(res, FIELD_CACHE_CONTROL, STR("no-cache"));
	msg_add_id(res, FIELD_CONTENT_TYPE, STR("text/plain; version=0.0.4"));
	return p;
}

static enum service_result more(struct stream *s, void *state, struct spanq *out, size_t limit)
{
	struct sbuf b = sbuf_grow();
	bool over = prom_write(state, &b, limit < PIECE ? limit : PIECE);

	spanq_push_copy(out, b.p, b.n);
	sbuf_fini(&b);
	return over ? SERVICE_END : SERVICE_MORE;
}

static void end(struct stream *s, void *state)
{
}

const struct service prometheus_services[PROMETHEUS_SERVICES] = {
	{ .name = "prometheus-exporter", .help = "all counters in the text format of Prometheus",
	  .log_name = "<PROMEX>", .start = start, .more = more, .end = end },
};
