/* Pipes through which splice() moves bytes from socket to socket. Each thread keeps some empty ones. */
#ifndef WEIR_SYS_PIPES_H
#define WEIR_SYS_PIPES_H

#include <stdbool.h>
#include <stdint.h>

struct pipe {
	int in, out;			/* written to, read from; both non-blocking */
	uint32_t bytes;			/* that wait in it, counted by whoever splices */
	struct pipe *next;
};

/* Limits of the process: pipes at most (0: none at all; until said: any number) and their size in bytes (0: large for
 * the first few, then the system's). Before threads. */
void pipes_configure(unsigned max, unsigned size);
/* An empty pipe, or NULL: too many, or no descriptors. */
struct pipe *pipe_take(void);
/* Back; one that still holds bytes is closed. NULL is ignored. */
void pipe_give(struct pipe *p);
/* Closes the calling thread's free pipes (end of thread, memory pressure). */
void pipes_flush(void);
struct pipes_stat { uint32_t used, free; };	/* of the process */
struct pipes_stat pipes_stats(void);

#endif
