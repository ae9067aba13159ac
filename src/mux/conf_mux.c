#include "weir/mux/conf_mux.h"

#include <stdio.h>
#include "weir/base/num.h"
#include "weir/base/obj.h"
#include "weir/base/row.h"

#define SIDES (KW_BIND | KW_SERVER | KW_DYNSRV)
#define SERVER (KW_SERVER | KW_DYNSRV)
#define ALPN_NAME_MAX 255

void mux_words_init(struct mux_words *w)
{
	*w = (struct mux_words){ .upgrade_retry = UPGRADE_RETRY_MS };
}

static unsigned side_of(const struct kw_call *k)
{
	return k->scope == KW_BIND ? MUX_FRONT : MUX_BACK;
}

static bool take(struct kw_call *k, const char *what, struct str *out)
{
	if (!kw_more(k))
		return kw_err(k, k->at, "'%s' : missing %s", k->kw->name, what);
	*out = k->w[k->at++];
	return true;
}

/* Names of the known protocols, for a hint. */
static const char *known_protos(struct kw_call *k)
{
	struct sbuf b = sbuf_grow();
	char *text;

	for (const struct mux *const *m = mux_table; *m; m++)
		if (m[0]->sides & side_of(k))
			sbuf_printf(&b, "%s%s", b.n ? ", " : "", m[0]->proto);
	text = arena_strz(k->mem, sbuf_z(&b));
	sbuf_fini(&b);
	return text;
}

static void hint_proto(struct kw_call *k, struct str word)
{
	struct row_near near;

	/* A list is what ALPN negotiates. */
	if (str_chr(word, ',') != (size_t)-1 || str_eqz(word, "http/1.1")) {
		kw_hint(k,
			"a list of protocols to negotiate belongs to 'alpn'; 'proto' takes one of "
			"%s",
			known_protos(k));
		return;
	}
	if (str_eqz(word, "h2c")) {
		kw_hint(k,
			"'upgrade h2c' switches from HTTP/1.1; 'proto h2' speaks HTTP/2 at once");
		return;
	}
	row_near_init(&near, word);
	for (const struct mux *const *m = mux_table; *m; m++)
		row_near_try(&near, m[0]->proto);
	if (row_near_best(&near))
		kw_hint(k, "'%s' ?", row_near_best(&near));
	else
		kw_hint(k, "one of %s", known_protos(k));
}

static bool parse_proto(struct kw_call *k)
{
	struct mux_words *w = k->obj;
	const struct mux *found;
	struct str word;

	if (!take(k, "value", &word))
		return false;
	found = mux_find(word, side_of(k));
	if (!found) {
		hint_proto(k, word);
		return kw_err(k, k->at - 1, "'proto' : unknown MUX protocol '" STR_FMT "'", STR_ARG(word));
	}
	w->proto = found;
	return true;
}

static bool parse_upgrade(struct kw_call *k)
{
	struct mux_words *w = k->obj;
	bool ok = true;
	struct str rest;

	if (!take(k, "list of protocols", &rest))
		return false;
	while (rest.p) {
		struct str name = str_cut(&rest, ',');

		if (str_eqz(name, "h2c")) {
			w->upgrade_h2c = true;
			continue;
		}
		kw_hint(k, "known: h2c");
		ok = kw_err_at(k, k->at - 1, name.p, "'upgrade' : unknown protocol '" STR_FMT "'", STR_ARG(name));
	}
	return ok;
}

static bool parse_no_upgrade(struct kw_call *k)
{
	((struct mux_words *)k->obj)->upgrade_h2c = false;
	return true;
}

/* Kept in the form that goes into a ClientHello: each name behind its length. */
bool mux_alpn_list(struct kw_call *k, int word, struct str *wire)
{
	struct str rest = k->w[word];
	char *to = arena_bytes(k->mem, rest.n + 1);

	*wire = str_make(to, 0);
	while (rest.p) {
		struct str name = str_cut(&rest, ',');

		if (name.n > ALPN_NAME_MAX)
			return kw_err_at(k, word, name.p, "'alpn' : protocol name too long");
		if (!name.n)
			continue;
		to[wire->n++] = (char)name.n;
		memcpy(to + wire->n, name.p, name.n);
		wire->n += name.n;
	}
	return true;
}

static bool parse_alpn(struct kw_call *k)
{
	struct mux_words *w = k->obj;
	struct str list;

	if (!take(k, "the comma-delimited ALPN protocol suite", &list))
		return false;
	w->alpn_set = true;
	w->no_alpn = false;
	return mux_alpn_list(k, k->at - 1, &w->alpn);
}

