/* Addresses of `log` lines: IP or name with an optional port (UDP, or TCP with tcp@), a unix socket, or a descriptor
 * that is open already. */
#include "log_priv.h"
#include "weir/base/num.h"
#include "weir/conf/kw.h"
#include "weir/conf/lex.h"
#include "weir/net/addr_conf.h"

#define SYSLOG_PORT 514
#define ALLOWED (AC_PORT | AC_STREAM | AC_DGRAM | AC_DGRAM_DEFAULT | AC_LOOK_UP)

/* The place of a mistake, when it lies in the word as it was written and not in what a variable gave. */
static const char *inside(const struct kw_call *k, const char *at)
{
	struct str w = kw_peek(k);

	return at >= w.p && at <= w.p + w.n ? at : NULL;
}

static bool fd_target(struct kw_call *k, struct log_target *t, struct str number, struct str whole)
{
	uint64_t n;

	if (!num_u64(number, &n) || n > INT32_MAX)
		return kw_err_at(k, k->at, inside(k, number.p),
		                 "log : file descriptor '" STR_FMT "' is not a valid integer in '" STR_FMT "'",
		                 STR_ARG(number), STR_ARG(whole));
	t->fd = (int)n;
	return true;
}

static bool net_target(struct kw_call *k, struct log_target *t, struct str whole)
{
	struct addr_fault fault = { .at = NULL };
	struct addr_conf a;

	whole = addr_conf_env(whole, k->mem);
	if (!addr_conf_parse(&a, whole, ALLOWED, STR_NONE, &fault))
		return kw_err_at(k, k->at, inside(k, fault.at), "log : %s", fault.text);
	t->to = a.addr;
	t->stream = !a.dgram;
	if (addr_family(&t->to) != AF_UNIX && !addr_port(&t->to))
		addr_set_port(&t->to, SYSLOG_PORT);
	return true;
}

static bool read_address(struct kw_call *k, struct log_target *t, struct str whole)
{
	if (str_eq(whole, STR("stdout")) || str_eq(whole, STR("stderr"))) {
		t->fd = whole.p[3] == 'o' ? 1 : 2;
		return true;
	}
	if (str_starts(whole, STR("ring@"))) {
		t->ring = str_skip(whole, 5);
		return t->ring.n || kw_err(k, k->at, "log : missing name in '" STR_FMT "'", STR_ARG(whole));
	}
	if (str_starts(whole, STR("backend@"))) {
		t->backend = str_skip(whole, 8);
		return t->backend.n || kw_err(k, k->at, "log : missing name in '" STR_FMT "'", STR_ARG(whole));
	}
	if (str_starts(whole, STR("fd@")))
		return fd_target(k, t, str_skip(whole, 3), whole);
	return net_target(k, t, whole);
}

bool log_take_address(struct kw_call *k, struct log_target *t)
{
	if (!read_address(k, t, env_expand(k->mem, kw_peek(k))))
		return false;
	k->at++;
	return true;
}
