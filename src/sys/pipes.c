#include "weir/sys/pipes.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>
#include "weir/base/atomic.h"
#include "weir/base/pool.h"

#define KEPT_PER_THREAD 64
/* Where nothing is said about sizes the first pipes are large: a tenth less time for each byte. Not all: what all of
 * a user's pipes may hold is limited, and beyond that the kernel makes tiny ones; and what waits in them is memory. */
#define LARGE 16
#define LARGE_SIZE (1024 * 1024)

static struct {
	unsigned max, size;
	uint32_t open, kept;		/* atomic: all pipes, those that nobody uses */
} limits = { .max = UINT32_MAX };

static _Thread_local struct {
	struct pipe *first;
	unsigned n;
} kept;

void pipes_configure(unsigned max, unsigned size)
{
	limits.max = max;
	limits.size = size;
}

static struct pipe *open_pipe(void)
{
	struct pipe *p;
	uint32_t n = atom_add(&limits.open, 1);
	int fd[2];

	if (n >= limits.max || pipe2(fd, O_NONBLOCK | O_CLOEXEC) < 0) {
		atom_sub(&limits.open, 1);
		return NULL;
	}
	if (limits.size || n < LARGE)	/* refused: it keeps the kernel's size */
		fcntl(fd[1], F_SETPIPE_SZ, limits.size ? (int)limits.size : LARGE_SIZE);
	p = pool_get(sizeof(*p));
	p->out = fd[0];
	p->in = fd[1];
	p->bytes = 0;
	p->next = NULL;
	return p;
}

static void close_pipe(struct pipe *p)
{
	close(p->in);
	close(p->out);
	pool_put(p, sizeof(*p));
	atom_sub(&limits.open, 1);
}

static struct pipe *unkeep(void)
{
	struct pipe *p = kept.first;

	kept.first = p->next;
	kept.n--;
	atom_sub(&limits.kept, 1);
	p->next = NULL;
	return p;
}

struct pipe *pipe_take(void)
{
	return kept.first ? unkeep() : open_pipe();
}

void pipe_give(struct pipe *p)
{
	if (!p)
		return;
	if (p->bytes || kept.n == KEPT_PER_THREAD) {
		close_pipe(p);
		return;
	}
	p->next = kept.first;
	kept.first = p;
	kept.n++;
	atom_add(&limits.kept, 1);
}

void pipes_flush(void)
{
	while (kept.first)
		close_pipe(unkeep());
}

struct pipes_stat pipes_stats(void)
{
	uint32_t free = atom_get(&limits.kept), open = atom_get(&limits.open);

	return (struct pipes_stat){ .used = open > free ? open - free : 0, .free = free };
}