static bool parse_no_alpn(struct kw_call *k)
{
	struct mux_words *w = k->obj;

	w->alpn = STR_NONE;
	w->alpn_set = false;
	w->no_alpn = true;
	return true;
}

static bool parse_ws(struct kw_call *k)
{
	static const char *const words[] = { "auto", "h1", "h2", NULL };
	struct mux_words *w = k->obj;
	int i = kw_more(k) ? kw_choice(k->w[k->at], words) : -1;

	if (i < 0)
		return kw_err(k, k->at, "'ws' has to be 'auto', 'h1' or 'h2'");
	k->at++;
	w->ws = (uint8_t)i;
	return true;
}

static bool parse_upgrade_retry(struct kw_call *k)
{
	return kw_time(k, "a delay", &((struct mux_words *)k->obj)->upgrade_retry);
}

const struct kw mux_keywords[MUX_KEYWORDS] = {
	{ .name = "proto",
	  .scopes = SIDES,
	  .type = KT_PARSE,
	  .parse = parse_proto,
	  .args = "<name>",
	  .help = "speak this protocol, whatever ALPN or the first bytes say (h1, h2, none: plain "
		  "bytes)" },
	{ .name = "alpn",
	  .scopes = SIDES,
	  .type = KT_PARSE,
	  .parse = parse_alpn,
	  .args = "<protocols>",
	  .help = "protocols to negotiate over TLS, best first" },
	{ .name = "no-alpn",
	  .scopes = SIDES,
	  .type = KT_PARSE,
	  .parse = parse_no_alpn,
	  .help = "negotiate no protocol over TLS" },
	{ .name = "upgrade",
	  .scopes = SIDES,
	  .type = KT_PARSE,
	  .parse = parse_upgrade,
	  .args = "<protocols>",
	  .help = "protocols that HTTP/1.1 may be upgraded to in clear: h2c" },
	{ .name = "no-upgrade",
	  .scopes = SIDES,
	  .type = KT_PARSE,
	  .parse = parse_no_upgrade,
	  .help = "take back an inherited upgrade" },
	{ .name = "upgrade-retry",
	  .scopes = SERVER,
	  .type = KT_PARSE,
	  .parse = parse_upgrade_retry,
	  .args = "<time>",
	  .help = "how long a server that answered HTTP/1.1 to an upgrade is not asked again "
		  "(5m)" },
	{ .name = "ws",
	  .scopes = SERVER,
	  .type = KT_PARSE,
	  .parse = parse_ws,
	  .args = "{auto|h1|h2}",
	  .help = "HTTP version that carries WebSocket to this server" },
};

/* --- when the line was read --- */

static bool misfit(struct mux_misfit *why, const char *word, const char *text, const char *hint)
{
	why->word = word;
	why->hint = hint;
	snprintf(why->text, sizeof(why->text), "%s", text);
	return false;
}

static bool check_upgrade(const struct mux_words *w, unsigned side, bool ssl,
			  struct mux_misfit *why)
{
	bool front = side == MUX_FRONT;

	if (ssl)
		return misfit(
			why, "upgrade",
			"'upgrade' cannot be used with 'ssl', over TLS the protocol is negotiated",
			"'alpn h2,http/1.1' does it");
	if (!w->proto)
		return true;
	if (str_eqz(STR("h1"), w->proto->proto) && front)
		return true;
	if (str_eqz(STR("h2"), w->proto->proto))
		return misfit(why, "upgrade",
			      "'upgrade' cannot be used with 'proto h2', there is nothing to "
			      "upgrade from",
			      "'proto h2' alone speaks HTTP/2 at once");
	return misfit(why, "upgrade",
		      "'upgrade' cannot be used with 'proto', which says what is spoken",
		      "'proto h2' speaks HTTP/2 at once, 'upgrade h2c' alone asks the server");
}

bool mux_words_check(const struct mux_words *w, unsigned side, bool http_mode, bool ssl,
		     struct mux_misfit *why)
{
	if (w->proto && w->proto->http != http_mode) {
		why->word = "proto";
		why->hint = http_mode ? "'mode tcp' passes plain bytes" : "'mode http' speaks it";
		snprintf(why->text, sizeof(why->text), "MUX protocol '%s' is not usable",
			 w->proto->proto);
		return false;
	}
	if (w->upgrade_h2c && !http_mode)
		return misfit(why, "upgrade", "'upgrade' needs 'mode http'", NULL);
	return !w->upgrade_h2c || check_upgrade(w, side, ssl, why);
}
