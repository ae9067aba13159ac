#include "weir/sys/file.h"
#include "weir/base/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static ssize_t read_all(int fd, char **mem, size_t max)
{
	size_t n = 0, cap = 4096;

	*mem = mem_alloc(cap + 1);
	for (;;) {
		ssize_t got = read(fd, *mem + n, cap - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			return (ssize_t)n;
		n += (size_t)got;
		if (n > max) {
			errno = EFBIG;
			return -1;
		}
		if (n == cap)
			*mem = mem_realloc(*mem, (cap *= 2) + 1);
	}
}

bool file_read(struct str path, size_t max, struct str *out)
{
	char name[4096], *mem = NULL;
	ssize_t n;
	int fd, err;

	if (path.n >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = open(str_z(path, name, sizeof(name)), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read_all(fd, &mem, max);
	err = errno;
	close(fd);
	if (n < 0) {
		free(mem);
		errno = err;
		return false;
	}
	mem[n] = 0;
	*out = str_make(mem, (size_t)n);
	return true;
}
