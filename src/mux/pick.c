/* Which mux a connection gets: the explicit word, else what ALPN agreed on, else (clear, HTTP) the
 * first bytes, else the mode's default. */
#include "h1_priv.h"

/* The mux that speaks what ALPN agreed on; NULL: nothing was agreed on. */
static const struct mux *by_alpn(struct str alpn, unsigned side)
{
	if (str_eqz(alpn, "h2"))
		return mux_find(STR("h2"), side);
	if (str_eqz(alpn, "http/1.1") || str_eqz(alpn, "http/1.0"))
		return &mux_h1;
	return NULL;
}

void mux_pick_front(struct conn *conn, const struct mux_words *w, const struct mux_limits *lim,
		    const struct mux_front_user *user, void *sess)
{
	const struct mux *mux = w->proto;
	struct str alpn = STR_NONE;

	if (!mux && !lim->http_mode)
		mux = &mux_pass;
	if (!mux && (conn->flags & CONN_TLS) && conn_ask(conn, ASK_ALPN, &alpn))
		mux = by_alpn(alpn, MUX_FRONT);
	if (mux)
		mux->front(conn, lim, user, sess, NULL);
	else
		h1_front_start(conn, lim, user, sess, NULL, mux_find(STR("h2"), MUX_FRONT) != NULL);
}

const struct mux *mux_pick_back(const struct mux_words *w, bool http_mode, struct str alpn)
{
	const struct mux *mux = w->proto;

	if (!mux && http_mode)
		mux = by_alpn(alpn, MUX_BACK);
	if (!mux)
		mux = http_mode ? &mux_h1 : &mux_pass;
	return mux;
}
