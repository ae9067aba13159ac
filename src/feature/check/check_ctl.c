/* What commands have to do with health checks. */
#include "check_priv.h"

#include "weir/base/num.h"

static struct str word(const struct ctl_req *r, int i)
{
	return r->at + i < r->n ? r->w[r->at + i] : STR_NONE;
}

static bool has_check(const struct srv *s)
{
	return s->check && s->check_on;
}

static bool take_port(struct ctl_req *r, struct str text, int *port)
{
	int64_t v;

	if (!num_i64(text, &v))
		ctl_fail(r, "provided port is not an integer");
	else if (v < 0 || v > 65535)
		ctl_fail(r, "provided port is invalid");
	else
		*port = (int)v;
	return num_i64(text, &v) && v >= 0 && v <= 65535;
}

/* set server <b>/<s> check-addr <ip> [port <port>] */
static void set_addr(struct ctl_req *r, struct srv *s)
{
	struct check *c = s->check;
	struct addr to = { .len = 0 };
	int port = c->port;

	if (!word(r, 2).n) {
		ctl_fail(r, "set server <b>/<s> check-addr requires an address and optionally a port.");
		return;
	}
	if (!addr_parse_ip(&to, word(r, 2))) {
		ctl_fail(r, "invalid addr '" STR_FMT "'", STR_ARG(word(r, 2)));
		return;
	}
	if (str_eq(word(r, 3), STR("port")) && word(r, 4).n && !take_port(r, word(r, 4), &port))
		return;
	c->to = to;
	c->port = port;
}

static void set_port(struct ctl_req *r, struct srv *s)
{
	struct check *c = s->check;

	if (!word(r, 2).n)
		ctl_fail(r, "set server <b>/<s> check-port requires a port.");
	else
		take_port(r, word(r, 2), &c->port);
}

const struct srv_field_row check_fields[] = {
	{ "check-addr", has_check, set_addr, "<ip> [port <port>]", "where checks go" },
	{ "check-port", has_check, set_port, "<port>", "port that checks go to" },
	{ NULL },
};
