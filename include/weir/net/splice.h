/* Bytes from socket to socket inside the kernel, through a pipe (sys/pipes.h). Only on connections for which
 * conn_is_raw holds. The process has to ignore SIGPIPE: splice knows no MSG_NOSIGNAL. */
#ifndef WEIR_NET_SPLICE_H
#define WEIR_NET_SPLICE_H

#include "weir/net/conn.h"
#include "weir/sys/pipes.h"

enum { IO_NO_SPLICE = -3 };	/* this socket cannot: copy instead */

/* As conn_recv, into the pipe. IO_AGAIN with conn_readable still true: the pipe is full, empty it first. */
ssize_t conn_splice_in(struct conn *c, struct pipe *p, size_t max);
/* As conn_sendv, what is in the pipe. */
ssize_t conn_splice_out(struct conn *c, struct pipe *p, bool more);

#endif
