/* Patterns: what samples are compared with. A `pat_ref` is a list of keys (and values, for maps) that a file, an ACL's
 * line or the runtime API gives; a `pat_index` is one way of matching against it (kind, case), shared by all users
 * of the same way. Exact texts, prefixes, suffixes, numbers and networks are found by hash in a few probes whatever
 * their number, words (dir, dom) too; sub and reg are lists in file order.
 *
 * Readers (pat_find) take no lock and never wait: cells are published by one store, and what is taken out is released
 * only after every thread has ended the turn in which it could have seen it (expr_set_grace). Writers exclude each
 * other by a lock of the reference. A new version of the contents becomes the visible one by a single store. */
#ifndef WEIR_EXPR_PATTERN_H
#define WEIR_EXPR_PATTERN_H

#include "weir/base/list.h"
#include "weir/expr/compile.h"

enum pat_kind {
	PAT_FOUND, PAT_BOOL, PAT_INT, PAT_IP, PAT_BIN, PAT_LEN, PAT_STR, PAT_BEG, PAT_SUB, PAT_DIR, PAT_DOM, PAT_END,
	PAT_REG, PAT_KINDS,
};
const char *pat_kind_name(enum pat_kind k);
bool pat_kind_find(struct str name, enum pat_kind *out);
/* The type a sample is cast to before it is matched (SMP_ANY: as it is). */
enum smp_type pat_kind_type(enum pat_kind k);

struct pat_refs;	/* all references of a configuration generation */
struct pat_ref;
struct pat_index;
struct pat_elt;

struct pat_refs *pat_refs_create(void);
void pat_refs_destroy(struct pat_refs *r);	/* no reader may be left */
/* When the whole configuration was read: numbers those without an explicit id. */
void pat_refs_finish(struct pat_refs *r);
/* The generation that commands of the runtime API are about; NULL at the end. Set by whoever switches generations. */
void pat_refs_publish(struct pat_refs *r);
struct pat_refs *pat_refs_current(void);

/* How to run fn(arg) after every thread has gone through the end of its turn. Before it is set (no threads yet, tests)
 * things are released at once. */
void expr_set_grace(void (*later)(void (*fn)(void *arg), void *arg));

enum pat_ref_flag { PAT_REF_ACL = 1, PAT_REF_MAP = 2, PAT_REF_VALUES = 4 /* lines hold values */ };
/* A file's reference, loaded when it is named first. Names: path, file@path, opt@path (need not exist), virt@name
 * (never read). use: enum pat_ref_flag. NULL: err set. */
struct pat_ref *pat_ref_file(struct pat_refs *r, struct str name, unsigned use, struct load_err *err);
/* The same without reading the file: for what only changes it at run time. */
struct pat_ref *pat_ref_named(struct pat_refs *r, struct str name, unsigned use);
/* A reference of patterns that stand in the configuration itself. id: -1, or the one that -u gave. NULL: another one
 * has that id: err set. */
struct pat_ref *pat_ref_inline(struct pat_refs *r, int id, struct load_err *err);
void pat_ref_describe(struct pat_ref *ref, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* NULL: none. name: "#<id>" or a file name. flag: PAT_REF_ACL, PAT_REF_MAP or 0 for any. */
struct pat_ref *pat_ref_find(struct pat_refs *r, struct str name, unsigned flag);

/* Notes a user and gives the index for it. out: type of the values a map converter returns (SMP_ANY for ACLs).
 * NULL: a key already there does not suit the kind: err set. */
struct pat_index *pat_index_for(struct pat_ref *ref, enum pat_kind kind, bool icase, enum smp_type out,
				struct load_err *err);

/* A value of a map, in all the types it can have. Immutable. */
struct pat_value {
	struct str text;
	int64_t i;
	bool is_int;
	uint8_t family;			/* AF_UNSPEC: the text is no address */
	union { struct in_addr ip4; struct in6_addr ip6; };
};
struct pat_hit {
	const struct pat_elt *elt;
	struct str key;			/* as it was given */
	const struct pat_value *value;	/* NULL: the reference has no values */
	struct str cap[10];		/* PAT_REG with want_caps: groups, slices of the sample */
};
/* Looks the sample up; it must have the kind's type already. False: nothing matches. What hit points to stays valid
 * until the end of the thread's turn. mem: for a copy in lower case when the sample is long. */
bool pat_find(const struct pat_index *ix, const struct sample *smp, struct arena *mem, struct pat_hit *hit,
	      bool want_caps);
bool pat_matches(const struct pat_index *ix, const struct sample *smp, struct arena *mem);

/* --- editing; each takes the reference's lock. gen: a version, PAT_GEN_CURRENT for the visible one --- */
#define PAT_GEN_CURRENT (-1)
/* False: the key or value suits not every user: err set, nothing changed. at: line in the file or 0. */
/* Is there an entry with exactly that key? */
bool pat_ref_has(struct pat_ref *ref, struct str key);
bool pat_ref_add(struct pat_ref *ref, struct str key, struct str value, int64_t gen, int at, struct load_err *err);
/* Sets the value of every entry with that key. Returns how many; -1: err set. */
int pat_ref_set(struct pat_ref *ref, struct str key, struct str value, struct load_err *err);
int pat_ref_del(struct pat_ref *ref, struct str key);
/* Sets the value of every entry with that key, or adds one when there is none. value.p NULL: a key without value. */
bool pat_ref_put(struct pat_ref *ref, struct str key, struct str value, struct load_err *err);
/* By the pointer that dumps show. */
int pat_ref_set_elt(struct pat_ref *ref, const void *elt, struct str value, struct load_err *err);
int pat_ref_del_elt(struct pat_ref *ref, const void *elt);
/* Removes up to max entries of a version; true when none is left. */
bool pat_ref_clear(struct pat_ref *ref, int64_t gen, unsigned max);
uint32_t pat_ref_prepare(struct pat_ref *ref);
/* False: out of range. The new version is seen at once; the older ones are cleared with pat_ref_purge. */
bool pat_ref_commit(struct pat_ref *ref, uint32_t gen);
bool pat_ref_purge(struct pat_ref *ref, unsigned max);	/* true when done */

/* Converter rows map, map_<kind>, map_<kind>_<type> are in map.c; users that look a value up by name at run time: */
bool pat_value_sample(const struct pat_value *v, enum smp_type out, struct sample *smp);

#endif
