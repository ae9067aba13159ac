/* A service: an answer produced here piece by piece (stats page, Prometheus, cache hit, Lua). Named by
 * `http-request use-service NAME` or started by a step (stats uri). */
#ifndef WEIR_STREAM_SERVICE_H
#define WEIR_STREAM_SERVICE_H

#include "weir/stream/stream.h"

enum service_result { SERVICE_MORE, SERVICE_END, SERVICE_FAIL };
struct service {
	const char *name;		/* "prometheus-exporter" */
	const char *help;
	const char *log_name;		/* the server's name in log lines (%s): "<PROMEX>"; NULL: name */
	/* Fills res (status, fields; body_kind is set by the caller: length when res->flags & MSG_HAS_LENGTH) and
	 * returns its state in the stream's arena. The request is s->req; its body is discarded unless `wants_body`.
	 * NULL: refused with res->status, or 500 when that was not set. */
	void *(*start)(struct stream *s, struct msg *res, const void *arg);
	/* Appends to out, as much as fits below the limit (bytes); called again when the client took it. */
	enum service_result (*more)(struct stream *s, void *state, struct spanq *out, size_t limit);
	void (*end)(struct stream *s, void *state);
	bool wants_body;
	/* Body bytes of the request, as they come (wants_body). */
	void (*body)(struct stream *s, void *state, struct str bytes, bool end);
};
struct service_table { const struct service *rows; size_t n; };
void service_set_tables(const struct service_table *t);
const struct service *service_find(struct str name);
/* Goes to STEP_service. */
enum step_result stream_service(struct stream *s, const struct service *sv, const void *arg);

#endif
