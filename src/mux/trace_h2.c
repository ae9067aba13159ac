/* Frames of HTTP/2, for traces. */
#include "h2_priv.h"
#include "trace_priv.h"

#include <stdio.h>

static const char *frame_name(uint8_t type)
{
	static const char *const names[] = { "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE",
					     "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION" };

	return type < ARRAY_LEN(names) ? names[type] : "unknown frame";
}

/* What is special about a frame, if anything. */
static void describe(const nghttp2_frame *f, char *buf, size_t size)
{
	buf[0] = '\0';
	if (f->hd.type == NGHTTP2_RST_STREAM)
		snprintf(buf, size, " %s", nghttp2_http2_strerror(f->rst_stream.error_code));
	else if (f->hd.type == NGHTTP2_GOAWAY)
		snprintf(buf, size, " %s, last stream %d", nghttp2_http2_strerror(f->goaway.error_code),
			 f->goaway.last_stream_id);
	else if (f->hd.type == NGHTTP2_WINDOW_UPDATE)
		snprintf(buf, size, " %d bytes", f->window_update.window_size_increment);
	else if (f->hd.type == NGHTTP2_SETTINGS && !(f->hd.flags & NGHTTP2_FLAG_ACK))
		for (size_t i = 0, n = 0; i < f->settings.niv && n < size; i++)
			n += (size_t)snprintf(buf + n, size - n, " %d=%u", f->settings.iv[i].settings_id,
					      f->settings.iv[i].value);
}

/* Pseudo fields always, the others when verbose. */
static void tell_sent(const struct h2c *c, const nghttp2_frame *f)
{
	for (size_t i = 0; i < f->headers.nvlen; i++) {
		const nghttp2_nv *nv = &f->headers.nva[i];

		if (nv->name[0] == ':' || trace_verbose(TRACE_H2))
			mux_tell(c->conn, TRACE_H2, H2E_TX_HDR, TRL_USER, "[%d]   %.*s: %.*s", f->hd.stream_id,
				 (int)nv->namelen, nv->name, (int)nv->valuelen, nv->value);
	}
}

void h2_tell_frame(const struct h2c *c, unsigned event, const nghttp2_frame *f)
{
	char more[200];

	describe(f, more, sizeof(more));
	mux_tell(c->conn, TRACE_H2, event, TRL_PROTO, "[%d] %s len=%zu flags=0x%02x%s", f->hd.stream_id,
		 frame_name(f->hd.type), f->hd.length, f->hd.flags, more);
	if (f->hd.type == NGHTTP2_HEADERS && event == H2E_TX_FRAME)
		tell_sent(c, f);
}
