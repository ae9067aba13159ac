/* Changes that people and agents ask for in words. */
#include "weir/live/live.h"
#include "live_priv.h"

#include <stdlib.h>

static const char *weight_of(const struct srv *s, struct str text, int *weight)
{
	char z[32], *end;
	long w = strtol(str_z(text, z, sizeof(z)), &end, 10);

	if (end == z)
		return "Empty weight string empty or preceded by garbage";
	if (end[0] == '%' && !end[1]) {
		if (w < 0)
			return "Relative weight must be positive.";
		w = MIN(w, 25600L) * s->init_weight / 100;
		w = MIN(w, 256L);
	} else if (w < 0 || w > 256) {
		return "Absolute weight can only be between 0 and 256 inclusive.";
	} else if (*end) {
		return "Trailing garbage in weight string";
	}
	if (w && w != s->init_weight && !lb_dynamic(s->px))
		return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.";
	*weight = (int)w;
	return NULL;
}

const char *srv_change_weight(struct srv *s, struct str text)
{
	const char *wrong;
	int weight = 0;

	if (!text.n)
		return "Require <weight> or <weight%>.";
	wrong = weight_of(s, text, &weight);
	if (!wrong)
		srv_set_weight(s, weight);
	return wrong;
}

const char *srv_change_maxconn(struct srv *s, struct str text)
{
	char z[32], *end;
	long max;

	if (!text.n)
		return "Require <maxconn>.";
	max = strtol(str_z(text, z, sizeof(z)), &end, 10);
	if (end == z || max < 0 || max > INT32_MAX)
		return "maxconn string empty or preceded by garbage";
	if (*end)
		return "Trailing garbage in maxconn string";
	srv_lock();
	if (s->minconn == s->maxconn || s->minconn > (unsigned)max)
		atom_set(&s->minconn, (unsigned)max);
	atom_set(&s->maxconn, (unsigned)max);
	srv_unlock();
	lb_load(s);
	queue_process(s);
	srv_conns_hand_out(s);
	return NULL;
}

void srv_set_addr(struct srv *s, const struct addr *now)
{
	srv_lock();
	s->addr = *now;
	srv_unlock();
	atom_add(&s->addr_turn, 1);
	atom_set(&s->h2c_refused_ms, 0);
	srv_close_idle(s);
	if (s->px->dyn_cookies)
		px_cookies_rebuild(s->px);
	if (s->line->hash_key != HASH_KEY_ID)
		lb_rebuild(s->px);
}
