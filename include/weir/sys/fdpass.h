/* Open descriptors passed to another process through a unix socket. */
#ifndef WEIR_SYS_FDPASS_H
#define WEIR_SYS_FDPASS_H

#include <stddef.h>
#include <stdbool.h>
#include <sys/types.h>

#define FDPASS_MAX 252		/* descriptors in one message (the kernel's SCM_MAX_FD is 253) */

/* Sends n descriptors with at least one byte of data; waits for room up to timeout_ms. False: errno. */
bool fdpass_send(int sock, const int *fds, int n, const void *data, size_t len, int timeout_ms);
/* Receives one message: bytes of data (0: end), and at most max descriptors (*n), closed on exec; those that do not fit
 * are closed. Waits up to timeout_ms. -1: errno. */
ssize_t fdpass_recv(int sock, int *fds, int max, int *n, void *data, size_t len, int timeout_ms);

#endif
