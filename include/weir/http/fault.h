/* Why a message was refused: shared by the codecs and by framing. */
#ifndef WEIR_HTTP_FAULT_H
#define WEIR_HTTP_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault {
	uint16_t status;	/* to answer a client with: 400, 405, 414, 422, 431, 505 ...; 502 for a response */
	uint32_t pos;		/* offset of the offending byte in what was read; 0 when it is about the whole */
	const char *reason;	/* stable token, static: "h1-bad-header-name" ... */
};

/* Fills *f and returns false, for `return fault_set(...)`. */
static inline bool fault_set(struct fault *f, uint16_t status, const char *reason, size_t pos)
{
	*f = (struct fault){ .status = status, .pos = (uint32_t)pos, .reason = reason };
	return false;
}

#endif
