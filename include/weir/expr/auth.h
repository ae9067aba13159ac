/* User lists: who may come in, by name and password, and which groups they are in. */
#ifndef WEIR_EXPR_AUTH_H
#define WEIR_EXPR_AUTH_H

#include "weir/base/list.h"
#include "weir/base/str.h"

struct ul_user {
	struct list link;		/* in userlist->users */
	struct str name;
	struct str password;		/* plain, or as crypt(3) made it (NUL-terminated too) */
	bool crypted;
	struct str groups;		/* names with commas between, as the user's line says; may be empty */
};
struct ul_group {
	struct list link;		/* in userlist->groups */
	struct str name;
	struct str users;		/* names with commas between; may be empty */
};
/* Made by the loader, sealed after it. */
struct userlist {
	struct list link;
	struct str name;
	struct list users, groups;
	const char *file;
	int line;
};

/* NULL: no such user or another password. Takes as long as crypt(3) does. */
const struct ul_user *userlist_check(const struct userlist *l, struct str name, struct str password);
/* Is the user in that group (named by either's line)? */
bool userlist_in_group(const struct userlist *l, const struct ul_user *u, struct str group);

#endif
