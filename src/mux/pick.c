/* Which mux a connection gets: the explicit word, else what ALPN agreed on, else (clear, HTTP) the
 * first bytes, else the mode's default. */
#include "h1_priv.h"
#include "h2_priv.h"

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
	unsigned flags = 0;

	if (!mux && !lim->http_mode)
		mux = &mux_pass;
	if (!mux && (conn->flags & CONN_TLS) && conn_ask(conn, ASK_ALPN, &alpn))
		mux = by_alpn(alpn, MUX_FRONT);
	if (mux && mux != &mux_h1) {
		mux->front(conn, lim, user, sess, NULL);
		return;
	}
	if (!mux && !lim->no_h2_upgrade)
		flags |= H1C_MAYBE_H2;
	if (w->upgrade_h2c && !(conn->flags & CONN_TLS))
		flags |= H1C_H2C;
	h1_front_start(conn, lim, user, sess, NULL, flags);
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

struct str mux_h2_via(const struct conn *conn)
{
	const struct h2c *c = conn->arg;
	struct str alpn = STR_NONE;

	if (conn->mux != &mux_h2)
		return STR("");
	if (c->flags & H2C_UPGRADED)
		return STR("upgrade");
	conn_ask((struct conn *)conn, ASK_ALPN, &alpn);
	return alpn.n ? STR("alpn") : STR("prior");
}
