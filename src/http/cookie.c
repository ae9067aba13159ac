#include "weir/http/cookie.h"

#include "weir/http/chars.h"
#include "weir/base/obj.h"

/* A pair ends at a semicolon, or at a comma where a field was folded into another. */
static size_t pair_end(struct str v, size_t off)
{
	return http_unquoted(v, off, ';', ',');
}

/* The pair in [from, to) of v; false when there is none. */
static bool read_pair(struct str v, size_t from, size_t to, struct cookie *c)
{
	struct str pair = str_trim(str_make(v.p + from, to - from));
	size_t eq = str_chr(pair, '=');

	if (eq == (size_t)-1)
		return false;
	c->name = str_trim(str_head(pair, eq));
	c->value = str_trim(str_skip(pair, eq + 1));
	c->from = pair.p - v.p;
	c->to = c->from + pair.n;
	return true;
}

/* One pair of the fields with that id; in Set-Cookie what follows a ';' are attributes and nothing else. */
static bool next_pair(const struct msg *m, enum field_id id, struct cookie_iter *it, struct cookie *c)
{
	for (int i; (i = msg_find_id(m, id, it->index)) >= 0; it->index = i + 1, it->off = 0) {
		struct str v = field_value_str(&m->f[i]);

		if (i != it->index)
			it->off = 0;
		it->index = i;
		while (it->off < v.n) {
			size_t from = it->off, end = pair_end(v, from);
			bool attrs = id == FIELD_SET_COOKIE && end < v.n && v.p[end] == ';';

			*c = (struct cookie){ .field = i };
			if (attrs)
				c->attrs = str_skip(v, end + 1);
			it->off = attrs ? v.n : end + 1;
			if (read_pair(v, from, end, c))
				return true;
		}
	}
	return false;
}

bool cookie_next(const struct msg *m, struct cookie_iter *it, struct cookie *c)
{
	return next_pair(m, FIELD_COOKIE, it, c);
}

bool set_cookie_next(const struct msg *m, struct cookie_iter *it, struct cookie *c)
{
	return next_pair(m, FIELD_SET_COOKIE, it, c);
}

static bool find(const struct msg *m, enum field_id id, struct str name, struct cookie *c)
{
	struct cookie_iter it = { 0 };

	while (next_pair(m, id, &it, c))
		if (str_eq(c->name, name))
			return true;
	return false;
}

bool cookie_find(const struct msg *m, struct str name, struct cookie *c)
{
	return find(m, FIELD_COOKIE, name, c);
}

bool set_cookie_find(const struct msg *m, struct str name, struct cookie *c)
{
	return find(m, FIELD_SET_COOKIE, name, c);
}

bool set_cookie_attr(const struct cookie *c, struct str name, struct str *value)
{
	struct str rest = c->attrs;

	while (rest.n) {
		struct str attr = str_cut(&rest, ';');
		size_t eq = str_chr(attr, '=');

		if (!str_ieq(str_trim(str_head(attr, eq)), name))
			continue;
		*value = eq == (size_t)-1 ? STR("") : str_trim(str_skip(attr, eq + 1));
		return true;
	}
	return false;
}

/* ---- change -------------------------------------------------------------------------------- */

/* Only what RFC 2965 clients say about cookies ("$Version=1"), of no use without one? */
static bool only_notes(struct str v)
{
	for (size_t off = 0; off < v.n;) {
		size_t end = pair_end(v, off);
		struct str part = str_trim(str_make(v.p + off, end - off));

		if (part.n && part.p[0] != '$')
			return false;
		off = end + 1;
	}
	return true;
}

/* Without the separators and blanks at its end. */
static struct str cut_tail(struct str s)
{
	while (s.n && (http_is_ows(s.p[s.n - 1]) || s.p[s.n - 1] == ';' || s.p[s.n - 1] == ','))
		s.n--;
	return s;
}

static struct str cut_front(struct str s)
{
	while (s.n && (http_is_ows(s.p[0]) || s.p[0] == ';' || s.p[0] == ','))
		s = str_skip(s, 1);
	return s;
}

/* The separator that stands between what is kept and the pair. */
static char separator(struct str v, size_t kept, size_t from)
{
	for (size_t i = kept; i < from; i++)
		if (v.p[i] == ';' || v.p[i] == ',')
			return v.p[i];
	return ';';
}

void cookie_delete(struct msg *m, const struct cookie *c)
{
	struct str v = field_value_str(&m->f[c->field]), before = cut_tail(str_head(v, c->from));
	/* the attributes of a Set-Cookie go with it */
	struct str after = c->attrs.p ? STR_NONE : cut_front(str_skip(v, c->to)), left;

	if (before.n && after.n)
		left = arena_printf(m->mem, STR_FMT "%c " STR_FMT, STR_ARG(before),
				    separator(v, before.n, c->from), STR_ARG(after));
	else
		left = before.n ? before : after;
	if (left.n == 0 || (m->f[c->field].id == FIELD_COOKIE && only_notes(left)))
		msg_del_at(m, c->field);
	else
		msg_set_value(m, c->field, left);
}

void cookie_set_value(struct msg *m, const struct cookie *c, struct str value)
{
	struct str v = field_value_str(&m->f[c->field]), after = str_skip(v, c->to);

	msg_set_value(m, c->field, arena_printf(m->mem, STR_FMT STR_FMT "=" STR_FMT STR_FMT, (int)c->from, v.p,
						STR_ARG(c->name), STR_ARG(value), STR_ARG(after)));
}

void cookie_insert(struct msg *m, struct str name, struct str value)
{
	int i = msg_find_id(m, FIELD_COOKIE, 0);
	struct str v = i >= 0 ? field_value_str(&m->f[i]) : STR(""), pair;

	pair = arena_printf(m->mem, STR_FMT "%s" STR_FMT "=" STR_FMT, STR_ARG(v), v.n ? "; " : "", STR_ARG(name),
			    STR_ARG(value));
	if (i >= 0)
		msg_set_value(m, i, pair);
	else
		msg_add_id(m, FIELD_COOKIE, pair);
}
