/* Listening sockets passed from an old process to its successor through a stats socket with `expose-fd listeners`: the
 * successor says "_getsocks" and gets their number, then the sockets with what cannot be asked of them. The bytes are
 * those that HAProxy's -x understands. */
#ifndef WEIR_SYS_HANDOVER_H
#define WEIR_SYS_HANDOVER_H

#include "weir/base/str.h"

struct handed_sock {
	int fd;
	struct str ns, interface;	/* empty: none; at most 255 bytes */
};

/* The old process's side, on the command's connection. Blocks for a second at most at a time. False: errno. */
bool handover_send(int sock, const struct handed_sock *socks, int n);
/* The successor's: asks at the unix socket `path` (or the abstract one, "abns@..."). Returns how
 * many came (*socks: from malloc, strings in the same block), -1: errno. */
int handover_fetch(struct str path, struct handed_sock **socks);

#endif
