#include "weir/http/host.h"

#include "weir/http/uri.h"

static struct str without_userinfo(struct str authority)
{
	return str_skip(authority, str_rchr(authority, '@') + 1);	/* none: (size_t)-1 + 1 */
}

/* Keeps the first Host. *at: its index or -1. */
static bool only_one(struct msg *m, int *at, struct fault *f)
{
	int first = msg_find_id(m, FIELD_HOST, 0);

	*at = first;
	for (int i = first; first >= 0 && (i = msg_find_id(m, FIELD_HOST, i + 1)) >= 0;) {
		if (!str_ieq(field_value_str(&m->f[first]), field_value_str(&m->f[i])))
			return fault_set(f, 400, "h1-hosts-differ", 0);
		msg_del_at(m, i);
	}
	return true;
}

static bool well_formed(struct str host, struct authority *a)
{
	return authority_split(host, a) && !a->has_at;
}

static bool is_default(const struct authority *a, struct str scheme, bool connect)
{
	uint16_t port = authority_port(a, STR_NONE);

	if (!a->has_colon)
		return false;
	if (connect)
		return port == 80 || port == 443;
	return a->port.n == 0 || port == authority_port(&(struct authority){ 0 }, scheme);
}

static bool same_place(const struct authority *target, const struct authority *host, struct str scheme, bool connect)
{
	if (!str_ieq(target->host, host->host))
		return false;
	if (connect && host->port.n == 0)
		return is_default(target, scheme, true);
	return authority_port(target, scheme) == authority_port(host, scheme);
}

/* Not msg_set_value(), which would change the target as well: here the target leads. */
static void put_host(struct msg *m, int at, struct str value)
{
	m->f[at].value = value.p;
	m->f[at].value_len = value.n;
}

/* Cuts a default or empty port from an absolute target, and says so. */
static bool cut_port(struct msg *m, const struct authority *target)
{
	if (m->form != TARGET_ABSOLUTE || !is_default(target, m->scheme, false))
		return false;
	m->authority.n = target->host.p + target->host.n - m->authority.p;
	return true;
}

/* Target and Host are known to agree. */
static void normalise(struct msg *m, int at, const struct authority *target, const struct authority *host)
{
	if (cut_port(m, target))
		put_host(m, at, target->host);
	else if (m->form == TARGET_AUTHORITY && host->port.n && is_default(host, STR_NONE, true))
		put_host(m, at, host->host);
}

static void host_from_target(struct msg *m, int at, const struct authority *target)
{
	bool bare = cut_port(m, target) || (m->form == TARGET_AUTHORITY && is_default(target, STR_NONE, true));
	struct str full = bare ? target->host : without_userinfo(m->authority), keep = m->authority;

	if (at >= 0) {
		put_host(m, at, full);
		return;
	}
	m->flags |= MSG_HOST_FROM_URI;
	msg_add_id(m, FIELD_HOST, full);
	m->authority = keep;	/* with its user-info */
}

static bool against_target(struct msg *m, int at, bool unsafe, struct fault *f)
{
	bool connect = m->form == TARGET_AUTHORITY;
	struct authority target, host;

	if (!authority_split(m->authority, &target))
		return fault_set(f, 400, "h1-bad-authority", 0);
	if (at < 0) {
		host_from_target(m, at, &target);
		return true;
	}
	if (well_formed(field_value_str(&m->f[at]), &host) && same_place(&target, &host, m->scheme, connect)) {
		normalise(m, at, &target, &host);
		return true;
	}
	if (!unsafe)
		return fault_set(f, 400, "h1-host-not-target", 0);
	host_from_target(m, at, &target);
	return true;
}

bool host_check(struct msg *m, bool unsafe, struct fault *f)
{
	struct authority host;
	struct str value;
	int at;

	if (!only_one(m, &at, f))
		return false;
	if (m->form == TARGET_ABSOLUTE || m->form == TARGET_AUTHORITY) {
		if (!against_target(m, at, unsafe, f))
			return false;
		msg_count_bytes(m);
		return true;
	}
	if (at < 0)
		return m->minor == 0 || unsafe || fault_set(f, 400, "h1-no-host", 0);
	value = field_value_str(&m->f[at]);
	return unsafe || value.n == 0 || well_formed(value, &host) || fault_set(f, 400, "h1-bad-host", 0);
}
