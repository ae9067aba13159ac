/* Changing how a backend makes the dynamic cookies of its servers. */
#include "servers_priv.h"

static struct px_live *take_backend(struct ctl_req *r)
{
	struct px_live *p;

	if (!word(r, 0).n) {
		ctl_fail(r, "A backend name is expected.");
		return NULL;
	}
	p = find_backend(word(r, 0));
	if (!p)
		ctl_fail(r, "No such backend.");
	return p;
}

static void enable(struct ctl_req *r)
{
	struct px_live *p = take_backend(r);

	if (p)
		px_set_dyn_cookies(p, true);
}

static void disable(struct ctl_req *r)
{
	struct px_live *p = take_backend(r);

	if (p)
		px_set_dyn_cookies(p, false);
}

static void set_key(struct ctl_req *r)
{
	struct px_live *p = take_backend(r);

	if (p && !word(r, 1).n)
		ctl_fail(r, "String value expected.");
	else if (p)
		px_set_cookie_key(p, word(r, 1));
}

static enum ctl_result cmd_enable(struct ctl_req *r)
{
	return exclusively(r, enable);
}

static enum ctl_result cmd_disable(struct ctl_req *r)
{
	return exclusively(r, disable);
}

static enum ctl_result cmd_set_key(struct ctl_req *r)
{
	return exclusively(r, set_key);
}

const struct ctl_row server_cookie_rows[] = {
	{ "disable dynamic-cookie backend", CTL_ADMIN, cmd_disable, "<backend>", "servers have no dynamic cookies" },
	{ "enable dynamic-cookie backend", CTL_ADMIN, cmd_enable, "<backend>", "servers have dynamic cookies" },
	{ "set dynamic-cookie-key backend", CTL_ADMIN, cmd_set_key, "<backend> <key>",
	  "change the key dynamic cookies are made of" },
	{ NULL },
};
