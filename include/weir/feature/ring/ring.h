/* Sections `ring`, and the command that reads what is in them. */
#ifndef WEIR_FEATURE_RING_H
#define WEIR_FEATURE_RING_H

#include "weir/conf/load.h"
#include "weir/ctl/ctl.h"

#define RING_KWS 8
extern const struct kw ring_kws[RING_KWS];
#define RING_SECTIONS 1
extern const struct section_row ring_sections[RING_SECTIONS];
extern const struct ctl_row ring_rows[];	/* show events */
/* Log lines name rings that there are. */
bool ring_settle(struct loader *ld, void *conf);

#endif
