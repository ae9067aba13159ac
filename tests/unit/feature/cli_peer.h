/* The far end of a connection to the runtime API: what is put there, and all that comes back. */
#ifndef TESTS_UNIT_FEATURE_CLI_PEER_H
#define TESTS_UNIT_FEATURE_CLI_PEER_H

#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "src/feature/cli/cli_priv.h"

static char got[2000000];
static size_t ngot;

/* A connection; *c: for what only the listener knows. */
static inline int cli_begin(enum ctl_level level, struct cli **cli)
{
	struct conn *c;
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	c = conn_wrap(fd[0], CONN_UNIX);
	*cli = cli_create(c, level, CTL_PREFIX_NONE);
	conn_advance(c);
	ngot = 0;
	return fd[1];
}

static inline void put(int fd, const char *text)
{
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Turns until the other side closes (true) or nothing more comes for a while. */
static inline bool collect(int fd, int idle_turns)
{
	for (int idle = 0; idle < idle_turns;) {
		ssize_t n;

		loop_turn(5);
		n = read(fd, got + ngot, sizeof(got) - 1 - ngot);
		if (n == 0) {
			got[ngot] = '\0';
			return true;
		}
		idle = n < 0 ? idle + 1 : 0;
		ngot += n > 0 ? (size_t)n : 0;
	}
	got[ngot] = '\0';
	return false;
}

/* Ends this side; the server gets the turns it needs to notice. */
static inline void hang_up(int fd)
{
	close(fd);
	for (int i = 0; i < 3; i++)
		loop_turn(0);
}

#endif
