/* What the muxes tell to traces (loop/trace.h). Each call is behind trace_on(), which is one load when nobody
 * listens. */
#ifndef SRC_MUX_TRACE_PRIV_H
#define SRC_MUX_TRACE_PRIV_H

#include "weir/http/msg.h"
#include "weir/loop/trace.h"
#include "weir/mux/mux.h"

/* Events of h1 and pt. */
enum {
	H1E_NEW, H1E_END, H1E_ERR, H1E_X_NEW, H1E_X_END, H1E_X_ERR, H1E_RX_HDRS, H1E_RX_BAD, H1E_RX_DATA, H1E_TX_HDRS,
	H1E_TX_DATA, H1E_UPGRADE, H1E_COUNT,
};
/* Events of h2. */
enum {
	H2E_NEW, H2E_END, H2E_ERR, H2E_S_NEW, H2E_S_END, H2E_S_ERR, H2E_RX_FRAME, H2E_TX_FRAME, H2E_RX_HDR, H2E_TX_HDR,
	H2E_GLITCH, H2E_COUNT,
};

extern const struct mux mux_pass;

/* h1 and pt share their code. */
static inline enum trace_id mux_trace_id(const struct conn *c)
{
	return c->mux == &mux_pass ? TRACE_PT : TRACE_H1;
}

static inline struct trace_who mux_who(const struct conn *c) { return (struct trace_who){ .conn = c }; }
static inline const char *mux_side(const struct conn *c) { return c->flags & CONN_BACK ? "back" : "front"; }
static inline bool mux_traced(const struct conn *c) { return trace_on(mux_trace_id(c)); }

/* A line about a connection: its descriptor goes in front. */
void mux_tell(const struct conn *c, enum trace_id id, unsigned event, enum trace_level level, const char *fmt, ...)
	__attribute__((cold, format(printf, 5, 6)));
/* The start line of a message; with verbosity "advanced" its fields too, a line each. stream: 0 for HTTP/1. */
void mux_tell_head(const struct conn *c, enum trace_id id, unsigned event, uint32_t stream, const struct msg *m)
	__attribute__((cold));

#endif
