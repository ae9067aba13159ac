/* User lists and the credentials that requests bring (RFC 7617, RFC 6750). */
#include "fetch_priv.h"
#include "weir/expr/auth.h"
#include "weir/http/auth.h"

const struct ul_user *userlist_check(const struct userlist *l, struct str name, struct str password)
{
	const struct ul_user *u;

	list_each(u, &l->users, link)
		if (str_eq(u->name, name))
			return auth_password_ok(password, u->password, u->crypted) ? u : NULL;
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

/* Authorization (Proxy-Authorization of a proxied request), or the field that the caller names. */
static bool read_field(struct xctx *x, struct sample *out, struct str field, struct auth *a)
{
	const struct msg *m = fetch_msg(x, out, X_REQ);
	int i;

	if (!m)
		return false;
	i = field.n ? msg_find(m, field, 0) : msg_find_id(m, msg_auth_field(m), 0);
	return i >= 0 && auth_read(field_value_str(&m->f[i]), x->mem, a);
}

static bool read_basic(struct xctx *x, struct sample *out, struct auth *a)
{
	return read_field(x, out, STR_NONE, a) && a->type == AUTH_BASIC;
}

enum { GIVE_TYPE, GIVE_USER, GIVE_PASS };

static bool fetch_part(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct auth a;

	if (row->priv == GIVE_TYPE) {
		if (!read_field(x, out, STR_NONE, &a))
			return false;
		smp_set_str(out, a.type == AUTH_BASIC ? STR("Basic") : a.type == AUTH_BEARER ? STR("Bearer") : a.scheme,
			    SMP_F_CONST);
		return true;
	}
	if (!read_basic(x, out, &a))
		return false;
	smp_set_str(out, row->priv == GIVE_USER ? a.user : a.pass, 0);
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
	struct auth a;

	if (!read_field(x, out, args[0].type == ARG_END ? STR_NONE : args[0].s, &a) ||
	    a.type != AUTH_BEARER)
		return false;
	smp_set_str(out, a.credentials, SMP_F_CONST);
	return true;
}

static bool fetch_auth(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct auth a;

	if (!args[0].p || !read_basic(x, out, &a))
		return false;
	smp_set_bool(out, userlist_check(args[0].p, a.user, a.pass) != NULL);
	return true;
}

/* One group of the user after the other: the patterns of a condition are names of groups. */
static bool fetch_group(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct userlist *l = args[0].p;
	const struct ul_user *u = out->ctx.p;
	struct auth a;
	int i = 0;
	const struct ul_group *g;

	if (!u) {
		if (!l || !read_basic(x, out, &a))
			return false;
		u = userlist_check(l, a.user, a.pass);
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
	{ "http_auth",
	  fetch_auth,
	  { 1, { ARG_USERLIST } },
	  NULL,
	  SMP_BOOL,
	  USE_HRQHV,
	  "whether name and password are in a user list",
	  0 },
	{ "http_auth_bearer",
	  fetch_bearer,
	  { 0, { ARG_STR } },
	  check_bearer,
	  SMP_STR,
	  USE_HRQHV,
	  "the token of the Bearer scheme, from Authorization or the field named",
	  0 },
	{ "http_auth_group",
	  fetch_group,
	  { 1, { ARG_USERLIST } },
	  NULL,
	  SMP_STR,
	  USE_HRQHV,
	  "the user, when the password is right; a condition sees the user's groups",
	  0 },
	{ "http_auth_pass",
	  fetch_part,
	  { 0 },
	  NULL,
	  SMP_STR,
	  USE_HRQHV,
	  "the password of the Basic scheme",
	  GIVE_PASS },
	{ "http_auth_type", fetch_part, { 0 }, NULL, SMP_STR, USE_HRQHV, "the authentication scheme", GIVE_TYPE },
	{ "http_auth_user", fetch_part, { 0 }, NULL, SMP_STR, USE_HRQHV, "the name of the Basic scheme", GIVE_USER },
};
