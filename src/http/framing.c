#include "weir/http/framing.h"

#include "weir/http/chars.h"
#include "weir/base/obj.h"
#include "weir/http/h2c.h"
#include "weir/http/hop.h"
#include "weir/http/host.h"

enum { CONN_CLOSE = 1, CONN_KEEP_ALIVE = 2, CONN_UPGRADE = 4 };

/* What the fields that concern the connection say, collected in one pass. */
struct seen {
	bool length, codings, chunked, other_coding;
	bool upgrade;
	unsigned connection;
	uint64_t len;
	int length_at, codings_at;	/* first field of each */
};

/* ---- Content-Length ------------------------------------------------------------------------ */

static bool one_length(struct str s, uint64_t *len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!http_is_digit(s.p[i]) || v > (uint64_t)INT64_MAX / 10)
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*len = v;
	return s.n > 0 && v <= INT64_MAX;
}

bool framing_length(struct str value, uint64_t *len)
{
	uint64_t other;

	if (!one_length(str_trim(str_cut(&value, ',')), len))
		return false;
	while (value.p)
		if (!one_length(str_trim(str_cut(&value, ',')), &other) || other != *len)
			return false;
	return true;
}

static void put_length(struct msg *m, int i, uint64_t len)
{
	msg_set_value(m, i, arena_printf(m->mem, "%llu", (unsigned long long)len));
}

/* One number without zeros in front, which is the rule. */
static bool canonical_length(struct str v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!http_is_digit(v.p[i]))
			return false;
	return v.n == 1 || (v.n && v.p[0] != '0');
}

/* The value as one canonical number, when it was written otherwise. */
static void tidy_length(struct msg *m, int i, uint64_t len)
{
	if (!canonical_length(field_value_str(&m->f[i])))
		put_length(m, i, len);
}

static bool see_length(struct msg *m, int i, struct seen *s)
{
	uint64_t len;

	if (!framing_length(field_value_str(&m->f[i]), &len) || (s->length && len != s->len))
		return false;
	if (s->length) {
		msg_del_at(m, i);
		return true;
	}
	s->length = true;
	s->length_at = i;
	s->len = len;
	tidy_length(m, i, len);
	return true;
}

/* ---- Transfer-Encoding --------------------------------------------------------------------- */

/* Every element counts, empty ones too: what another reader might skip or not is not guessed at. */
static bool see_codings(struct msg *m, int i, struct seen *s)
{
	struct str rest = field_value_str(&m->f[i]);

	do {
		struct str coding = str_trim(str_cut(&rest, ','));

		if (!http_all_token(coding) || s->chunked)
			return false;
		if (str_ieq(coding, STR("chunked")))
			s->chunked = true;
		else
			s->other_coding = true;
	} while (rest.p);
	if (s->codings)
		msg_del_at(m, i);
	else
		s->codings_at = i;
	s->codings = true;
	return true;
}

/* ---- the pass ------------------------------------------------------------------------------ */

static void see_connection(const struct field *f, struct seen *s)
{
	struct str rest = field_value_str(f);

	do {
		struct str option = str_trim(str_cut(&rest, ','));

		if (str_ieq(option, STR("close")))
			s->connection |= CONN_CLOSE;
		else if (str_ieq(option, STR("keep-alive")))
			s->connection |= CONN_KEEP_ALIVE;
		else if (str_ieq(option, STR("upgrade")))
			s->connection |= CONN_UPGRADE;
	} while (rest.p);
}

static bool look(struct msg *m, struct seen *s, struct fault *f)
{
	unsigned status = m->is_response ? 502 : 400;

	for (int i = 0; i < m->nf; i++) {
		if (m->f[i].flags & FIELD_F_DELETED)
			continue;
		switch (m->f[i].id) {
		case FIELD_CONTENT_LENGTH:
			if (!see_length(m, i, s))
				return fault_set(f, status, "h1-bad-content-length", 0);
			break;
		case FIELD_TRANSFER_ENCODING:
			if (!see_codings(m, i, s))
				return fault_set(f, status, "h1-bad-transfer-encoding", 0);
			break;
		case FIELD_CONNECTION:
			see_connection(&m->f[i], s);
			break;
		case FIELD_UPGRADE:
			s->upgrade = true;
			break;
		case FIELD_EXPECT:
			if (m->minor > 0 && str_ieq(field_value_str(&m->f[i]), STR("100-continue")))
				m->flags |= MSG_EXPECT_100;
			break;
		}
	}
	if (s->codings && !s->chunked)
		return fault_set(f, status, "h1-chunked-not-last", 0);
	if (s->other_coding)
		return fault_set(f, m->is_response ? 502 : 422, "h1-unknown-transfer-coding", 0);
	return true;
}

