/* Host names through libc. Blocks: for start-up and the command line only. */
#ifndef WEIR_SYS_NAMES_H
#define WEIR_SYS_NAMES_H

#include "weir/base/addr.h"

/* First address of the family (AF_UNSPEC: any) that the resolver of the system gives; port 0. False: there is none. */
bool names_look_up(struct str host, int family, struct addr *out);

#endif
