/* The last malformed request of each frontend and the last malformed answer of each backend, for show errors. Rare, so
 * a lock and a copy do. */
#include <stdio.h>
#include <stdlib.h>

#include "weir/base/pool.h"
#include "weir/live/live.h"

void px_errors_init(struct px_errors *e)
{
	memset(e, 0, sizeof(*e));
	pthread_mutex_init(&e->lock, NULL);
}

void px_errors_fini(struct px_errors *e)
{
	free(e->req.text);
	free(e->res.text);
	pthread_mutex_destroy(&e->lock);
}

static struct px_error *slot(struct px_live *px, bool response)
{
	return response ? &px->errors.res : &px->errors.req;
}

void px_error_keep(struct px_live *px, bool response, const struct px_error *e, struct str text)
{
	struct px_error *to = slot(px, response);
	unsigned char *copy = mem_alloc(text.n + 1), *was;
	uint32_t id = atom_add(&live_get()->nerrors, 1);

	memcpy(copy, text.p, text.n);
	pthread_mutex_lock(&px->errors.lock);
	was = to->text;
	*to = *e;
	to->id = id;
	to->text = copy;
	to->n = (uint32_t)text.n;
	pthread_mutex_unlock(&px->errors.lock);
	free(was);
}

bool px_error_copy(struct px_live *px, bool response, struct px_error *out, struct arena *mem)
{
	const struct px_error *from = slot(px, response);
	bool any;

	pthread_mutex_lock(&px->errors.lock);
	any = from->text;
	if (any) {
		*out = *from;
		out->text = (unsigned char *)arena_bytes(mem, from->n + 1);
		memcpy(out->text, from->text, from->n);
	}
	pthread_mutex_unlock(&px->errors.lock);
	return any;
}
