/* Persistence by cookie: which server a request names, and what the answer tells the client. */
#include "weir/stream/persist.h"
#include "weir/base/hash.h"
#include "weir/base/sbuf.h"
#include "weir/http/cookie.h"
#include "stream_priv.h"

#define DATE_LEN 5	/* a date in the cookie: 30 bits, units of four seconds */
#define AHEAD_MAX 86400	/* s that a date may be in the future */
#define DELIM '~'	/* between the server and the application's value in prefix mode */

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* --- values --- */

/* What the cookie says for a server. */
static struct str cookie_of(struct stream *s, const struct srv *srv)
{
	return srv_cookie(srv, arena_bytes(s->mem, SRV_COOKIE_DYN));
}

/* The date at the begin of text, whatever follows. 0: there is none. */
static uint32_t date_read(struct str text)
{
	uint32_t v = 0;

	if (text.n < DATE_LEN)
		return 0;
	for (size_t i = 0; i < DATE_LEN; i++) {
		const char *p = memchr(b64, text.p[i], 64);

		if (!p)
			return 0;
		v = v << 6 | (uint32_t)(p - b64);
	}
	return v;
}

static void date_write(struct sbuf *b, uint32_t date)
{
	for (int shift = 24; shift >= 0; shift -= 6)
		sbuf_putc(b, b64[date >> shift & 63]);
}

static uint32_t date_now(void)
{
	return (uint32_t)((loop_wall().s + 3) >> 2) & 0x3fffffff;
}

/* Seconds since a date of a cookie; negative: it is to come. */
static int64_t age_of(uint32_t date)
{
	return (int32_t)((uint32_t)loop_wall().s - date * 4);
}

/* Is a date too old (`old` says how), or further ahead than clocks may differ? */
static bool gone_by(struct stream *s, uint32_t date, unsigned max, char old)
{
	int64_t age = age_of(date);

	if (!max || !date || (age <= (int64_t)max && age >= -AHEAD_MAX))
		return false;
	s->cookie_in = (uint8_t)old;
	s->cookie_last = s->cookie_first = 0;
	return true;
}

/* Dates behind the server's value: "srv|last seen|first seen". False: not to be believed any more. */
static bool dates_fresh(struct stream *s, struct str rest)
{
	const struct cookie_words *c = &s->be->cookie;
	struct str last = str_cut(&rest, '|');

	s->cookie_last = date_read(last);
	if (rest.p)
		s->cookie_first = date_read(rest);
	return !gone_by(s, s->cookie_last, c->maxidle, 'E') && !gone_by(s, s->cookie_first, c->maxlife, 'O');
}

/* --- requests --- */

/* The first server of that name that can be used, or must be. */
static struct srv *usable_one(struct stream *s, struct str name)
{
	struct srv_by_cookie it = { 0 };
	struct srv *srv;

	while ((srv = srv_by_cookie(s->bel, name, &it))) {
		bool up = srv->state != SRV_ST_STOPPED;

		s->cookie_in = up ? 'V' : 'D';
		if (up || s->flags & ST_FORCE_PERSIST || s->be->options & PO_PERSIST)
			return srv;
	}
	return NULL;
}

static bool undecided(const struct stream *s)
{
	return s->cookie_in != 'D' && s->cookie_in != 'E' && s->cookie_in != 'O';
}

/* What a cookie of the backend's name says: it may be the one, if none was before. */
static void judge(struct stream *s, struct str name, struct srv **found)
{
	bool ignored = s->flags & (ST_IGNORE_PERSIST | ST_ASSIGNED);

	if (*found)
		return;
	if (name.n && !ignored)
		*found = usable_one(s, name);
	if (!*found && undecided(s))
		s->cookie_in = ignored ? 'U' : 'I';
}

/* The server's part of a value; rest.p is NULL when there is no other part. */
static struct str server_part(struct stream *s, struct str value, struct str *rest)
{
	bool prefix = s->be->cookie.mode == COOKIE_PREFIX;
	struct str head;

	*rest = value;
	head = str_cut(rest, prefix ? DELIM : '|');
	if (!prefix && rest->p && !dates_fresh(s, *rest))
		head.n = 0;
	return head;
}

/* "a = b" becomes "a=b". */
static void tidy(struct stream *s, struct cookie *ck, struct cookie_iter *it)
{
	uint32_t n = (uint32_t)(ck->name.n + 1 + ck->value.n);

	if (ck->to - ck->from == n || !ck->value.n)
		return;
	cookie_set_value(s->req, ck, ck->value);
	it->off -= ck->to - ck->from - n;
	ck->to = ck->from + n;
}

struct srv *persist_server(struct stream *s)
{
	const struct cookie_words *c = &s->be->cookie;
	bool hide = c->mode == COOKIE_INSERT && c->flags & CK_INDIRECT;
	struct cookie_iter it = { 0 };
	struct srv *found = NULL;
	struct cookie ck;

