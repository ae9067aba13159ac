/* Words of `bind` lines about sockets. k->obj is the struct bind_net of the line (see conf_net.h). Their messages are
 * HAProxy's; the name of the line goes in front of them where the line is read. */
#include <grp.h>
#include <pwd.h>
#include "weir/base/num.h"
#include "weir/net/conf_net.h"
#include "weir/sys/netns.h"

void bind_net_init(struct bind_net *n)
{
	memset(n, 0, sizeof(*n));
	n->fd = n->v6only = n->uid = n->gid = -1;
}

/* The argument, or HAProxy's sentence that it is missing. */
static bool argument(struct kw_call *k, const char *what, struct str *out)
{
	if (k->at >= k->n || !k->w[k->at].n) {
		kw_err(k, k->at, "'%s' : missing %s", k->kw->name, what);
		return false;
	}
	*out = k->w[k->at++];
	return true;
}

static bool number(struct kw_call *k, int64_t *v)
{
	struct str s;

	if (!argument(k, "value", &s))
		return false;
	if (!num_i64(s, v))
		return kw_err(k, k->at - 1,
			      "'%s' : expects an integer argument, found '" STR_FMT "'",
			      k->kw->name, STR_ARG(s));
	return true;
}

/* kw->offset: the place of the int. */
static bool parse_count(struct kw_call *k)
{
	int64_t v;

	if (!number(k, &v))
		return false;
	if (v < 0 || v > INT32_MAX)
		return kw_err(k, k->at - 1, "'%s' : invalid value %lld, must be >= 0", k->kw->name, (long long)v);
	*(int *)((char *)k->obj + k->kw->offset) = (int)v;
	return true;
}

static bool parse_cip(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	int64_t v;

	if (!number(k, &v))
		return false;
	if (v <= 0 || v > UINT32_MAX)
		return kw_err(k, k->at - 1, "'%s' : invalid value %lld, must be > 0 and below 2^32",
			      k->kw->name, (long long)v);
	n->accept_cip = true;
	n->cip_magic = (uint32_t)v;
	return true;
}

static bool parse_mss(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct str s;
	int64_t v;

	if (!argument(k, "MSS value", &s))
		return false;
	if (!num_i64(s, &v) || v < -65535 || v > 65535 || v == 0)
		return kw_err(k, k->at - 1,
			      "'%s' : expects an MSS with and absolute value between 1 and 65535",
			      k->kw->name);
	n->mss = (int)v;
	return true;
}

static bool parse_shards(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct str s;
	uint64_t v = 0;

	if (!argument(k, "value", &s))
		return false;
	if (str_eq(s, STR("by-thread")))
		n->shards = SHARDS_BY_THREAD;
	else if (str_eq(s, STR("by-group")))
		n->shards = SHARDS_BY_GROUP;
	else if (num_u64(s, &v) && v >= 1 && v <= THR_MAX)
		n->shards = (int)v;
	else
		return kw_err(k, k->at - 1,
			      "'%s' : invalid value " STR_FMT
			      ", allowed range is 1..%d or 'by-thread' or "
			      "'by-group'",
			      k->kw->name, STR_ARG(s), THR_MAX);
	return true;
}

static bool parse_nice(struct kw_call *k)
{
	int64_t v;

	if (!number(k, &v))
		return false;
	if (v < -1024 || v > 1024)
		return kw_err(k, k->at - 1, "'%s' : invalid value %lld, allowed range is -1024..1024", k->kw->name,
			      (long long)v);
	((struct bind_net *)k->obj)->nice = (int)v;
	return true;
}

/* --- threads --- */

static void set_threads(uint64_t bits[4], int from, int to, int step)
{
	for (int i = from; i <= to; i += step)
		bits[(i - 1) / 64] |= UINT64_C(1) << ((i - 1) % 64);
}

