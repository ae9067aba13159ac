/* What commands have to do with where checks and agents are. */
#include "agent.h"
#include "check_priv.h"

#include "weir/base/num.h"

static struct str word(const struct ctl_req *r, int i)
{
	return r->at + i < r->n ? r->w[r->at + i] : STR_NONE;
}

/* False: said why not. */
static bool take_port(struct ctl_req *r, struct str text, int *port)
{
	int64_t v;

	if (!num_i64(text, &v)) {
		ctl_fail(r, "provided port is not an integer");
		return false;
	}
	if (v < 0 || v > 65535) {
		ctl_fail(r, "provided port is invalid");
		return false;
	}
	*port = (int)v;
	return true;
}

void chk_ctl_addr(struct ctl_req *r, struct addr *to, int *port)
{
	struct addr said = { .len = 0 };
	int with = *port;

	if (!word(r, 2).n) {
		ctl_fail(r, "set server <b>/<s> " STR_FMT " requires an address and optionally a port.",
			 STR_ARG(word(r, 1)));
		return;
	}
	if (!addr_parse_ip(&said, word(r, 2))) {
		ctl_fail(r, "invalid addr '" STR_FMT "'", STR_ARG(word(r, 2)));
		return;
	}
	if (str_eq(word(r, 3), STR("port")) && word(r, 4).n && !take_port(r, word(r, 4), &with))
		return;
	*to = said;
	*port = with;
}

void chk_ctl_port(struct ctl_req *r, int *port)
{
	if (!word(r, 2).n)
		ctl_fail(r, "set server <b>/<s> " STR_FMT " requires a port.", STR_ARG(word(r, 1)));
	else
		take_port(r, word(r, 2), port);
}

static bool has_check(const struct srv *s)
{
	return s->check && s->check_on;
}

static void set_addr(struct ctl_req *r, struct srv *s)
{
	struct check *c = s->check;

	chk_ctl_addr(r, &c->to, &c->port);
}

static void set_port(struct ctl_req *r, struct srv *s)
{
	chk_ctl_port(r, &((struct check *)s->check)->port);
}

const struct srv_field_row check_fields[] = {
	{ "check-addr", has_check, set_addr, "<ip> [port <port>]", "where checks go" },
	{ "check-port", has_check, set_port, "<port>", "port that checks go to" },
	{ NULL },
};
