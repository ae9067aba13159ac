/* What the files with keyword rows share. */
#ifndef MODEL_ROWS_H
#define MODEL_ROWS_H

#include "model.h"
#include "weir/model/keywords.h"

/* The name of a field as a keyword's argument: they are lower case everywhere behind the loader. */
struct str kw_field_name(struct kw_call *k, struct str name);
bool set_log_format(struct kw_call *k, enum log_kind kind, struct str text);
void warn_http_options(struct proxy *p, struct diag *d);

void codes_init(struct global *g);
bool proxy_apply_errors(struct loader *ld, struct proxy *p);
bool replies_resolve(struct loader *ld, struct conf *c);
/* Compiles their formats. Before the proxies are checked, which need to know what those ask for. */
bool log_profiles_check(struct loader *ld, struct conf *c);
bool userlists_check(struct loader *ld, const struct conf *c);
/* Balancing that needs another mode. When all proxies were checked. */
bool balance_settle(struct loader *ld, struct conf *c);
bool binds_check(struct loader *ld, struct proxy *p);

#endif
