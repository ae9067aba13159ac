/* Persistence by cookie. */
#include "weir/stream/persist.h"

struct srv *persist_server(struct stream *s)
{
	(void)s;
	return NULL;
}

void persist_answer(struct stream *s)
{
	(void)s;
}
