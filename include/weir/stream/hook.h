/* Features that answer requests of a proxy by themselves (the statistics page ...): asked when the http-request rules
 * of a proxy have let a request pass. */
#ifndef WEIR_STREAM_HOOK_H
#define WEIR_STREAM_HOOK_H

#include "weir/stream/stream.h"

struct stream_hook {
	const char *name;
	const char *help;
	/* Is this request its own? */
	bool (*wants)(struct stream *s, const struct proxy *px);
	/* As a step: WAIT runs it again; else it has answered (stream_service, stream_reply), or DONE lets the
	 * request go on. */
	enum step_result (*answer)(struct stream *s, const struct proxy *px);
};
/* NULL-ended; once, by boot. */
void stream_set_hooks(const struct stream_hook *const *hooks);
/* The step that runs http-request rules asks all hooks in order; private to the steps. */
enum step_result stream_ask_hooks(struct stream *s, const struct proxy *px);

/* For answer(): runs a list of http-request rules as the steps do. ACT_WAIT: return WAIT. Any other end but NEXT and
 * STOP goes through stream_rules_end. */
enum act_result stream_run_list(struct stream *s, const struct proxy *px, const struct list *rules);
enum step_result stream_rules_end(struct stream *s, enum act_result r, enum xdir dir);
/* DONE: the request's body is in front->in (at_least: so many bytes of it suffice; 0: all, or the buffer is full). */
enum step_result stream_wait_body(struct stream *s, size_t at_least);

#endif
