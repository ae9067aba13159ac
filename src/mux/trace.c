/* The muxes as sources of traces. */
#include "trace_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include "weir/mux/traces.h"

static const struct trace_event h1_events[H1E_COUNT] = {
	[H1E_NEW] = { "h1c_new", "new H1 connection" },
	[H1E_END] = { "h1c_end", "H1 connection terminated" },
	[H1E_ERR] = { "h1c_err", "error on H1 connection" },
	[H1E_X_NEW] = { "h1s_new", "new H1 exchange" },
	[H1E_X_END] = { "h1s_end", "H1 exchange terminated" },
	[H1E_X_ERR] = { "h1s_err", "H1 exchange cut short" },
	[H1E_RX_HDRS] = { "rx_hdrs", "receipt of H1 headers" },
	[H1E_RX_BAD] = { "rx_err", "malformed H1 message" },
	[H1E_RX_DATA] = { "rx_data", "bytes received" },
	[H1E_TX_HDRS] = { "tx_hdrs", "transmission of H1 headers" },
	[H1E_TX_DATA] = { "tx_data", "bytes sent" },
	[H1E_UPGRADE] = { "h1c_upg", "H1 connection becomes HTTP/2" },
};

static const struct trace_event h2_events[H2E_COUNT] = {
	[H2E_NEW] = { "h2c_new", "new H2 connection" },
	[H2E_END] = { "h2c_end", "H2 connection terminated" },
	[H2E_ERR] = { "h2c_err", "error on H2 connection" },
	[H2E_S_NEW] = { "h2s_new", "new H2 stream" },
	[H2E_S_END] = { "h2s_end", "H2 stream terminated" },
	[H2E_S_ERR] = { "h2s_err", "H2 stream cut short" },
	[H2E_RX_FRAME] = { "rx_frame", "receipt of any H2 frame" },
	[H2E_TX_FRAME] = { "tx_frame", "transmission of any H2 frame" },
	[H2E_RX_HDR] = { "rx_hdr", "receipt of H2 headers" },
	[H2E_TX_HDR] = { "tx_hdr", "transmission of H2 headers" },
	[H2E_GLITCH] = { "proto_err", "protocol error" },
};

const struct trace_row mux_traces[MUX_TRACES] = {
	{ TRACE_H1, "h1", "HTTP/1 multiplexer", h1_events, H1E_COUNT },
	{ TRACE_H2, "h2", "HTTP/2 multiplexer", h2_events, H2E_COUNT },
	{ TRACE_PT, "pt", "Passthrough multiplexer", h1_events, H1E_COUNT },
};

void mux_tell(const struct conn *c, enum trace_id id, unsigned event, enum trace_level level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace_put(id, event, level, mux_who(c), "fd=%d %s : %s", c->ev.fd, mux_side(c), text);
}

static void tell_fields(const struct conn *c, enum trace_id id, unsigned event, uint32_t stream, const struct msg *m)
{
	for (int i = 0; i < m->nf; i++)
		if (!(m->f[i].flags & FIELD_F_DELETED))
			mux_tell(c, id, event, TRL_USER, "[%u]   %.*s: %.*s", stream, STR_ARG(field_name_str(&m->f[i])),
				 STR_ARG(field_value_str(&m->f[i])));
}

void mux_tell_head(const struct conn *c, enum trace_id id, unsigned event, uint32_t stream, const struct msg *m)
{
	struct str method = m->method == METHOD_OTHER ? m->method_text : method_name((enum method)m->method);

	if (m->is_response)
		mux_tell(c, id, event, TRL_USER, "[%u] HTTP/%u.%u %u", stream, m->major, m->minor, m->status);
	else
		mux_tell(c, id, event, TRL_USER, "[%u] %.*s %.*s%.*s HTTP/%u.%u", stream, STR_ARG(method),
			 STR_ARG(m->authority), STR_ARG(m->path), m->major, m->minor);
	if (trace_verbose(id))
		tell_fields(c, id, event, stream, m);
}
