/* What modules add to the runtime API of servers: fields of `set server`, columns of `show servers state`. */
#ifndef WEIR_LIVE_SRV_FIELD_H
#define WEIR_LIVE_SRV_FIELD_H

#include "weir/ctl/ctl.h"
#include "weir/live/live.h"

/* set server <b>/<s> <name> ...: r->w[r->at] is the server, behind it the field's name, then its arguments.
 * Runs while no other
 * thread does. */
struct srv_field_row {
	const char *name;
	bool (*has)(const struct srv *s);	/* the server has it (a check, an agent); NULL: every one */
	void (*set)(struct ctl_req *r, struct srv *s);
	const char *args, *help;
};
/* The columns about checks. */
struct srv_view {
	int check_status, check_result, check_health, check_state, agent_state;
	unsigned check_port, agent_port;
	struct str check_addr, agent_addr;	/* may point to: */
	char check_text[ADDR_TEXT_MAX], agent_text[ADDR_TEXT_MAX];
};

/* tables: NULL-ended array of arrays that end by name == NULL. view: fills what it knows about a server, or
 * NULL. Once, by boot. */
void srv_fields_set(const struct srv_field_row *const *tables, void (*view)(const struct srv *s, struct srv_view *v));
/* NULL: no module has that field for this server. */
const struct srv_field_row *srv_field_find(const struct srv *s, struct str name);
void srv_field_view(const struct srv *s, struct srv_view *v);

#endif
