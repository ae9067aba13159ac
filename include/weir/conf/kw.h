/* Keywords of the configuration language: one word = one row. Rows live on the floor they configure. */
#ifndef WEIR_CONF_KW_H
#define WEIR_CONF_KW_H

#include <stdint.h>
#include "weir/base/arena.h"
#include "weir/base/str.h"

enum kw_scope {
	KW_GLOBAL = 1 << 0, KW_DEFAULTS = 1 << 1, KW_FRONTEND = 1 << 2, KW_BACKEND = 1 << 3, KW_LISTEN = 1 << 4,
	KW_BIND = 1 << 5, KW_SERVER = 1 << 6,		/* words on a bind / server (default-server) line */
	KW_USERLIST = 1 << 7, KW_HTTP_ERRORS = 1 << 8, KW_PEERS = 1 << 9, KW_RESOLVERS = 1 << 10, KW_MAILERS = 1 << 11,
	KW_CACHE = 1 << 12, KW_RING = 1 << 13, KW_LOG_FORWARD = 1 << 14, KW_CRT_STORE = 1 << 15, KW_PROGRAM = 1 << 16,
	KW_FCGI = 1 << 17, KW_LOG_PROFILE = 1 << 18, KW_HEALTHCHECK = 1 << 19, KW_TRACES = 1 << 20, KW_ACME = 1 << 21,
	KW_DYNSRV = 1 << 22,				/* server word allowed in `add server` */
	KW_PROXY = KW_FRONTEND | KW_BACKEND | KW_LISTEN,
	KW_ANYPROXY = KW_PROXY | KW_DEFAULTS,
	KW_FE = KW_DEFAULTS | KW_FRONTEND | KW_LISTEN,
	KW_BE = KW_DEFAULTS | KW_BACKEND | KW_LISTEN,
};

enum kw_type {
	KT_PARSE,   /* parse() does it */
	KT_FLAG,    /* bool: present = true, `no` = false */
	KT_UINT,    /* unsigned at offset, min..max */
	KT_INT,     /* int */
	KT_TIME,    /* unsigned, ms; a bare number is ms */
	KT_SIZE,    /* uint64_t bytes */
	KT_STR,     /* struct str, one argument, kept in the generation's arena */
	KT_BITS,    /* unsigned: sets (no: clears) the bits of `min`; when `max` is not 0 it is the offset of a second
		     * unsigned that collects the bits which were switched off explicitly (`default` clears both) */
	KT_REFUSED, /* word that HAProxy refuses: `help` is the sentence */
	KT_NOT_BUILT, /* known to HAProxy, not built in weir; help: why, shown under the line */
	KT_IGNORED,   /* accepted without effect in weir (help says why) */
};

#define KNOWN_WITHOUT_REASON "not built in weir"	/* help of KT_NOT_BUILT rows that belong to a larger thing */

struct kw_call;
/* Consumes words from k->at on (w[at] is the first one behind the keyword itself) and leaves k->at behind the last
 * one used. False: an error was reported with kw_err*. The loader complains about words left over on a line. */
typedef bool kw_parse_f(struct kw_call *k);

struct kw {
	const char *name; /* may be several words: "timeout client", "option httplog", "stats socket"; a '(' at
			   * its end stands for any argument in parentheses: "set-x(" */
	uint32_t scopes;
	uint8_t type;			/* enum kw_type */
	uint32_t offset;		/* of the value inside k->obj (typed kinds) */
	int64_t min, max;		/* both 0: any */
	kw_parse_f *parse;
	const char *args;		/* "<time>", "[mode <mode>]": for help and messages */
	const char *help;		/* one line */
	uint8_t flags;			/* KW_F_* */
	int priv;
};
enum { KW_F_ONCE = 64 /* unsigned or int at offset: the first line counts, others are told of */,
	KW_F_NO = 1 /* accepts `no` */, KW_F_DEFAULT = 2 /* accepts `default` */, KW_F_EXPERIMENTAL = 4, KW_F_RULE = 8,
	KW_F_HIDDEN = 16 /* not listed: answers for a family of names, or is an alias */,
	KW_F_MUST = 32 /* in a section of the wrong capability it is an error, not a warning */ };
/* One listing of an array of rows. `base` is where the floor's own struct lies inside the object of the scope: rows
 * that configure struct bind_net are listed with offsetof(struct bind, net), and see k->obj pointing to the bind_net;
 * offsets of typed rows count from there. `only` restricts the listing to some scopes (0: all that the rows name), so
 * that one array can be listed twice with different bases (struct log_list in struct global and in struct proxy). */
