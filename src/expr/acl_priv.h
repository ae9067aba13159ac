/* ACLs inside: shared by acl.c, acl_words.c, cond.c. */
#ifndef WEIR_ACL_PRIV_H
#define WEIR_ACL_PRIV_H

#include "expr_priv.h"
#include "weir/expr/pattern.h"

/* One test: an expression and what its values are compared with. */
struct acl_test {
	struct list link;
	const struct expr *expr;
	uint8_t kind;			/* enum pat_kind */
	uint8_t type;			/* values are cast to it; SMP_ANY: not */
	uint16_t nix;
	const struct pat_index **ix;	/* one for each file and one for the words of the line */
	struct str word;		/* keyword as written, for messages */
};

/* Tests that are ored. Grows while the section is read. */
struct acl {
	struct list link;		/* in the section's list; anonymous ones in none */
	struct str name;		/* empty: anonymous */
	struct list tests;
	uint32_t uses;			/* of any test */
};

struct cond_term {
	const struct acl *acl;
	bool neg, last;			/* last: of its conjunction */
};
struct cond {
	bool unless;
	int n;
	uint32_t uses;
	struct cond_term term[];
};

/* A criterion: the fetch behind an ACL keyword and how it is matched unless -m says otherwise. */
struct acl_word {
	const struct fetch_row *fetch;
	bool has_kind;
	enum pat_kind kind;
	bool dotted;			/* "3.1" stands for 3 * 65536 + 1 */
};
/* acl_words.c. False: no fetch and no keyword of that name. */
bool acl_word_find(struct str name, struct acl_word *out);
#define ACL_WORD_MAX 64
const char *acl_word_near(struct str name, char buf[ACL_WORD_MAX]);
/* Words of a predefined ACL, or NULL; ended by NULL. */
const char *const *acl_predefined(struct str name);

/* acl.c: words behind the name. */
bool acl_add_test(struct xscope *sc, struct acl *a, const struct str *w, int n, struct load_err *err);
struct acl *acl_new(struct xscope *sc, struct str name);
#endif
