#include "weir/sys/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "weir/base/obj.h"
#include "weir/base/row.h"

struct cap_row {
	const char *name;
	int number;
};

static const struct cap_row caps[] = {
	{ "cap_net_admin", CAP_NET_ADMIN },
	{ "cap_net_raw", CAP_NET_RAW },
	{ "cap_net_bind_service", CAP_NET_BIND_SERVICE },
	{ "cap_sys_admin", CAP_SYS_ADMIN },
};

uint64_t priv_cap(struct str name)
{
	const struct cap_row *r = row_find(caps, ARRAY_LEN(caps), sizeof(*caps), name);

	return r ? UINT64_C(1) << r->number : 0;
}

static bool set_caps(uint64_t set)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = data[i].inheritable = (uint32_t)(set >> (32 * i));
	return syscall(SYS_capset, &head, data) == 0;
}

static bool leave_root(const char *dir)
{
	return chroot(dir) == 0 && chdir("/") == 0;
}

enum priv_step priv_drop(const struct priv_want *w)
{
	bool keep = w->caps && w->uid > 0;

	if (w->chroot && !leave_root(w->chroot))
		return PRIV_CHROOT;
	/* supplementary groups would keep doors open; without the right to drop them there is nothing to drop to */
	if (w->gid >= 0 && geteuid() == 0 && setgroups(0, NULL) < 0)
		return PRIV_GROUPS;
	if (w->gid >= 0 && setgid((gid_t)w->gid) < 0)
		return PRIV_GID;
	if (keep && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return PRIV_CAPS;
	if (w->uid >= 0 && setuid((uid_t)w->uid) < 0)
		return PRIV_UID;
	if (w->uid > 0 && setuid(0) == 0) {	/* it must not be possible to come back */
		errno = EPERM;
		return PRIV_UID;
	}
	return keep && !set_caps(w->caps) ? PRIV_CAPS : PRIV_OK;
}

bool priv_no_setuid(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool priv_no_fork(void)
{
	struct rlimit lim = { 0, 0 };

	return setrlimit(RLIMIT_NPROC, &lim) == 0;
}

bool priv_dumpable(bool on)
{
	return prctl(PR_SET_DUMPABLE, on, 0, 0, 0) == 0;
}
