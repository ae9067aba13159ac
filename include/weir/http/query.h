/* Parameters of a query string, as url_param and its relatives see them. */
#ifndef WEIR_HTTP_QUERY_H
#define WEIR_HTTP_QUERY_H

#include "weir/base/str.h"

struct query_param {
	struct str name, value;		/* as they stand in the request, nothing is decoded */
};

/* Where parameters begin in a path with query: behind the first `delim` ('?' unless a fetch says otherwise). */
struct str query_begin(struct str pathq, char delim);
/* The next "name=value" of *rest, which starts as query_begin() gave it. Parameters end before '&', ';' or delim; those
 * without '=' are passed over. */
bool query_next(struct str *rest, char delim, struct query_param *p);
/* First one of that name; an empty name: the first one. */
bool query_find(struct str pathq, struct str name, char delim, bool ignore_case, struct str *value);

#endif
