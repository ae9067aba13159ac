/* Unix stream sockets that replace what was there safely and are never reachable with a wider mode
 * than asked for. */
#ifndef WEIR_SYS_UNIX_SOCK_H
#define WEIR_SYS_UNIX_SOCK_H

#include "weir/base/addr.h"

/* The new socket stands under a temporary name beside its path until unix_sock_publish renames it onto
 * the path: clients find the old one or the new one, never none, and when something else fails
 * meanwhile the old one has not been touched. */
struct unix_sock {
	int fd;
	struct addr at;
	char temp[120];		/* empty: abstract, or published */
};

/* Binds, sets owner and mode (mode 0, uid/gid -1: left). False: *why is HAProxy's sentence, without the
 * text of errno; errno set. */
bool unix_sock_bind(struct unix_sock *s, const struct addr *a, unsigned mode, int uid, int gid,
		    const char **why);
/* Puts it in place. Call listen() before, so that nobody is refused. */
bool unix_sock_publish(struct unix_sock *s, const char **why);
/* Was a socket whose name the kernel tells as `bound` made for `path`? Its name stays the temporary one, whatever
 * process (weir's or HAProxy's) made it. */
bool unix_sock_made_for(const struct addr *bound, const struct addr *path);
/* Closes, and removes the temporary name if it still stands. */
void unix_sock_cancel(struct unix_sock *s);

#endif
