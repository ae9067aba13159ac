/* Userlists: names and passwords for http_auth() and `http-request auth`. Sealed after load. */
#ifndef WEIR_MODEL_USERLIST_H
#define WEIR_MODEL_USERLIST_H

#include "weir/model/conf.h"

struct ul_user {
	struct list link;
	struct str name, pass;
	bool insecure;			/* pass is the password itself, else what crypt(3) made of it */
	struct str groups;		/* as written: "a,b" */
};
struct ul_group { struct list link; struct str name, users; };
struct userlist {
	struct list link;		/* conf->userlists */
	struct str name;
	struct list users, groups;
};

struct userlist *conf_userlist(const struct conf *c, struct str name);
const struct ul_user *userlist_user(const struct userlist *l, struct str name);
/* Is this the user's password? Slow for crypted ones (that is their purpose). Any thread. */
bool ul_user_is(const struct ul_user *u, struct str password);
bool userlist_in_group(const struct userlist *l, const struct ul_user *u, struct str group);
/* The first group, in order of declaration, that the user is in; empty: none. */
struct str userlist_group_of(const struct userlist *l, const struct ul_user *u);

#endif
