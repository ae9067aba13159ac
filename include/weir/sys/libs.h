/* What is loaded into the process, and names of its functions. */
#ifndef WEIR_SYS_LIBS_H
#define WEIR_SYS_LIBS_H

#include <stddef.h>
#include <stdint.h>

/* The program and its libraries, with the addresses that each one takes. */
void libs_each(void (*fn)(const char *path, uintptr_t from, uintptr_t to, void *arg), void *arg);

/* "h2_run", "stream_task(stream.c)" for what is static, or "weir+0x1234" when the program's file
 * has no symbols or cannot be read. Writes to buf, returns it. */
const char *symbol_name(const void *addr, char *buf, size_t size);
/* Keeps the program's file open: before chroot, where it could not be opened any more. */
void symbols_keep(void);

#endif
