/* Between the pump and the limits of bandwidth. */
#ifndef WEIR_STREAM_BWLIM_PRIV_H
#define WEIR_STREAM_BWLIM_PRIV_H

#include "stream_priv.h"

static inline bool bwlim_on(const struct stream *s, bool request)
{
	return s->bw[request] != NULL;
}
/* Of n bytes so many may pass now; 0: none, s->dl_bw says when to ask again. */
size_t bwlim_allow(struct stream *s, bool request, size_t n);
/* So many did. */
void bwlim_used(struct stream *s, bool request, size_t n);

#endif
