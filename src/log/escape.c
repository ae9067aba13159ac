/* Bytes that could forge or break a log line. */
#include "weir/base/enc.h"
#include "weir/log/log.h"

/* What stays as it is, by enum log_esc. */
static const struct byte_map kept[] = {
	[LOG_ESC_CTL] = { { 0, ~0U, ~0U, 0x7fffffffU, ~0U, ~0U, ~0U, ~0U } },
	[LOG_ESC_URL] = { { 0, 0xfffffff3U, ~0U, 0x7fffffffU } },	/* without " # */
	[LOG_ESC_HDR] = { { 0, 0xfffffff3U, ~0U, 0x47ffffffU } },	/* and without { | } */
};

void log_escape(struct sbuf *out, struct str s, enum log_esc what)
{
	pct_enc(out, s, &kept[what], '#');
}
