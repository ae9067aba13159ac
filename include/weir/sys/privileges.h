/* Giving up what the process needed only to start. */
#ifndef WEIR_SYS_PRIVILEGES_H
#define WEIR_SYS_PRIVILEGES_H

#include <stdint.h>
#include "weir/base/str.h"

enum priv_step { PRIV_OK, PRIV_CHROOT, PRIV_GROUPS, PRIV_GID, PRIV_UID, PRIV_CAPS };

struct priv_want {
	const char *chroot;		/* NULL: stay */
	int uid, gid;			/* -1: stay */
	uint64_t caps;			/* bit set of capabilities to keep (priv_cap) */
};

/* Does all of it, in the order in which each step is still allowed. Anything but PRIV_OK names the step that failed
 * (errno); the process should end then. Before threads are started. */
enum priv_step priv_drop(const struct priv_want *w);
/* Bit of a capability by its name ("cap_net_bind_service"), those that a proxy has a use for. 0: not known. */
uint64_t priv_cap(struct str name);
/* Programs started from here on cannot gain privileges (set-uid bits). */
bool priv_no_setuid(void);
/* No new processes; threads count too, so after they were started. */
bool priv_no_fork(void);
/* Core dumps and debuggers are (not) allowed; changing users forbids them until this is called. */
bool priv_dumpable(bool on);

#endif