static void drop_framing(struct msg *m, struct seen *s)
{
	if (s->length)
		msg_del_at(m, s->length_at);
	if (s->codings)
		msg_del_at(m, s->codings_at);
	s->length = s->codings = s->chunked = false;
}

/* RFC 9112 section 6.3, what is common to both directions; false: neither field says anything. */
static bool body_by_fields(struct msg *m, struct seen *s)
{
	if (s->chunked) {
		if (s->length)
			msg_del_at(m, s->length_at);
		if (s->length || m->minor == 0)
			m->flags |= MSG_CLOSE_AFTER;
		if (!str_eq(field_value_str(&m->f[s->codings_at]), STR("chunked")))
			msg_set_value(m, s->codings_at, STR("chunked"));
		m->body = BODY_CHUNKED;
	} else if (s->length) {
		m->flags |= MSG_HAS_LENGTH;
		m->body_len = s->len;
		m->body = s->len ? BODY_LENGTH : BODY_NONE;
	}
	return s->chunked || s->length;
}

static void persistence(struct msg *m, const struct seen *s)
{
	bool asked = m->minor > 0 || s->connection & CONN_KEEP_ALIVE;

	if (asked && !(s->connection & CONN_CLOSE) && !(m->flags & MSG_CLOSE_AFTER))
		m->flags |= MSG_KEEP_ALIVE;
}

/* ---- requests ------------------------------------------------------------------------------ */

/* The client's first choice among what can be done decides (RFC 9110 section 7.8). */
static bool upgrade(struct msg *m, const struct framing_opts *o, struct fault *f)
{
	struct field_iter it = { 0 };
	struct str token;

	while (!(m->flags & MSG_UPGRADE) && msg_next_token(m, FIELD_UPGRADE, &it, &token)) {
		if (str_eq(token, STR("h2c")) && h2c_valid_request(m)) {
			m->flags |= MSG_H2C_ASKED;
		} else if (hop_may_relay(token, o->any_upgrade)) {
			m->flags |= MSG_UPGRADE;
			m->protocol = token;
		}
	}
	if (!(m->flags & MSG_UPGRADE) || !str_ieq(m->protocol, STR("websocket")))
		return true;
	m->flags |= MSG_WEBSOCKET;
	return msg_has(m, FIELD_SEC_WEBSOCKET_KEY) || fault_set(f, 400, "h1-websocket-without-key", 0);
}

/* Old servers do not look for one there: what it holds could pass for a request. */
static bool rarely_has_body(enum method method)
{
	return method == METHOD_GET || method == METHOD_HEAD || method == METHOD_DELETE;
}

bool framing_request(struct msg *m, const struct framing_opts *o, struct fault *f)
{
	struct seen s = { 0 };

	WASSERT(!m->is_response && m->major == 1);
	if (!look(m, &s, f) || !host_check(m, o->accept_unsafe, f))
		return false;
	m->body = BODY_NONE;
	if (m->method == METHOD_CONNECT) {	/* what follows is the tunnel */
		if (s.length || s.codings)
			m->flags |= MSG_CLOSE_AFTER;
		drop_framing(m, &s);
	}
	body_by_fields(m, &s);
	if (m->body != BODY_NONE && m->minor == 0 && !o->any_body && rarely_has_body(m->method))
		return fault_set(f, 413, "h1-body-of-old-get", 0);
	persistence(m, &s);
	if (s.upgrade && s.connection & CONN_UPGRADE && m->minor > 0 && m->method != METHOD_CONNECT)
		return upgrade(m, o, f);
	return true;
}

/* ---- responses ----------------------------------------------------------------------------- */

static bool switching(struct msg *m, const struct framing_asked *asked, const struct seen *s, struct fault *f)
{
	if (asked->upgrade.n == 0)
		return fault_set(f, 502, "h1-unasked-101", 0);
	if (m->minor == 0 || !(s->connection & CONN_UPGRADE) || !msg_has_token(m, FIELD_UPGRADE, asked->upgrade))
		return fault_set(f, 502, "h1-101-other-protocol", 0);
	m->flags |= MSG_UPGRADE;
	m->protocol = asked->upgrade;
	m->body = BODY_TUNNEL;
	if (!str_ieq(asked->upgrade, STR("websocket")))
		return true;
	m->flags |= MSG_WEBSOCKET;
	return msg_has(m, FIELD_SEC_WEBSOCKET_ACCEPT) || fault_set(f, 502, "h1-websocket-without-accept", 0);
}

