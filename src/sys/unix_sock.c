#include "weir/sys/unix_sock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "weir/sys/sock.h"

static bool is_abstract(const struct addr *a)
{
	return a->un.sun_path[0] == 0;
}

static bool temp_name(struct unix_sock *s)
{
	int n = snprintf(s->temp, sizeof(s->temp), "%s.%d.tmp", s->at.un.sun_path, (int)getpid());

	/* it has to fit into an address too */
	return n > 0 && (size_t)n < sizeof(s->at.un.sun_path);
}

static bool remove_if_there(const char *path)
{
	return unlink(path) == 0 || errno == ENOENT;
}

/* The mode given to the socket before it is bound is the one its file is made with (less the umask, hence the chmod):
 * there is no instant in which more people could connect. */
static bool bind_with_mode(int fd, const struct addr *a, unsigned mode)
{
	if (mode && fchmod(fd, mode) < 0)
		return false;
	if (bind(fd, &a->sa, a->len) < 0)
		return false;
	return !mode || is_abstract(a) || chmod(a->un.sun_path, mode) == 0;
}

static bool bind_path(struct unix_sock *s, unsigned mode, int uid, int gid, const char **why)
{
	struct addr temp;

	*why = "name too long for UNIX socket (limit usually 97)";
	errno = 0;
	if (!temp_name(s)) {
		s->temp[0] = 0;
		return false;
	}
	*why = "error when trying to unlink previous UNIX socket";
	if (!remove_if_there(s->temp))
		return false;
	*why = "cannot bind UNIX socket";
	if (!addr_set_unix(&temp, str_c(s->temp), false, false) || !bind_with_mode(s->fd, &temp, mode))
		return false;
	*why = "cannot change UNIX socket ownership";
	return (uid < 0 && gid < 0) || chown(s->temp, (uid_t)uid, (gid_t)gid) == 0;
}

bool unix_sock_bind(struct unix_sock *s, const struct addr *a, unsigned mode, int uid, int gid,
		    const char **why)
{
	bool ok;
	int saved;

	memset(s, 0, sizeof(*s));
	s->at = *a;
	*why = "cannot create receiving socket";
	s->fd = sock_open(AF_UNIX, SOCK_STREAM, STR_NONE);
	if (s->fd < 0)
		return false;
	if (is_abstract(a)) {
		ok = bind(s->fd, &a->sa, a->len) == 0;
		*why = "cannot bind UNIX socket";
	} else {
		ok = bind_path(s, mode, uid, gid, why);
	}
	if (!ok) {
		saved = errno;
		unix_sock_cancel(s);
		errno = saved;
	}
	return ok;
}

bool unix_sock_publish(struct unix_sock *s, const char **why)
{
	*why = "cannot switch final and temporary UNIX sockets";
	if (s->temp[0] && rename(s->temp, s->at.un.sun_path) < 0)
		return false;
	s->temp[0] = 0;
	return true;
}

bool unix_sock_made_for(const struct addr *bound, const struct addr *path)
{
	struct str name, want = str_c(path->un.sun_path);
	size_t dot;

	if (addr_eq(bound, path))
		return true;
	if (addr_family(bound) != AF_UNIX || addr_family(path) != AF_UNIX || is_abstract(bound) || is_abstract(path))
		return false;
	name = str_make(bound->un.sun_path, strnlen(bound->un.sun_path, sizeof(bound->un.sun_path)));
	if (!str_starts(name, want) || !str_ends(name, STR(".tmp")) || name.n < want.n + 6 || name.p[want.n] != '.')
		return false;
	for (dot = want.n + 1; dot < name.n - 4; dot++)
		if (name.p[dot] < '0' || name.p[dot] > '9')
			return false;
	return true;
}

void unix_sock_cancel(struct unix_sock *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (s->temp[0])
		unlink(s->temp);
	s->temp[0] = 0;
}
