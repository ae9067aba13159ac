/* Changing frontends and the process's limits. */
#include "servers_priv.h"
#include "weir/base/num.h"

/* Are any of its listeners open / resting? */
static bool any_in(const struct px_live *p, enum listener_state state)
{
	const struct lstn *l;

	list_each(l, &p->listeners, link)
		if (l->li && listener_state(l->li) == state)
			return true;
	return false;
}

static void disable(struct ctl_req *r)
{
	struct px_live *p = take_frontend(r);

	if (!p)
		return;
	if (atom_get(&p->stopped)) {
		ctl_fail(r, "Frontend was previously shut down, cannot disable.");
		return;
	}
	if (!any_in(p, LI_READY) && !any_in(p, LI_FULL)) {
		ctl_fail(r, "All sockets are already disabled.");
		return;
	}
	live_pause_proxy(p);
}

static void enable(struct ctl_req *r)
{
	struct px_live *p = take_frontend(r);

	if (!p)
		return;
	if (atom_get(&p->stopped)) {
		ctl_fail(r, "Frontend was previously shut down, cannot enable.");
		return;
	}
	if (!any_in(p, LI_PAUSED)) {
		ctl_fail(r, "All sockets are already enabled.");
		return;
	}
	if (!live_resume_proxy(p))
		ctl_fail(r, "Failed to resume frontend, check logs for precise cause (port conflict?).");
}

static void shut(struct ctl_req *r)
{
	struct px_live *p = take_frontend(r);

	if (!p)
		return;
	if (atom_get(&p->stopped))
		ctl_fail(r, "Frontend was already shut down.");
	else
		live_shut_proxy(p);
}

static void limit_frontend(struct ctl_req *r)
{
	struct px_live *p = take_frontend(r);
	int64_t max = 0;

	if (!p)
		return;
	if (!word(r, 1).n || !num_i64(word(r, 1), &max)) {
		ctl_fail(r, "Integer value expected.");
		return;
	}
	if (max < 0 || max > INT32_MAX) {
		ctl_fail(r, "Value out of range.");
		return;
	}
	atom_set(&p->maxconn, (unsigned)max);
	live_reopen_frontend(p);
}

static void set_limit(uint64_t max)
{
	atom_set(&live_get()->maxconn, max);
	live_reopen();
}

/* 0 gives the limit back that the process began with. */
static void limit_process(struct ctl_req *r)
{
	const struct live *l = live_get();
	int64_t max;

	if (!num_i64(word(r, 0), &max))
		ctl_fail(r, "Expects an integer value.");
	else if (max < 0 || (uint64_t)max > l->conf->global.maxconn)
		ctl_fail(r, "Value out of range.");
	else
		set_limit(max ? (uint64_t)max : l->conf->global.maxconn);
}

static enum ctl_result cmd_disable(struct ctl_req *r)
{
	return exclusively(r, disable);
}

static enum ctl_result cmd_enable(struct ctl_req *r)
{
	return exclusively(r, enable);
}

static enum ctl_result cmd_shut(struct ctl_req *r)
{
	return exclusively(r, shut);
}

static enum ctl_result cmd_limit_frontend(struct ctl_req *r)
{
	return exclusively(r, limit_frontend);
}

static enum ctl_result cmd_limit_process(struct ctl_req *r)
{
	return exclusively(r, limit_process);
}

const struct ctl_row frontend_rows[] = {
	{ "disable frontend", CTL_ADMIN, cmd_disable, "<frontend>", "stop accepting connections for a while" },
	{ "enable frontend", CTL_ADMIN, cmd_enable, "<frontend>", "accept connections again" },
	{ "shutdown frontend", CTL_ADMIN, cmd_shut, "<frontend>", "stop accepting connections for good" },
	{ "set maxconn frontend", CTL_ADMIN, cmd_limit_frontend, "<frontend> <n>",
	  "change a frontend's limit of connections" },
	{ "set maxconn global", CTL_ADMIN, cmd_limit_process, "<n>", "change the process's limit of connections" },
	{ NULL },
};
