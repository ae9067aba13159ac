/* Keywords of the log floor; k->obj is the struct log_list of global or of the proxy. */
#ifndef WEIR_LOG_CONF_LOG_H
#define WEIR_LOG_CONF_LOG_H

#include "weir/conf/kw.h"

struct log_format;
struct log_list;
/* NULL: none of that name. */
const struct log_format *log_format_find(struct str name);
/* Does every ring that the list names belong to that generation, or to the program? Takes over what the rings say about
 * the format of lines; else *missing is the name. */
bool log_rings_known(const struct log_list *l, const void *owner, struct str *missing);

#define LOG_KWS 3
extern const struct kw log_kws[LOG_KWS];

#endif
