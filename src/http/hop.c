#include "weir/http/hop.h"

#include "weir/base/obj.h"
#include "weir/http/chars.h"

/* name ["/" version], both tokens (RFC 9110 section 7.8). */
static bool is_protocol(struct str s)
{
	struct str rest = s, name = str_cut(&rest, '/');

	return http_all_token(name) && (name.n == s.n || http_all_token(rest));
}

bool hop_may_relay(struct str token, bool any)
{
	static const struct str never[] = { STR_INIT("h2c"), STR_INIT("h2"), STR_INIT("h3") };

	if (str_ieq(token, STR("websocket")))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (str_ieq(token, never[i]))
			return false;
	return any && is_protocol(token) && !str_ieq(str_head(token, 4), STR("HTTP")) &&
	       !str_ieq(str_head(token, 3), STR("TLS"));
}

/* End-to-end fields: a peer that nominates them in Connection wants another hop not to see what this one saw. */
static bool never_nominated(enum field_id id)
{
	switch (id) {
	case FIELD_HOST: case FIELD_CONTENT_LENGTH: case FIELD_TRANSFER_ENCODING: case FIELD_CONTENT_TYPE:
	case FIELD_CONTENT_ENCODING: case FIELD_COOKIE: case FIELD_SET_COOKIE: case FIELD_AUTHORIZATION:
	case FIELD_CACHE_CONTROL: case FIELD_X_FORWARDED_FOR: case FIELD_FORWARDED: case FIELD_DATE:
	case FIELD_VARY: case FIELD_LOCATION: case FIELD_EXPECT: case FIELD_WWW_AUTHENTICATE:
	case FIELD_SEC_WEBSOCKET_KEY: case FIELD_SEC_WEBSOCKET_ACCEPT: case FIELD_SEC_WEBSOCKET_VERSION:
	case FIELD_TE:		/* has rules of its own */
		return true;
	default:
		return false;
	}
}

/* More options than this in Connection are not looked at: nobody needs them, and each is a search. */
#define OPTIONS_MAX 256

static void drop_nominated(struct msg *m)
{
	struct field_iter it = { 0 };
	struct str option;

	for (int n = 0; n < OPTIONS_MAX && msg_next_token(m, FIELD_CONNECTION, &it, &option); n++) {
		char few[64], *lower = option.n <= sizeof(few) ? few : arena_bytes(m->mem, option.n);

		memcpy(lower, option.p, option.n);
		str_lower(lower, option.n);
		option.p = lower;
		if (field_id(option) != FIELD_CONNECTION && !never_nominated(field_id(option)))
			msg_del(m, option);
	}
}

/* "trailers" is the only thing that a proxy may promise for others, and only without weight. */
static void reduce_te(struct msg *m)
{
	int first = msg_find_id(m, FIELD_TE, 0);
	bool trailers = first >= 0 && msg_has_token(m, FIELD_TE, STR("trailers"));

	if (first < 0)
		return;
	for (int i = msg_find_id(m, FIELD_TE, first + 1); i >= 0; i = msg_find_id(m, FIELD_TE, i + 1))
		msg_del_at(m, i);
	if (trailers)
		msg_set_value(m, first, STR("trailers"));
	else
		msg_del_at(m, first);
}

#define BIT(id) ((uint64_t)1 << (id))
static const uint64_t own_fields = BIT(FIELD_CONNECTION) | BIT(FIELD_KEEP_ALIVE) | BIT(FIELD_PROXY_CONNECTION) |
	BIT(FIELD_UPGRADE) | BIT(FIELD_HTTP2_SETTINGS);

static void drop(struct msg *m, uint64_t ids)
{
	for (int i = 0; i < m->nf; i++)
		if (ids & BIT(m->f[i].id))
			msg_del_at(m, i);
}

static void hop(struct msg *m, bool keep_te)
{
	uint64_t bits = m->ids;

	if (bits & BIT(FIELD_CONNECTION))
		drop_nominated(m);
	if (bits & own_fields)
		drop(m, own_fields);
	if (bits & BIT(FIELD_TE)) {
		if (keep_te)
			reduce_te(m);
		else
			msg_del_id(m, FIELD_TE);
	}
}

/* Field i, a Connection, without the options of an upgrade to HTTP/2. */
static void without_upgrade(struct msg *m, int i)
{
	struct str list = field_value_str(&m->f[i]), one;
	char *kept = arena_bytes(m->mem, 2 * list.n + 1);
	size_t n = 0;

	while (list.p) {
		one = str_trim(str_cut(&list, ','));
		if (!one.n || str_ieq(one, STR("upgrade")) || str_ieq(one, STR("http2-settings")))
			continue;
		if (n) {
			kept[n++] = ',';
			kept[n++] = ' ';
		}
		memcpy(kept + n, one.p, one.n);
		n += one.n;
	}
	if (n)
		msg_set_value(m, i, str_make(kept, n));
	else
		msg_del_at(m, i);
}

void hop_upgraded(struct msg *m)
{
	for (int i = msg_find_id(m, FIELD_CONNECTION, 0); i >= 0; i = msg_find_id(m, FIELD_CONNECTION, i + 1))
		without_upgrade(m, i);
	drop(m, BIT(FIELD_UPGRADE) | BIT(FIELD_HTTP2_SETTINGS));
}

void hop_request(struct msg *m)
{
	hop(m, true);
}

void hop_response(struct msg *m)
{
	hop(m, false);
}
