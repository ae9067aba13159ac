/* Where log lines go: sections `ring`, the command that reads what is in them, the servers that get them over TCP, and
 * backends of `mode log`. */
#ifndef WEIR_FEATURE_RING_H
#define WEIR_FEATURE_RING_H

#include "weir/conf/load.h"
#include "weir/ctl/ctl.h"
#include "weir/live/live.h"

#define RING_KWS 5
extern const struct kw ring_kws[RING_KWS];
#define RING_SECTIONS 1
extern const struct section_row ring_sections[RING_SECTIONS];
extern const struct ctl_row ring_rows[];	/* show events */
/* Log lines name rings that there are. */
bool ring_settle(struct loader *ld, void *conf);
/* Makes what brings lines to servers; boot thread, after live_adopt. */
void ring_adopt(struct conf *c);
/* Starts and ends it, on thread 0. */
void ring_join(struct conf *c);
void ring_leave(struct conf *c);
extern const struct srv_user ring_srv_user;	/* servers that come and go while running */

#endif
