/* Persistence by cookie: which server a request names, and what the answer tells the client. */
#include "weir/stream/persist.h"
#include "weir/base/hash.h"
#include "weir/base/sbuf.h"
#include "weir/http/cookie.h"

#define DATE_LEN 5	/* a date in the cookie: 30 bits, units of four seconds */
#define DELIM '~'	/* between the server and the application's value in prefix mode */

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* --- values --- */

/* What the cookie says for a server; dynamic ones are made of its address. */
static struct str cookie_of(struct stream *s, const struct srv *srv)
{
	const struct cookie_words *c = &s->be->cookie;
	char key[512];
	struct sbuf b = sbuf_fixed(key, sizeof(key));
	uint32_t port;

	if (srv->line->cookie.n || !(c->flags & CK_DYNAMIC) || !c->dyn_key.n)
		return srv->line->cookie;
	port = addr_port(&srv->addr);
	sbuf_puts(&b, c->dyn_key);
	if (addr_family(&srv->addr) == AF_INET)
		sbuf_put(&b, &srv->addr.in4.sin_addr, 4);
	else if (addr_family(&srv->addr) == AF_INET6)
		sbuf_put(&b, &srv->addr.in6.sin6_addr, 16);
	sbuf_put(&b, &port, sizeof(port));
	return arena_printf(s->mem, "%016llx", (unsigned long long)hash_xxh64(sbuf_str(&b), 0));
}

static struct srv *server_by_cookie(struct stream *s, struct str value)
{
	struct srv *srv;

	list_each(srv, &s->bel->servers, link) {
		struct str c = cookie_of(s, srv);

		if (c.n && str_eq(c, value))
			return srv;
	}
	return NULL;
}

static bool date_read(struct str text, uint32_t *date)
{
	uint32_t v = 0;

	if (text.n != DATE_LEN)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		const char *p = memchr(b64, text.p[i], 64);

		if (!p)
			return false;
		v = v << 6 | (uint32_t)(p - b64);
	}
	*date = v;
	return true;
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

/* Dates behind the server's value: "srv|last seen|first seen". False: too old to be believed (s->cookie_in says how).
 */
static bool dates_fresh(struct stream *s, struct str rest)
{
	const struct cookie_words *c = &s->be->cookie;
	struct str last = rest.p ? str_cut(&rest, '|') : STR_NONE;
	uint32_t now = date_now(), d;

	s->cookie_last = s->cookie_first = 0;
	if (date_read(last, &d))
		s->cookie_last = d;
	if (rest.p && date_read(str_cut(&rest, '|'), &d))
		s->cookie_first = d;
	if (c->maxidle && s->cookie_last && (int32_t)(now - s->cookie_last) * 4 > (int64_t)c->maxidle)
		s->cookie_in = 'E';
	else if (c->maxlife && s->cookie_first && (int32_t)(now - s->cookie_first) * 4 > (int64_t)c->maxlife)
		s->cookie_in = 'O';
	else if ((int32_t)(s->cookie_last - now) * 4 > 86400 && s->cookie_last)
		s->cookie_in = 'E';
	else
		return true;
	return false;
}

/* --- requests --- */

/* The server part of the value and what the application sees of it. */
static struct str server_part(const struct cookie_words *c, struct str value, struct str *rest)
{
	*rest = value;
	if (c->mode == COOKIE_PREFIX) {
		struct str head = str_cut(rest, DELIM);

		return rest->p ? head : STR_NONE;
	}
	if (c->mode == COOKIE_INSERT)
		return str_cut(rest, '|');
	rest->p = NULL;
	return value;
}

static struct srv *judge(struct stream *s, struct str name, struct str rest)
{
	struct srv *srv = server_by_cookie(s, name);

