/* Bytes that could forge or break a log line. */
#include "weir/base/enc.h"
#include "weir/log/log.h"

/* All but controls. */
static const struct byte_map kept = { { 0, ~0U, ~0U, 0x7fffffffU, ~0U, ~0U, ~0U, ~0U } };

void log_escape(struct sbuf *out, struct str s)
{
	pct_enc(out, s, &kept, '#');
}
