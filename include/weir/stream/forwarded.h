/* `option forwarded`: the Forwarded field of RFC 7239. */
#ifndef WEIR_STREAM_FORWARDED_H
#define WEIR_STREAM_FORWARDED_H

#include "weir/stream/stream.h"

/* What one `option forwarded` line asks for; kept in struct proxy.forwarded. */
struct forwarded_node {
	uint8_t how;		/* 0: not asked, 1: the address, 2: expr */
	struct expr *expr;
	uint8_t port_how;	/* 0: none, 1: the port, 2: port_expr */
	struct expr *port_expr;
};
struct forwarded_opt {
	bool proto;
	uint8_t host_how;	/* 0: none, 1: the Host field, 2: host_expr */
	struct expr *host_expr;
	struct forwarded_node by, for_;
};

/* Adds the field to the request: parameters in the order proto, host, by, for. */
void forwarded_add(struct stream *s, const struct forwarded_opt *o);
extern const struct kw conf_forwarded_rows[];
extern const size_t conf_forwarded_count;

#endif
