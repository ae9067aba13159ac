/* For keywords of proxies that hold expressions, conditions or rules: between the loader's lines and the compilers of
 * the expr floor. */
#ifndef WEIR_MODEL_WORDS_H
#define WEIR_MODEL_WORDS_H

#include "weir/conf/kw.h"
#include "weir/expr/rule.h"

struct conf;
struct proxy;
/* A proxy that nobody reaches: it carries the `server` lines of a section of another kind (ring), which are then
 * checked and prepared like all others. */
struct proxy *proxy_carrier(struct conf *c, struct str name, const char *file, int line);

/* The scope of something that runs in ruleset `set` (or, when set is 0, in a log) of the line being read. */
void proxy_scope(struct kw_call *k, struct xscope *sc, uint32_t set, const char *where);
/* Reports what a compiler of the expr floor complained about: the caret goes to e->at when it lies in one of the words,
 * else to `word`. before and after stand around the message, unless that is a whole sentence. False. */
bool put_load_err(struct kw_call *k, int word, const struct load_err *e, const char *before, const char *after);
/* The same for what rule_parse said about "<ruleset> <action>", w being the action's word. */
bool put_rule_err(struct kw_call *k, int word, const struct load_err *e, uint32_t set, struct str w);
/* "if"/"unless" and a condition, from word k->at to the end of the line. A line without one: *cond stays NULL. */
bool take_cond(struct kw_call *k, uint32_t set, const char *what, struct cond **cond);

#endif
