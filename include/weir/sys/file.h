/* Whole files. */
#ifndef WEIR_SYS_FILE_H
#define WEIR_SYS_FILE_H

#include <stddef.h>
#include "weir/base/str.h"

/* Reads a regular file of at most max bytes into memory from malloc (out->p, with a NUL behind it; release with
 * free()). False: errno says why (EFBIG: longer than max). */
bool file_read(struct str path, size_t max, struct str *out);

#endif
