#include "weir/sys/reserve.h"

#include <fcntl.h>
#include <unistd.h>
#include "weir/base/atomic.h"

/* The descriptor plus one, so that a process begins without; 0: not held. */
static int held;

void reserve_fill(void)
{
	int none = 0, fd;

	if (atom_get(&held))
		return;
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !atom_cas(&held, &none, fd + 1))
		close(fd);
}

bool reserve_spend(void)
{
	int was = atom_swap(&held, 0);

	return was && close(was - 1) == 0;
}
