/* Shared by the commands of this room. */
#ifndef WEIR_SERVERS_PRIV_H
#define WEIR_SERVERS_PRIV_H

#include "weir/base/obj.h"
#include "weir/ctl/ctl.h"
#include "weir/feature/servers/servers.h"
#include "weir/live/live.h"

/* i-th word behind the command's name, or empty. */
static inline struct str word(const struct ctl_req *r, int i)
{
	return r->at + i < r->n ? r->w[r->at + i] : STR_NONE;
}

/* By name, or by "#number". NULL: not there. */
struct px_live *find_backend(struct str name);
struct srv *find_server(struct px_live *p, struct str name);
/* "backend/server" in the next word. NULL: it was said why not. */
struct srv *take_server(struct ctl_req *r);
/* A frontend in the next word; NULL: it was said why not. */
struct px_live *take_frontend(struct ctl_req *r);

/* For commands that change what other threads read without a lock: does `change` (which finds its objects by
 * itself and says what it has to say) while nobody else runs. To be called again until it does not return CTL_WAIT. */
enum ctl_result exclusively(struct ctl_req *r, void (*change)(struct ctl_req *r));

#endif
