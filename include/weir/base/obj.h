/* Magic numbers: objects that travel between floors begin with one; it is checked at the doors and
 * wiped at release, so a stale pointer is found where it is used and not three floors later. */
#ifndef WEIR_BASE_OBJ_H
#define WEIR_BASE_OBJ_H

#include <stddef.h>
#include <stdint.h>
#include "weir/base/assert.h"

#define OBJ_MAGIC(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
/* A function, so that the compiler does not remark on addresses that cannot be NULL. */
static inline int obj_given(const void *p) { return p != NULL; }
#define OBJ_CHECK(p, m) WASSERT(obj_given(p) && (p)->magic == (m))
#define OBJ_WIPE(p) ((p)->magic = 0xdeadbeefU)

#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
