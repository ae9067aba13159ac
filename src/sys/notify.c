#include "weir/sys/notify.h"

#include <stdlib.h>
#include <unistd.h>
#include "weir/base/addr.h"
#include "weir/sys/sock.h"

bool notify_send(const char *state)
{
	const char *where = getenv("NOTIFY_SOCKET");
	struct addr to;
	ssize_t r = -1;
	int fd;

	if (!where || (*where != '/' && *where != '@'))
		return false;
	/* '@' stands for the NUL of an abstract name */
	if (!addr_set_unix(&to, str_c(*where == '@' ? where + 1 : where), *where == '@', false))
		return false;
	fd = sock_open(AF_UNIX, SOCK_DGRAM, STR_NONE);
	if (fd >= 0) {
		r = sendto(fd, state, strlen(state), MSG_NOSIGNAL, &to.sa, to.len);
		close(fd);
	}
	return r >= 0;
}
