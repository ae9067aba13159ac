/* Socket options by name. Each returns false with errno set when the kernel refuses. */
#ifndef WEIR_SYS_SOCK_H
#define WEIR_SYS_SOCK_H

#include <stdbool.h>
#include "weir/base/addr.h"

/* A socket of that family and type (SOCK_STREAM ...), non-blocking, closed on exec; in the network
 * namespace `ns` when it is not empty (needs CAP_SYS_ADMIN). -1: errno. */
int sock_open(int family, int type, struct str ns);

bool sock_int(int fd, int level, int option, int value);
bool sock_reuse_addr(int fd);
bool sock_reuse_port(int fd);
bool sock_v6only(int fd, bool on);
bool sock_nodelay(int fd);
bool sock_keepalive(int fd);
/* Idle seconds before the first probe, seconds between probes, probes; 0 leaves the system's. */
bool sock_keepalive_times(int fd, unsigned idle, unsigned intvl, unsigned cnt);
bool sock_interface(int fd, struct str name);
/* Binds to (listen) or connects from addresses that are not ours: IP_TRANSPARENT, else IP_FREEBIND. */
bool sock_transparent(int fd, int family);
bool sock_tfo_listen(int fd, int queue);
bool sock_tfo_connect(int fd);		/* the first write travels with the SYN */
bool sock_defer_accept(int fd, int seconds);
bool sock_user_timeout(int fd, unsigned ms);
bool sock_congestion(int fd, struct str algorithm);	/* TCP_CONGESTION: one that the kernel has loaded and allows */
/* Listening: the SYN of each connection is kept, from its IP header on (1) or from the link's (2). */
bool sock_save_syn(int fd, int mode);
/* The SYN of an accepted connection, once; its length, 0: none. */
size_t sock_saved_syn(int fd, void *buf, size_t max);
bool sock_mss(int fd, int mss);
bool sock_mss_less(int fd, int by);	/* of a connection: what was agreed upon less so much */
/* TCP MD5 signatures (RFC 2385) with peers at `peer`; the wildcard address: with any peer. At most 80 bytes. */
bool sock_md5sig(int fd, const struct addr *peer, struct str key);
bool sock_mark(int fd, unsigned mark);
bool sock_tos(int fd, int family, int tos);
bool sock_quickack(int fd, bool on);
bool sock_has_bytes(int fd);		/* received and not read yet */
bool sock_buffers(int fd, int rcvbuf, int sndbuf);	/* 0: leave */
bool sock_bind_late_port(int fd);	/* the source port is chosen at connect: ports are not used up */
bool sock_reset_on_close(int fd);
/* Nothing leaves any more, not even at close(). Needs CAP_NET_ADMIN. */
bool sock_mute(int fd);
/* What it still sends, the RST of its close() too, dies after `ttl` routers. */
void sock_reset_nearby(int fd, int ttl);
bool sock_notsent_lowat(int fd, unsigned bytes);	/* writable only while less than that is unsent */
int sock_error(int fd);			/* pending error (cleared), 0: none */
bool sock_is_listening(int fd);
bool sock_type(int fd, int *family, int *type);
/* Local and remote address; false: errno. */
bool sock_name(int fd, struct addr *out);
bool sock_peer(int fd, struct addr *out);
/* Destination before the firewall rewrote it (NAT redirect), else as sock_name. */
bool sock_original_dst(int fd, struct addr *out);
/* Could the firewall have rewritten destinations (connection tracking is loaded)? */
bool sock_has_nat(int fd);
bool sock_nonblock(int fd);		/* for descriptors that came from elsewhere; sets CLOEXEC too */

#endif