	if (!c->name.n)
		return NULL;
	s->cookie_in = 'N';
	while (cookie_next(s->req, &it, &ck)) {
		struct str rest, name;

		tidy(s, &ck, &it);
		if (!str_eq(ck.name, c->name))
			continue;
		name = server_part(s, ck.value, &rest);
		judge(s, name, &found);
		if (c->mode == COOKIE_PREFIX && rest.p) {
			cookie_set_value(s->req, &ck, rest);
			it.off -= (uint32_t)(ck.value.n - rest.n);
		} else if (hide) {
			cookie_delete(s->req, &ck);
			it = (struct cookie_iter){ .index = it.index };
		}
	}
	return found;
}

/* --- answers --- */

static bool dates_change(const struct stream *s)
{
	const struct cookie_words *c = &s->be->cookie;

	if ((c->maxidle || s->cookie_last) && (!s->cookie_last || age_of(s->cookie_last) > 0))
		return true;
	return !!c->maxlife != !!s->cookie_first;
}

static bool wants_insert(const struct stream *s, bool found)
{
	const struct cookie_words *c = &s->be->cookie;

	if (c->mode != COOKIE_INSERT || !s->srv || s->flags & ST_IGNORE_PERSIST || (found && c->flags & CK_PRESERVE))
		return false;
	if (c->flags & CK_POSTONLY && s->req->method != METHOD_POST)
		return false;
	return !(s->flags & ST_DIRECT) || dates_change(s);
}

/* Of a server without one the client shall forget what it has. */
static void insert(struct stream *s)
{
	const struct cookie_words *c = &s->be->cookie;
	struct str value = cookie_of(s, s->srv);
	size_t max = c->name.n + value.n + c->domain.n + c->attr.n + 128;
	struct sbuf b = sbuf_fixed(arena_bytes(s->mem, max), max);

	sbuf_puts(&b, c->name);
	sbuf_putc(&b, '=');
	sbuf_puts(&b, value);
	if (value.n && (c->maxidle || c->maxlife)) {
		sbuf_putc(&b, '|');
		date_write(&b, date_now());
		if (c->maxlife) {
			sbuf_putc(&b, '|');
			date_write(&b, s->cookie_first ? s->cookie_first : date_now());
		}
	}
	sbuf_putz(&b, value.n ? "; path=/" : "; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/");
	sbuf_puts(&b, c->domain);
	sbuf_putz(&b, c->flags & CK_HTTPONLY ? "; HttpOnly" : "");
	sbuf_putz(&b, c->flags & CK_SECURE ? "; Secure" : "");
	sbuf_puts(&b, c->attr);
	msg_add_id(s->res, FIELD_SET_COOKIE, sbuf_str(&b));
	s->cookie_out = value.n && s->flags & ST_DIRECT ? 'U' : 'I';
	/* What carries a server's name must not be answered to somebody else. */
	if (c->flags & CK_NOCACHE && stream_may_be_stored(s))
		msg_add_id(s->res, FIELD_CACHE_CONTROL, STR("private"));
}

/* A cookie of that name that the server itself sets. True: it is gone. */
static bool edit(struct stream *s, const struct cookie *ck)
{
	const struct cookie_words *c = &s->be->cookie;
	struct str value = s->srv ? cookie_of(s, s->srv) : STR_NONE;

	s->cookie_out = 'P';
	if (c->flags & CK_PRESERVE)
		return false;
	if ((c->mode == COOKIE_INSERT && s->srv) || (s->flags & ST_DIRECT && c->flags & CK_INDIRECT)) {
		msg_del_at(s->res, ck->field);
		s->cookie_out = 'D';
		return true;
	}
	if (!value.n || (c->mode != COOKIE_REWRITE && c->mode != COOKIE_PREFIX))
		return false;
	if (c->mode == COOKIE_PREFIX)
		value = arena_printf(s->mem, "%.*s%c%.*s", STR_ARG(value), DELIM, STR_ARG(ck->value));
	cookie_set_value(s->res, ck, value);
	s->cookie_out = 'R';
	return false;
}

void persist_answer(struct stream *s)
{
	const struct cookie_words *c = &s->be->cookie;
	struct cookie_iter it = { 0 };
	bool found = false;
	struct cookie ck;

	if (!c->name.n)
		return;
	s->cookie_out = 'N';
	while (set_cookie_next(s->res, &it, &ck)) {
		it = (struct cookie_iter){ .index = ck.field + 1 };	/* one in each field counts */
		if (!str_eq(ck.name, c->name))
			continue;
		if (edit(s, &ck))
			it.index--;
		found = s->cookie_out == 'P' || s->cookie_out == 'R';
	}
	if (wants_insert(s, found))
		insert(s);
}
