/* What `option forwarded` says (RFC 7239): kept in struct proxy.forwarded. */
#ifndef WEIR_MODEL_FORWARDED_H
#define WEIR_MODEL_FORWARDED_H

#include "weir/expr/compile.h"

enum forwarded_how { FORWARDED_NO, FORWARDED_OWN /* what the connection or the request says */, FORWARDED_EXPR };
struct forwarded_node {
	uint8_t how, port_how;		/* enum forwarded_how */
	struct expr *expr, *port_expr;
};
struct forwarded_opt {
	bool proto;
	uint8_t host_how;		/* enum forwarded_how */
	struct expr *host_expr;
	struct forwarded_node by, forr;
};

#endif
