/* Words of bind and server lines about protocols, and what cannot be seen before the whole line was read. */
#ifndef WEIR_MUX_CONF_MUX_H
#define WEIR_MUX_CONF_MUX_H

#include "weir/conf/kw.h"
#include "weir/mux/mux.h"

/* proto, alpn, no-alpn, upgrade, no-upgrade, upgrade-retry, ws. obj is a struct mux_words *. */
#define MUX_KEYWORDS 7
extern const struct kw mux_keywords[MUX_KEYWORDS];

/* A comma-separated list of ALPN names, the word at that index, in wire format. False: reported. */
bool mux_alpn_list(struct kw_call *k, int word, struct str *wire);

#define UPGRADE_RETRY_MS 300000

/* What a line is before any word: set where a bind, a server or a default-server begins. */
void mux_words_init(struct mux_words *w);

/* One thing that does not fit together on a line. */
struct mux_misfit {
	const char *word;	/* that the caret goes to: "upgrade" */
	char text[160];		/* without the line's own name and without a full stop */
	const char *hint;	/* what to write instead, or NULL */
};
/* Called when the line was read and the proxy's mode is known. side: MUX_FRONT for a bind, MUX_BACK for a server.
 * False: *why says what is wrong. */
bool mux_words_check(const struct mux_words *w, unsigned side, bool http_mode, bool ssl, struct mux_misfit *why);

#endif
