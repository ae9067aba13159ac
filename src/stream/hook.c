/* Asking features whether they answer a request. */
#include "weir/stream/hook.h"

#include "stream_priv.h"

static const struct stream_hook *const *hooks;

void stream_set_hooks(const struct stream_hook *const *h)
{
	hooks = h;
}

enum step_result stream_ask_hooks(struct stream *s, const struct proxy *px)
{
	enum step_result r;

	for (const struct stream_hook *const *h = hooks; !s->hook && h && *h; h++)
		if ((*h)->wants(s, px))
			s->hook = *h;
	if (!s->hook)
		return DONE;
	r = s->hook->answer(s, px);
	if (r == DONE)
		s->hook = NULL;
	return r;
}

enum act_result stream_run_list(struct stream *s, const struct proxy *px, const struct list *rules)
{
	enum act_result r = rules_run(rules, &s->at_rule, stream_x(s, px, X_REQ));

	if (r != ACT_WAIT)
		s->at_rule = NULL;
	return r;
}