/* all, odd, even, 3, 3-5, 3- */
static bool one_set(struct str s, uint64_t bits[4])
{
	size_t dash = str_chr(s, '-');
	struct str low = str_head(s, dash), high = dash == (size_t)-1 ? low : str_skip(s, dash + 1);
	uint64_t from, to = THR_MAX;

	if (str_eq(s, STR("all"))) {
		set_threads(bits, 1, THR_MAX, 1);
	} else if (str_eq(s, STR("odd"))) {
		set_threads(bits, 1, THR_MAX, 2);
	} else if (str_eq(s, STR("even"))) {
		set_threads(bits, 2, THR_MAX, 2);
	} else {
		if (!num_u64(low, &from) || (high.n && !num_u64(high, &to)))
			return false;
		if (from < 1 || to < 1 || from > THR_MAX || to > THR_MAX)
			return false;
		set_threads(bits, (int)MIN(from, to), (int)MAX(from, to), 1);
	}
	return true;
}

static bool parse_thread(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct str list, one, list_text;
	size_t slash;
	uint64_t group;

	if (!argument(k, "thread set", &list))
		return false;
	list_text = list;
	while (addr_conf_next(&list, &one)) {
		slash = str_chr(one, '/');
		if (slash != (size_t)-1) {
			if (!num_u64(str_head(one, slash), &group) || group != 1)
				return kw_err_at(k, k->at - 1, one.p,
						 "'" STR_FMT "' thread-group number must be "
							     "between 1 and 1 (was " STR_FMT ")",
						 STR_ARG(one), STR_ARG(str_head(one, slash)));
			one = str_skip(one, slash + 1);
		}
		if (!one_set(one, n->threads))
			return kw_err_at(k, k->at - 1, one.p,
					 "'" STR_FMT "' : '" STR_FMT
					 "' is not a valid number/range. It supports numbers "
					 "from 1 to %d.",
					 STR_ARG(list_text), STR_ARG(one), THR_MAX);
	}
	return true;
}

static bool bad_process(struct kw_call *k, struct str word, int most)
{
	if (word.n && strspn(word.p, "0123456789-/") < word.n)
		return kw_err(k, k->at, "'process' : '" STR_FMT "' is not a valid number/range.", STR_ARG(word));
	return kw_err(k, k->at, "'process' : '" STR_FMT "' is not a valid number/range. It supports numbers from 1 to "
		      "%d.", STR_ARG(word), most);
}

/* There is one process: "all", "odd", "even", "1", "1-", "1-1". */
static bool is_this_process(struct str word)
{
	uint64_t low, high;
	struct str from = str_cut(&word, '-');

	if (!word.p && (str_eq(from, STR("all")) || str_eq(from, STR("odd")) || str_eq(from, STR("even"))))
		return true;
	return num_u64(from, &low) && low == 1 && (!word.n || (num_u64(word, &high) && high == 1));
}

/* process <set>[/<threads>]: what was written when there were several processes. */
static bool parse_process(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct str threads = kw_peek(k), which = str_cut(&threads, '/');

	if (!is_this_process(which))
		return bad_process(k, which, 1);
	if (threads.p && !one_set(threads, n->threads))
		return bad_process(k, threads, THR_MAX);
	kw_warn(k, k->at, "'process " STR_FMT "' on 'bind' lines is deprecated and will be removed in 2.7.%s" STR_FMT
		"%s", STR_ARG(kw_peek(k)), threads.n ? " Please use 'thread " : "", STR_ARG(threads),
		threads.n ? "' instead." : "");
	k->at++;
	return true;
}

/* --- unix sockets --- */

static bool parse_mode(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct str s = kw_peek(k);
	unsigned mode = 0;
	bool ok = s.n > 0 && s.n <= 4;

	for (size_t i = 0; ok && i < s.n; i++) {
		ok = s.p[i] >= '0' && s.p[i] <= '7';
		mode = mode * 8 + (unsigned)(s.p[i] - '0');
	}
	if (!ok)
		return kw_err(k, k->at,
			      "'%s' : missing or invalid mode '" STR_FMT
			      "' (octal integer expected)",
			      k->kw->name, STR_ARG(s.n ? s : STR("")));
	k->at++;
	n->mode = mode;
	return true;
}

static bool parse_user(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct passwd *p;
	struct str s;

	if (!argument(k, "user name", &s))
		return false;
	p = getpwnam(s.p);
	if (!p)
		return kw_err(k, k->at - 1, "'%s' : unknown user name '" STR_FMT "'", k->kw->name, STR_ARG(s));
	n->uid = (int)p->pw_uid;
	return true;
}

