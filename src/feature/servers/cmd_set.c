/* Changing servers: set server, enable/disable server, set weight, set maxconn server. */
#include "servers_priv.h"
#include "weir/base/num.h"
#include "weir/live/srv_field.h"

/* ---- weight ---- */

static void change_weight(struct ctl_req *r, struct srv *s, struct str text)
{
	const char *wrong = srv_change_weight(s, text);

	if (wrong)
		ctl_fail(r, "%s", wrong);
}

/* ---- maintenance ---- */

static void set_ready(struct srv *s)
{
	srv_set_admin(s, SRV_ADM_FMAINT, false, NULL);
	srv_set_admin(s, SRV_ADM_FDRAIN, false, NULL);
}

static void set_maint(struct srv *s)
{
	srv_set_admin(s, SRV_ADM_FMAINT, true, NULL);
	srv_set_admin(s, SRV_ADM_FDRAIN, false, NULL);
}

static void set_drain(struct srv *s)
{
	srv_set_admin(s, SRV_ADM_FDRAIN, true, NULL);
	srv_set_admin(s, SRV_ADM_FMAINT, false, NULL);
}

/* ---- set server <b>/<s> <field> ...: word(r, 0) is the server, 1 the field ---- */

static void field_weight(struct ctl_req *r, struct srv *s)
{
	change_weight(r, s, word(r, 2));
}

static void field_state(struct ctl_req *r, struct srv *s)
{
	struct str to = word(r, 2);

	if (str_eq(to, STR("ready")))
		set_ready(s);
	else if (str_eq(to, STR("drain")))
		set_drain(s);
	else if (str_eq(to, STR("maint")))
		set_maint(s);
	else
		ctl_fail(r, "'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
}

static void field_health(struct ctl_req *r, struct srv *s)
{
	struct str to = word(r, 2);

	if (s->tracks) {
		ctl_fail(r, "cannot change health on a tracking server.");
	} else if (str_eq(to, STR("up"))) {
		atom_set(&s->health, s->rise + s->fall - 1);
		srv_set_running(s, "changed from CLI");
	} else if (str_eq(to, STR("stopping"))) {
		atom_set(&s->health, s->rise + s->fall - 1);
		srv_set_stopping(s, "changed from CLI");
	} else if (str_eq(to, STR("down"))) {
		atom_set(&s->health, 0);
		srv_set_stopped(s, "changed from CLI");
	} else {
		ctl_fail(r, "'set server <srv> health' expects 'up', 'stopping', or 'down'.");
	}
}

/* What became of the address and of the port, as HAProxy says it. */
static void put_ip(struct sbuf *said, const struct addr *old, const struct addr *now)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	if (addr_ip_eq(old, now))
		sbuf_putz(said, "no need to change the addr");
	else
		sbuf_printf(said, "IP changed from '" STR_FMT "' to '" STR_FMT "'", STR_ARG(addr_ip_text(old, a)),
		            STR_ARG(addr_ip_text(now, b)));
}

static bool put_port(struct sbuf *said, const struct srv *s, struct str text, struct addr *now)
{
	uint16_t old = addr_port(&s->addr);
	uint64_t port;

	if (text.n && (text.p[0] == '+' || text.p[0] == '-')) {
		sbuf_putz(said, ", can't change <port> to port map because it is incompatible with current health "
				"check port configuration (use 'port' statement from the 'server' directive.");
		return false;
	}
	if (!num_u64(text, &port) || port == 0 || port > 65535) {
		sbuf_printf(said, ", problem converting port '" STR_FMT "' to an int", STR_ARG(text));
		return false;
	}
	if (port == old)
		sbuf_putz(said, ", no need to change the port");
	else
		sbuf_printf(said, ", port changed from '%u' to '%u'", old, (unsigned)port);
	addr_set_port(now, (uint16_t)port);
	return true;
}

static void field_addr(struct ctl_req *r, struct srv *s)
{
	char mem[512];
	struct sbuf said = sbuf_fixed(mem, sizeof(mem));
	struct addr now = { .len = 0 };
	bool good = true;

	if (!word(r, 2).n) {
		ctl_fail(r, "set server <b>/<s> addr requires an address and optionally a port.");
		return;
	}
	if (!addr_parse_ip(&now, word(r, 2))) {
		ctl_fail(r, "Invalid addr '" STR_FMT "' by 'stats socket command'", STR_ARG(word(r, 2)));
		return;
	}
	addr_set_port(&now, addr_port(&s->addr));
	put_ip(&said, &s->addr, &now);
	if (str_eq(word(r, 3), STR("port")))
		good = put_port(&said, s, word(r, 4), &now);
	if (good && !addr_eq(&now, &s->addr))
		srv_set_addr(s, &now);
	ctl_say(r, CTL_NOTICE, STR_FMT " by 'stats socket command'", STR_ARG(sbuf_str(&said)));
}

static void field_fqdn(struct ctl_req *r, struct srv *s)
{
	if (!word(r, 2).n)
		ctl_fail(r, "set server <b>/<s> fqdn requires a FQDN.");
	else
		ctl_fail(r, "set server <b>/<s> fqdn failed because no resolution is configured.");
}

static void field_ssl(struct ctl_req *r, struct srv *s)
{
	bool on = str_eq(word(r, 2), STR("on"));

	if (!s->line->tls.ctx)
		ctl_fail(r, "'set server <srv> ssl' cannot be set.  default-server should define ssl settings");
	else if (!on && !str_eq(word(r, 2), STR("off")))
		ctl_fail(r, "'set server <srv> ssl' expects 'on' or 'off'.");
	else {
		if (s->ssl_on != on)
			srv_close_idle(s);
		s->ssl_on = on;
		ctl_say(r, CTL_NOTICE, "server ssl setting updated.");
	}
}