/* NTLM, Negotiate and Nego2 authenticate the connection, not the request. */
static bool bound_challenge(const struct msg *m)
{
	enum field_id id = m->status == 401 ? FIELD_WWW_AUTHENTICATE : FIELD_OTHER;
	struct str name = id == FIELD_OTHER ? STR("proxy-authenticate") : field_name(id);

	for (int i = msg_find(m, name, 0); i >= 0; i = msg_find(m, name, i + 1)) {
		struct str v = field_value_str(&m->f[i]);

		if (str_ieq(str_head(v, 4), STR("NTLM")) || str_ieq(str_head(v, 4), STR("Nego")))
			return true;
	}
	return false;
}

bool framing_response(struct msg *m, const struct framing_asked *asked, struct fault *f)
{
	bool informal = m->status < 200, connected = asked->method == METHOD_CONNECT && m->status / 100 == 2;
	bool bodyless = m->status == 204 || m->status == 304 || asked->method == METHOD_HEAD;
	struct seen s = { 0 };

	WASSERT(m->is_response && m->major == 1);
	if (!look(m, &s, f))
		return false;
	m->body = BODY_NONE;
	if (informal || connected || m->status == 204)
		drop_framing(m, &s);
	if (m->status == 101)
		return switching(m, asked, &s, f);
	if (connected)
		m->body = BODY_TUNNEL;
	else if (!informal && !body_by_fields(m, &s) && !bodyless)
		m->body = BODY_CLOSE;
	if (bodyless)
		m->body = BODY_NONE;
	if (m->status == 401 || m->status == 407)
		m->flags |= bound_challenge(m) ? MSG_NTLM : 0;
	if (m->body != BODY_CLOSE && m->body != BODY_TUNNEL)
		persistence(m, &s);
	return true;
}

/* ---- for others ---------------------------------------------------------------------------- */

void framing_set_length(struct msg *m, uint64_t len)
{
	int i = msg_find_id(m, FIELD_CONTENT_LENGTH, 0);

	msg_del_id(m, FIELD_TRANSFER_ENCODING);
	if (i < 0)
		msg_add_id(m, FIELD_CONTENT_LENGTH, STR_NONE), i = m->nf - 1;
	for (int j; (j = msg_find_id(m, FIELD_CONTENT_LENGTH, i + 1)) >= 0;)
		msg_del_at(m, j);
	put_length(m, i, len);
	m->body = len ? BODY_LENGTH : BODY_NONE;
	m->body_len = len;
	m->flags |= MSG_HAS_LENGTH;
}

void framing_set_chunked(struct msg *m)
{
	msg_del_id(m, FIELD_CONTENT_LENGTH);
	msg_del_id(m, FIELD_TRANSFER_ENCODING);
	msg_add_id(m, FIELD_TRANSFER_ENCODING, STR("chunked"));
	m->body = BODY_CHUNKED;
	m->body_len = 0;
	m->flags &= ~(uint32_t)MSG_HAS_LENGTH;
}

bool framing_trailer_ok(const struct field *f)
{
	static const struct str by_name[] = {
		STR_INIT("proxy-authenticate"), STR_INIT("authentication-info"), STR_INIT("proxy-authentication-info"),
		STR_INIT("content-range"), STR_INIT("max-forwards"), STR_INIT("retry-after"), STR_INIT("pragma"),
		STR_INIT("if-match"), STR_INIT("if-unmodified-since"), STR_INIT("if-range"),
		STR_INIT("x-forwarded-host"), STR_INIT("x-forwarded-proto"), STR_INIT("x-forwarded-port"),
		STR_INIT("x-real-ip"), STR_INIT("x-original-url"), STR_INIT("x-rewrite-url"),
	};

	switch (f->id) {
	case FIELD_OTHER:
		for (size_t i = 0; i < ARRAY_LEN(by_name); i++)
			if (str_eq(field_name_str(f), by_name[i]))
				return false;
		return true;
	case FIELD_ETAG:
	case FIELD_SERVER:
	case FIELD_LINK:
	case FIELD_LAST_MODIFIED:
	case FIELD_PRIORITY:
		return true;
	default:
		return false;
	}
}