static bool parse_group(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct group *g;
	struct str s;

	if (!argument(k, "group name", &s))
		return false;
	g = getgrnam(s.p);
	if (!g)
		return kw_err(k, k->at - 1, "'%s' : unknown group name '" STR_FMT "'", k->kw->name, STR_ARG(s));
	n->gid = (int)g->gr_gid;
	return true;
}

/* --- texts and switches --- */

static bool parse_interface(struct kw_call *k)
{
	struct bind_net *n = k->obj;

	return argument(k, "interface name", &n->interface);
}

static bool parse_md5sig(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct str s;

	if (!argument(k, "password", &s))
		return false;
	if (s.n > 80)
		return kw_err(k, k->at - 1, "'%s' : password too long (at most 80 bytes)", k->kw->name);
	n->tcp_md5sig = s;
	return true;
}

static bool parse_namespace(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	struct str s;

	if (!argument(k, "namespace id", &s))
		return false;
	if (!netns_exists(s))
		return kw_err(k, k->at - 1, "Cannot open namespace '" STR_FMT "'.", STR_ARG(s));
	n->ns = s;
	return true;
}

static bool parse_cc(struct kw_call *k)
{
	return argument(k, "congestion control algorithm", &((struct bind_net *)k->obj)->cc);
}

static bool parse_tcp_ut(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	const char *bad;
	struct str s;
	uint64_t v;

	if (!argument(k, "TCP User Timeout value", &s))
		return false;
	switch (num_time(s, TIME_MS, TIME_MS, &v, &bad)) {
	case NUM_OVER:
		return kw_err(k, k->at - 1,
			      "timer overflow in argument '" STR_FMT
			      "' to '%s' (maximum value is 2147483647 ms or "
			      "~24.8 days)",
			      STR_ARG(s), k->kw->name);
	case NUM_BAD:
		return kw_err_at(k, k->at - 1, bad, "'%s' : expects a positive delay in milliseconds", k->kw->name);
	case NUM_OK:
		break;
	}
	n->tcp_ut = (unsigned)v;
	return true;
}

static bool parse_tcp_ss(struct kw_call *k)
{
	struct bind_net *n = k->obj;
	int64_t v;

	if (!number(k, &v))
		return false;
	if (v < 0 || v > 2)
		return kw_err(k, k->at - 1, "'%s' : invalid mode %lld, allowed range is 0..2", k->kw->name,
			      (long long)v);
	n->save_syn = (int)v;
	return true;
}

/* kw->priv: the value of v6only. */
static bool parse_v6(struct kw_call *k)
{
	struct bind_net *n = k->obj;

	n->v6only = k->kw->priv;
	return true;
}

