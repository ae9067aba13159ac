/* User lists and the credentials that requests bring (RFC 7617, RFC 6750). */
#include <crypt.h>
#include "fetch_priv.h"
#include "weir/base/enc.h"
#include "weir/expr/auth.h"

/* Takes the same time wherever the first difference lies. */
static bool same_secret(struct str a, struct str b)
{
	unsigned char diff = a.n != b.n;

	for (size_t i = 0; i < a.n && b.n; i++)
		diff |= (unsigned char)(a.p[i] ^ b.p[i % b.n]);
	return !diff;
}

static bool crypt_matches(struct str want, struct str password)
{
	struct crypt_data data;
	char z[512];
	const char *got;
	bool same;

	if (password.n >= sizeof(z) || str_chr(password, '\0') != (size_t)-1)
		return false;
	memset(&data, 0, sizeof(data));
	got = crypt_r(str_z(password, z, sizeof(z)), want.p, &data);
	same = got && same_secret(str_c(got), want);
	explicit_bzero(z, sizeof(z));
	explicit_bzero(&data, sizeof(data));
	return same;
}

const struct ul_user *userlist_check(const struct userlist *l, struct str name, struct str password)
{
	const struct ul_user *u;

	list_each(u, &l->users, link)
		if (str_eq(u->name, name))
			return (u->crypted ? crypt_matches(u->password, password) : same_secret(u->password, password)) ?
			       u : NULL;
	return NULL;
}

static bool in_list(struct str names, struct str name)
{
	while (names.p)
		if (str_eq(str_trim(str_cut(&names, ',')), name))
			return true;
	return false;
}

bool userlist_in_group(const struct userlist *l, const struct ul_user *u, struct str group)
{
	const struct ul_group *g;

	if (u->groups.n && in_list(u->groups, group))
		return true;
	list_each(g, &l->groups, link)
		if (str_eq(g->name, group) && g->users.n && in_list(g->users, u->name))
			return true;
	return false;
}

/* --- fetches --- */

struct credentials { struct str scheme, rest, user, pass; bool basic; };

/* Scheme and what follows it, of Authorization or of a field the caller names. */
static bool read_field(struct xctx *x, struct sample *out, struct str field, struct credentials *c)
{
	const struct msg *m = fetch_msg(x, out, X_REQ);
	struct str v;
	int i;

	if (!m)
		return false;
	i = field.n ? msg_find(m, field, 0) : msg_find_id(m, FIELD_AUTHORIZATION, 0);
	if (i < 0)
		return false;
	v = str_trim(field_value_str(&m->f[i]));
	c->rest = v;
	c->scheme = str_cut(&c->rest, ' ');
	c->rest = c->rest.p ? str_trim(c->rest) : STR("");
	return c->scheme.n != 0;
}

static bool read_basic(struct xctx *x, struct sample *out, struct credentials *c)
{
	struct sbuf b;
	size_t room;

	if (!read_field(x, out, STR_NONE, c) || !str_ieq(c->scheme, STR("Basic")))
		return false;
	room = c->rest.n / 4 * 3 + 4;
	b = sbuf_fixed(arena_bytes(x->mem, room), room);
	if (!base64_dec(&b, c->rest, BASE64_STD))
		return false;
	c->pass = sbuf_str(&b);
	if (str_chr(c->pass, ':') == (size_t)-1)
		return false;
	c->user = str_cut(&c->pass, ':');
	return true;
}

enum { AUTH_TYPE, AUTH_USER, AUTH_PASS };

static bool fetch_part(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct credentials c;

	if (row->priv == AUTH_TYPE) {
		if (!read_field(x, out, STR_NONE, &c))
			return false;
		if (str_ieq(c.scheme, STR("Basic")))
			c.scheme = STR("Basic");
		else if (str_ieq(c.scheme, STR("Bearer")))
			c.scheme = STR("Bearer");
		smp_set_str(out, c.scheme, SMP_F_CONST);
		return true;
	}
	if (!read_basic(x, out, &c))
		return false;
	smp_set_str(out, row->priv == AUTH_USER ? c.user : c.pass, 0);
	return true;
}

static bool check_bearer(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	if (n) {
		a[0].s = arena_str(sc->mem, a[0].s);
		str_lower((char *)(uintptr_t)a[0].s.p, a[0].s.n);
	}
	return true;
}

static bool fetch_bearer(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct credentials c;

	if (!read_field(x, out, args[0].type == ARG_END ? STR_NONE : args[0].s, &c) ||
	    !str_ieq(c.scheme, STR("Bearer")))
		return false;
	smp_set_str(out, c.rest, SMP_F_CONST);
	return true;
}

static bool fetch_auth(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct credentials c;

	if (!args[0].p || !read_basic(x, out, &c))
		return false;
	smp_set_bool(out, userlist_check(args[0].p, c.user, c.pass) != NULL);
	return true;
}

/* One group of the user after the other: the patterns of a condition are names of groups. */
static bool fetch_group(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct userlist *l = args[0].p;
	const struct ul_user *u = out->ctx.p;
	struct credentials c;
	int i = 0;
	const struct ul_group *g;

	if (!u) {
		if (!l || !read_basic(x, out, &c))
			return false;
		u = userlist_check(l, c.user, c.pass);
		if (!u)
			return false;
		if (!out->ctx.iterate) {
			smp_set_str(out, u->name, SMP_F_CONST);
			return true;
		}
	}
	out->ctx.p = (void *)(uintptr_t)u;
	list_each(g, &l->groups, link) {
		if (i++ < out->ctx.index || !userlist_in_group(l, u, g->name))
			continue;
		out->ctx.index = i;
		smp_set_str(out, g->name, SMP_F_CONST | SMP_F_MORE);
		return true;
	}
	return false;
}

const struct fetch_row fetch_auth_rows[FETCH_AUTH_ROWS] = {
	{ "http_auth", fetch_auth, { 1, { ARG_USERLIST } }, NULL, SMP_BOOL, USE_HRQHV,
	  "whether name and password are in a user list", 0 },
	{ "http_auth_bearer", fetch_bearer, { 0, { ARG_STR } }, check_bearer, SMP_STR, USE_HRQHV,
	  "the token of the Bearer scheme, from Authorization or the field named", 0 },
	{ "http_auth_group", fetch_group, { 1, { ARG_USERLIST } }, NULL, SMP_STR, USE_HRQHV,
	  "the user, when the password is right; a condition sees the user's groups", 0 },
	{ "http_auth_pass", fetch_part, { 0 }, NULL, SMP_STR, USE_HRQHV, "the password of the Basic scheme", AUTH_PASS },
	{ "http_auth_type", fetch_part, { 0 }, NULL, SMP_STR, USE_HRQHV, "the authentication scheme", AUTH_TYPE },
	{ "http_auth_user", fetch_part, { 0 }, NULL, SMP_STR, USE_HRQHV, "the name of the Basic scheme", AUTH_USER },
};