static void no_agent(struct ctl_req *r, struct srv *s)
{
	bool dot = !str_eq(word(r, 1), STR("agent-addr")) && !str_eq(word(r, 1), STR("agent-port"));

	ctl_fail(r, "agent checks are not enabled on this server%s", dot ? "." : "");
}

static void no_check(struct ctl_req *r, struct srv *s)
{
	ctl_fail(r, "health checks are not enabled on this server");
}

static const struct own_field { const char *name; void (*set)(struct ctl_req *r, struct srv *s); } fields[] = {
	{ "addr", field_addr }, { "agent", no_agent }, { "agent-addr", no_agent }, { "agent-port", no_agent },
	{ "agent-send", no_agent }, { "check-addr", no_check }, { "check-port", no_check }, { "fqdn", field_fqdn },
	{ "health", field_health }, { "ssl", field_ssl }, { "state", field_state }, { "weight", field_weight },
};

static void set_server(struct ctl_req *r)
{
	struct srv *s = take_server(r);
	const struct srv_field_row *own;

	if (!s)
		return;
	own = srv_field_find(s, word(r, 1));
	if (own) {
		own->set(r, s);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (str_eqz(word(r, 1), fields[i].name)) {
			fields[i].set(r, s);
			return;
		}
	}
	ctl_fail(r,
	         "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | "
	         "check-addr | "
	            "check-port | fqdn | health | ssl | state | weight");
}

static enum ctl_result cmd_set_server(struct ctl_req *r)
{
	return exclusively(r, set_server);
}

/* ---- the short forms ---- */

static void enable_server(struct ctl_req *r)
{
	struct srv *s = take_server(r);

	if (s)
		set_ready(s);
}

static void disable_server(struct ctl_req *r)
{
	struct srv *s = take_server(r);

	if (s)
		set_maint(s);
}

/* ---- health, agent: checks stop and go on ---- */

static void enable_health(struct ctl_req *r)
{
	struct srv *s = take_server(r);

	if (s && !s->check)
		ctl_fail(r, "Health check was not configured on this server, cannot enable.");
	else if (s && !s->check_on) {
		s->check_on = true;
		srv_resume_checks(s);
	}
}

static void disable_health(struct ctl_req *r)
{
	struct srv *s = take_server(r);

	if (s)
		s->check_on = false;
}

static void enable_agent(struct ctl_req *r)
{
	struct srv *s = take_server(r);

	if (s && !s->agent)
		ctl_fail(r, "Agent was not configured on this server, cannot enable.");
	else if (s && !s->agent_on) {
		s->agent_on = true;
		srv_resume_checks(s);
	}
}

static void disable_agent(struct ctl_req *r)
{
	struct srv *s = take_server(r);

	if (s)
		s->agent_on = false;
}

static enum ctl_result cmd_enable_health(struct ctl_req *r)
{
	return exclusively(r, enable_health);
}

static enum ctl_result cmd_disable_health(struct ctl_req *r)
{
	return exclusively(r, disable_health);
}

static enum ctl_result cmd_enable_agent(struct ctl_req *r)
{
	return exclusively(r, enable_agent);
}

static enum ctl_result cmd_disable_agent(struct ctl_req *r)
{
	return exclusively(r, disable_agent);
}

static void set_weight(struct ctl_req *r)
{
	struct srv *s = take_server(r);

	if (s)
		change_weight(r, s, word(r, 1));
}

static void set_maxconn(struct ctl_req *r)
{
	struct srv *s = take_server(r);
	const char *wrong = s ? srv_change_maxconn(s, word(r, 1)) : NULL;

	if (wrong)
		ctl_fail(r, "%s", wrong);
}

static enum ctl_result cmd_enable(struct ctl_req *r)
{
	return exclusively(r, enable_server);
}

static enum ctl_result cmd_disable(struct ctl_req *r)
{
	return exclusively(r, disable_server);
}

static enum ctl_result cmd_set_weight(struct ctl_req *r)
{
	return exclusively(r, set_weight);
}

static enum ctl_result cmd_set_maxconn(struct ctl_req *r)
{
	return exclusively(r, set_maxconn);
}

const struct ctl_row server_set_rows[] = {
	{ "set server", CTL_ADMIN, cmd_set_server, "<bk>/<srv> [opts]",
	  "change a server's state, weight, address ..." },
	{ "enable server", CTL_ADMIN, cmd_enable, "<bk>/<srv>", "take a server out of maintenance" },
	{ "disable server", CTL_ADMIN, cmd_disable, "<bk>/<srv>", "put a server into maintenance" },
	{ "enable health", CTL_ADMIN, cmd_enable_health, "<bk>/<srv>", "let health checks of a server run again" },
	{ "disable health", CTL_ADMIN, cmd_disable_health, "<bk>/<srv>", "stop health checks of a server" },
	{ "enable agent", CTL_ADMIN, cmd_enable_agent, "<bk>/<srv>", "let agent checks of a server run again" },
	{ "disable agent", CTL_ADMIN, cmd_disable_agent, "<bk>/<srv>", "stop agent checks of a server" },
	{ "set weight", CTL_ADMIN, cmd_set_weight, "<bk>/<srv> <weight>", "change a server's weight" },
	{ "set maxconn server", CTL_ADMIN, cmd_set_maxconn, "<bk>/<srv> <n>",
	  "change how many exchanges a server gets at a time" },
	{ NULL },
};