struct kw_table { const struct kw *rows; size_t n; size_t base; uint32_t only; };

struct loader;
struct kw_call {
	struct loader *ld;
	const struct kw *kw;
	void *obj; /* struct global, proxy, bind, server_line, ... by scope; a part of it, see kw_table */
	void *whole;			/* the object itself */
	void *proxy;			/* the enclosing struct proxy for bind and server words, or NULL */
	const struct str *w;		/* all words of the line, NUL-terminated too */
	int n;
	int at;
	uint32_t scope;			/* the one scope it stands in */
	bool no, dflt;			/* prefixed by `no` / `default` */
	const char *within; /* goes in front of messages with " : " behind it: the line whose words these are */
	const char *file;
	int line;
	struct arena *mem;		/* the generation's */
};

/* Diagnostics from a parse function. word: index of the word the caret goes to; at: character inside that word or
 * NULL. The text is HAProxy's wording without the "parsing [file:line] : " prefix. Every mistake is reported; loading
 * goes on. kw_err returns false so that `return kw_err(...)` reads well. */
bool kw_err(struct kw_call *k, int word, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool kw_err_at(struct kw_call *k, int word, const char *at, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* An alert that is no error: the words are passed over. */
void kw_ignored(struct kw_call *k, int word, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void kw_warn(struct kw_call *k, int word, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* What was expected / could be meant: printed under the caret, not part of the classic line. Say it before the kw_err
 * or kw_warn that it belongs to. */
void kw_hint(struct kw_call *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same from a list (NULL-ended) that the wrong word is none of: the nearest, else all of them. */
void kw_hint_near(struct kw_call *k, struct str word, const char *const *words);
/* For a line that counts the first time only: tells that it was there before, and passes over its words. True. */
bool kw_said(struct kw_call *k);
/* Next argument or an error "'kw' expects <what>". */
bool kw_next(struct kw_call *k, const char *what, struct str *out);
/* An empty word ends the line for all who read words one after the other, as in HAProxy. */
static inline bool kw_more(const struct kw_call *k) { return k->at < k->n && k->w[k->at].n; }
static inline struct str kw_peek(const struct kw_call *k) { return k->at < k->n ? k->w[k->at] : STR_NONE; }
bool kw_take_if(struct kw_call *k, const char *word);
bool kw_uint(struct kw_call *k, const char *what, int64_t min, int64_t max, int64_t *out);
bool kw_time(struct kw_call *k, const char *what, unsigned *ms);
/* Checks to run when the whole configuration was read (names that may be declared later). */
void kw_later(struct kw_call *k, bool (*check)(struct loader *ld, void *arg), void *arg);
/* The rest of the line as one text, words joined by a blank, in k->mem; k->at moves to the end. */
struct str kw_rest(struct kw_call *k);
/* Runs the words from k->at on, each being a row of `scope` (KW_BIND, KW_SERVER) applied to obj; `what` is how
 * messages call the line: "'bind :80' in section 'frontend'"; it is put in front of what the rows report (NULL for
 * default-server: nothing is). False: at
 * least one was wrong (all were reported). */
bool kw_words(struct kw_call *k, uint32_t scope, void *obj, const char *what);
/* Does one row as the dispatcher would, k->at behind its name: for lines that find their rows by themselves. */
bool kw_apply(struct kw_call *k, const struct kw *row, void *obj);
/* Is there a `no` or `default` in front of a keyword that takes none? Then it is reported, and forgotten so that the
 * rest of the line is looked at too. */
bool kw_modifier(struct kw_call *k, const struct kw *row);
/* The row for the longest name that begins at word `at` in one scope; *words: how many words the name has. NULL: none.
 * A row with type KT_NOT_BUILT is returned only when there is no other. *base: see kw_table, or NULL. */
const struct kw *kw_find(const struct str *w, int n, int at, uint32_t scope, int *words, size_t *base);
/* Nearest name in a scope, built or not, for "did you mean"; NULL: none near. prefix: only rows that begin with it
 * ("option "), compared without it. */
const char *kw_near(struct str word, uint32_t scope, const char *prefix);
/* Word in a list of allowed ones ("a", "b", NULL): its index or -1. */
int kw_choice(struct str word, const char *const *words);

#endif
