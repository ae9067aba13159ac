/* Network namespaces by name (those of `ip netns`). */
#ifndef WEIR_SYS_NETNS_H
#define WEIR_SYS_NETNS_H

#include <stdbool.h>
#include "weir/base/str.h"

/* Is there one of that name? For the loader. */
bool netns_exists(struct str name);
/* A socket inside the namespace; the calling thread returns to its own at once. -1: errno. */
int netns_socket(struct str name, int family, int type);

#endif