	if (s->be->cookie.mode == COOKIE_INSERT && !dates_fresh(s, rest))
		return NULL;
	if (!srv) {
		s->cookie_in = 'I';
		return NULL;
	}
	if (srv_usable(srv) || s->flags & ST_FORCE_PERSIST || s->be->options & PO_PERSIST) {
		s->cookie_in = srv_usable(srv) ? 'V' : 'D';
		s->flags |= ST_HAD_PERSIST;
		return srv;
	}
	s->cookie_in = 'D';
	return NULL;
}

struct srv *persist_server(struct stream *s)
{
	const struct cookie_words *c = &s->be->cookie;
	struct srv *srv = NULL;
	struct cookie ck;
	struct str name, rest;

	if (!c->name.n)
		return NULL;
	s->cookie_in = 'N';
	if (!cookie_find(s->req, c->name, &ck))
		return NULL;
	name = server_part(c, ck.value, &rest);
	if (s->flags & ST_IGNORE_PERSIST)
		s->cookie_in = 'U';
	else if (name.n)
		srv = judge(s, name, rest);
	if (c->mode == COOKIE_PREFIX && name.n)
		cookie_set_value(s->req, &ck, rest);
	else if (c->flags & CK_INDIRECT)
		cookie_delete(s->req, &ck);
	return srv;
}

/* --- answers --- */

static bool wants_insert(const struct stream *s, bool found)
{
	const struct cookie_words *c = &s->be->cookie;
	bool refresh;

	if (c->mode != COOKIE_INSERT || !s->srv || s->flags & ST_IGNORE_PERSIST || (found && c->flags & CK_PRESERVE))
		return false;
	if (c->flags & CK_POSTONLY && s->req->method != METHOD_POST)
		return false;
	refresh = (c->maxidle || s->cookie_last) && s->cookie_last != date_now();
	refresh = refresh || !!c->maxlife != !!s->cookie_first;
	return !(s->flags & ST_HAD_PERSIST) || !(s->flags & ST_DIRECT) || refresh;
}

/* personal: the answer set cookies of its own, so no cache will keep it anyway. */
static void insert(struct stream *s, bool personal)
{
	const struct cookie_words *c = &s->be->cookie;
	struct str value = cookie_of(s, s->srv);
	size_t max = c->name.n + value.n + c->domain.n + c->attr.n + 128;
	struct sbuf b = sbuf_fixed(arena_bytes(s->mem, max), max);

	if (!value.n && s->cookie_in == 'N')
		return;
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
	s->cookie_out = s->cookie_in == 'V' ? 'U' : 'I';
	/* What carries a server's name must not be answered to somebody else. */
	if (c->flags & CK_NOCACHE && !personal && !msg_has_token(s->res, FIELD_CACHE_CONTROL, STR("no-store")))
		msg_add_id(s->res, FIELD_CACHE_CONTROL, STR("private"));
}

/* A cookie of that name that the server itself sets. */
static void edit(struct stream *s, const struct cookie *ck)
{
	const struct cookie_words *c = &s->be->cookie;
	struct str value = s->srv ? cookie_of(s, s->srv) : STR_NONE;

	s->cookie_out = 'P';
	if (c->mode == COOKIE_REWRITE && value.n) {
		cookie_set_value(s->res, ck, value);
		s->cookie_out = 'R';
	} else if (c->mode == COOKIE_PREFIX && value.n) {
		cookie_set_value(s->res, ck,
				 arena_printf(s->mem, "%.*s%c%.*s", STR_ARG(value), DELIM, STR_ARG(ck->value)));
		s->cookie_out = 'R';
	} else if (c->mode == COOKIE_INSERT && !(c->flags & CK_PRESERVE)) {
		cookie_delete(s->res, ck);
		s->cookie_out = 'D';
	}
}

void persist_answer(struct stream *s)
{
	const struct cookie_words *c = &s->be->cookie;
	struct cookie ck;
	bool found, personal = msg_has(s->res, FIELD_SET_COOKIE);

	if (!c->name.n)
		return;
	s->cookie_out = 'N';
	found = set_cookie_find(s->res, c->name, &ck);
	if (found)
		edit(s, &ck);
	if (wants_insert(s, found))
		insert(s, personal);
}
