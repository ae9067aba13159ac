/* Conditions of `.if`, `.elif` and of the command line's -cc: one parser, one list of predicates. */
#ifndef WEIR_CONF_COND_H
#define WEIR_CONF_COND_H

#include "weir/base/arena.h"
#include "weir/base/str.h"

struct conf_feature {
	const char *name;		/* "OPENSSL" */
	bool present;
};

/* What predicates ask about; boot fills it. */
struct conf_facts {
	const char *version;			/* language level: "3.5-dev5" */
	const char *ssl_version, *ssl_name;	/* "3.0.11", "OpenSSL 3.0.11 ..."; NULL: no TLS built in */
	const struct conf_feature *features;	/* ended by name == NULL: feature() */
	const struct conf_feature *enabled;	/* ended by name == NULL: enabled() */
};

enum conf_cond_result { CC_FALSE = 0, CC_TRUE = 1, CC_BAD = -1 };

/* The condition that stands in these words, joined by blanks (empty words too). */
struct str conf_cond_text(struct arena *mem, const struct str *w, int n);
/* Evaluates a condition (words already unquoted and joined by blanks). CC_BAD: why[] holds HAProxy's sentence and
 * *at the character it is about. */
enum conf_cond_result conf_cond(struct str text, const struct conf_facts *f, char why[256], const char **at);

/* Compares the language version with one as it is written in conditions ("2.4", "2.4-dev3", "v9": nothing): as
 * strcmp. */
int conf_version_cmp(const char *version, struct str other);

#endif
