/* Sections userlist. What the users' names and passwords are good for is in expr/auth.h. */
#include <crypt.h>

#include "model.h"
#include "rows.h"
#include "weir/model/sections.h"

struct userlist *conf_userlist(const struct conf *c, struct str name)
{
	struct userlist *l;

	list_each(l, &c->userlists, link)
		if (str_eq(l->name, name))
			return l;
	return NULL;
}

static const struct ul_user *find_user(const struct userlist *l, struct str name)
{
	const struct ul_user *u;

	list_each(u, &l->users, link)
		if (str_eq(u->name, name))
			return u;
	return NULL;
}

/* --- the section --- */

bool begin_userlist(struct kw_call *k)
{
	struct conf *c = kw_conf(k);
	struct userlist *l;
	struct str name;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'userlist' expects <name> as arguments.");
	name = k->w[k->at++];
	l = arena_new(k->mem, struct userlist);
	list_init(&l->users);
	list_init(&l->groups);
	l->name = name;
	l->file = k->file;
	l->line = k->line;
	if (conf_userlist(c, name))
		kw_warn(k, 1, "ignoring duplicated userlist '" STR_FMT "'.", STR_ARG(name));
	else
		list_push(&c->userlists, &l->link);
	k->ld->obj = l;
	return true;
}

static bool parse_group(struct kw_call *k)
{
	struct userlist *l = k->obj;
	struct ul_group *g, *other;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'group' expects <name> as arguments.");
	g = arena_new(k->mem, struct ul_group);
	g->name = k->w[k->at++];
	if (kw_take_if(k, "users")) {
		g->users = kw_peek(k);
		k->at += kw_more(k);
	} else if (kw_more(k)) {
		return kw_err(k, k->at, "'group' only supports 'users' option.");
	}
	list_each(other, &l->groups, link)
		if (str_eq(other->name, g->name)) {
		kw_warn(k, 1, "ignoring duplicated group '" STR_FMT "' in userlist '" STR_FMT "'.", STR_ARG(g->name),
			STR_ARG(l->name));
		return true;
		}
	list_push(&l->groups, &g->link);
	return true;
}

/* Only the salt is looked at: trying it could take as long as it says. */
static bool crypt_knows(struct str pass)
{
	int salt = crypt_checksalt(pass.p);

	return salt == CRYPT_SALT_OK || salt == CRYPT_SALT_METHOD_LEGACY || salt == CRYPT_SALT_TOO_CHEAP;
}

static bool user_option(struct kw_call *k, struct ul_user *u)
{
	if (kw_take_if(k, "groups")) {
		u->groups = kw_peek(k);
	} else if (kw_take_if(k, "insecure-password")) {
		u->password = kw_peek(k);
	} else if (kw_take_if(k, "password")) {
		u->password = kw_peek(k);
		u->crypted = true;
		if (!crypt_knows(u->password))
			return kw_err(k, k->at,
				      "the encrypted password used for user '" STR_FMT "' is not supported by "
										       "crypt(3).",
				      STR_ARG(u->name));
	} else {
		return kw_err(k, k->at, "'user' only supports 'password', 'insecure-password' and 'groups' options.");
	}
	k->at += kw_more(k);
	return true;
}

static bool parse_user(struct kw_call *k)
{
	struct userlist *l = k->obj;
	struct ul_user *u;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'user' expects <name> as arguments.");
	u = arena_new(k->mem, struct ul_user);
	u->name = k->w[k->at++];
	while (kw_more(k))
		if (!user_option(k, u))
			return false;
	if (find_user(l, u->name))
		kw_warn(k, 1, "ignoring duplicated user '" STR_FMT "' in userlist '" STR_FMT "'.", STR_ARG(u->name),
		        STR_ARG(l->name));
	else
		list_push(&l->users, &u->link);
	return true;
}

/* Groups that users name must be declared. */
static bool check_user(struct loader *ld, const struct userlist *l, const struct ul_user *u)
{
	struct str rest = u->groups;
	bool ok = true;

	while (rest.p) {
		struct str name = str_cut(&rest, ',');
		const struct ul_group *g;
		bool found = false;

		list_each(g, &l->groups, link)
			found |= str_eq(g->name, name);
		if (!found)
			ok = loader_err(ld,
					"userlist '" STR_FMT "': no such group '" STR_FMT "' specified in user "
											  "'" STR_FMT "'",
					STR_ARG(l->name), STR_ARG(name), STR_ARG(u->name));
	}
	return ok;
}

bool userlists_check(struct loader *ld, const struct conf *c)
{
	const struct userlist *l;
	const struct ul_user *u;
	const struct ul_group *g;
	bool ok = true;

	list_each(l, &c->userlists, link) {
		list_each(u, &l->users, link)
			ok &= check_user(ld, l, u);
		list_each(g, &l->groups, link) {
			struct str rest = g->users;

			while (rest.p) {
				struct str name = str_cut(&rest, ',');

				if (!find_user(l, name))
					ok = loader_err(ld,
							"userlist '" STR_FMT "': no such user '" STR_FMT
							"' specified in group '" STR_FMT "'",
							STR_ARG(l->name), STR_ARG(name), STR_ARG(g->name));
			}
		}
	}
	return ok;
}

const struct kw model_userlist[MODEL_USERLIST] = {
	{ "group", KW_USERLIST, .type = KT_PARSE, .parse = parse_group, .args = "<name> [users <user>,...]",
	  .help = "a group of users" },
	{ "user", KW_USERLIST, .type = KT_PARSE, .parse = parse_user,
	  .args = "<name> [password|insecure-password <password>] [groups <group>,...]", .help = "a user" },
};