#define AT(member) offsetof(struct bind_net, member)
const struct kw net_bind_kws[NET_BIND_KWS] = {
	{ .name = "accept-proxy", .scopes = KW_BIND, .type = KT_FLAG, .offset = AT(accept_proxy),
	  .help = "expect a PROXY protocol header (v1 or v2) on every connection" },
	{ .name = "accept-netscaler-cip", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_cip, .args = "<magic>",
	  .help = "expect a NetScaler Client IP header with this magic number on every connection" },
	{ .name = "backlog", .scopes = KW_BIND, .type = KT_PARSE, .offset = AT(backlog), .parse = parse_count,
	  .args = "<backlog>", .help = "connections that may wait in the kernel; 0: as the frontend says" },
	{ .name = "cc", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_cc, .args = "<algorithm>",
	  .help = "TCP congestion control algorithm" },
	{ .name = "defer-accept", .scopes = KW_BIND, .type = KT_FLAG, .offset = AT(defer_accept),
	  .help = "accept a connection only when its first bytes have come" },
	{ .name = "gid", .scopes = KW_BIND, .type = KT_PARSE, .offset = AT(gid), .parse = parse_count, .args = "<gid>",
	  .help = "group number that owns the unix socket" },
	{ .name = "group", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_group, .args = "<group>",
	  .help = "group that owns the unix socket" },
	{ .name = "interface", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_interface, .args = "<interface>",
	  .help = "accept only what comes in through this network interface" },
	{ .name = "maxconn", .scopes = KW_BIND, .type = KT_PARSE, .offset = AT(maxconn), .parse = parse_count,
	  .args = "<maxconn>", .help = "connections of this bind at a time; further ones wait in the kernel's queue" },
	{ .name = "mode", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_mode, .args = "<mode>",
	  .help = "access mode of the unix socket, octal" },
	{ .name = "mss", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_mss, .args = "<maxseg>",
	  .help = "largest TCP segment to announce" },
	{ .name = "namespace", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_namespace, .args = "<name>",
	  .help = "network namespace to listen in" },
	{ .name = "nbconn", .scopes = KW_BIND, .type = KT_NOT_BUILT, .args = "<nbconn>",
	  .help = "there are no reverse HTTP binds" },
	{ .name = "nice", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_nice, .args = "<nice>",
	  .help = "connections of binds with a lower one go first" },
	{ .name = "shards", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_shards,
	  .args = "<number>|by-thread|by-group",
	  .help = "sockets to open for the address, shared out among the threads (default: one per thread)" },
	{ .name = "tcp-md5sig", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_md5sig, .args = "<password>",
	  .help = "accept only segments signed with this password (RFC 2385)" },
	{ .name = "tcp-ss", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_tcp_ss, .args = "<mode>",
	  .help = "keep the SYN segment for fc_saved_syn: 1 from the IP header on, 2 from the link's, 0 not" },
	{ .name = "tcp-ut", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_tcp_ut, .args = "<delay>",
	  .help = "give up a connection whose data stay unacknowledged for so long" },
	{ .name = "tfo", .scopes = KW_BIND, .type = KT_FLAG, .offset = AT(tfo), .help = "TCP Fast Open" },
	{ .name = "thread", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_thread, .args = "[<group>/]<set>[,...]",
	  .help = "threads that accept here: all, odd, even, a number or a range" },
	{ .name = "transparent", .scopes = KW_BIND, .type = KT_FLAG, .offset = AT(transparent),
	  .help = "accept connections to addresses that are not this machine's (TPROXY)" },
	{ .name = "uid", .scopes = KW_BIND, .type = KT_PARSE, .offset = AT(uid), .parse = parse_count, .args = "<uid>",
	  .help = "user number that owns the unix socket" },
	{ .name = "user", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_user, .args = "<user>",
	  .help = "user who owns the unix socket" },
	{ .name = "v4v6", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_v6, .priv = 0,
	  .help = "an IPv6 wildcard accepts IPv4 too" },
	{ .name = "v6only", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_v6, .priv = 1,
	  .help = "an IPv6 wildcard accepts IPv6 only" },
	{ .name = "process", .scopes = KW_BIND, .type = KT_PARSE, .parse = parse_process, .args = "<set>[/<threads>]",
	  .help = "old form of `thread <threads>`" },
	{ .name = "quic-force-retry", .scopes = KW_BIND, .type = KT_NOT_BUILT, .help = "there is no QUIC here" },
};

/* --- addresses --- */

static bool each_port(const struct addr_conf *c, struct bind_net n, bind_net_each_f each, void *arg)
{
	n.addr = c->addr;
	n.fd = c->fd;
	n.sockpair = c->sockpair;
	for (unsigned port = c->port_low; port <= c->port_high; port++) {
		if (c->fd < 0)
			addr_set_port(&n.addr, (uint16_t)port);
		if (!each(&n, arg))
			return false;
	}
	return true;
}

bool bind_net_addresses(struct kw_call *k, int word, const char *name, const struct bind_net *base,
			struct str unix_prefix, unsigned flags, bind_net_each_f each, void *arg)
{
	struct str list = addr_conf_env(k->w[word], k->mem), one;
	struct bind_net n = *base;
	bool ok = true;

	while (addr_conf_next(&list, &one)) {
		struct addr_fault fault;
		struct addr_conf c;

		n.text = one;
		if (!addr_conf_parse(&c, one, flags, unix_prefix, &fault))
			ok = kw_err_at(k, word, fault.at, "'%s' : %s", name, fault.text);
		else if (each)
			ok = each_port(&c, n, each, arg) && ok;
	}
	return ok;
}
