/* Keywords of the global section: the process, its user, its limits. */
#include "model.h"
#include "rows.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <time.h>

#include "weir/base/num.h"
#include "weir/sys/privileges.h"

#define AT(field) offsetof(struct global, field)

static struct global *global(const struct kw_call *k)
{
	return k->obj;
}

static bool parse_nbthread(struct kw_call *k)
{
	struct str word = kw_peek(k);
	uint64_t v;

	if (!num_u64(word, &v))
		return kw_err(k, k->at, "'nbthread' passed a missing or unparsable integer value in '" STR_FMT "'",
			      STR_ARG(word));
	if (v < 1 || v > THR_MAX)
		return kw_err(k, k->at, "'nbthread' value must be between 1 and %d (was " STR_FMT ")", THR_MAX,
			      STR_ARG(word));
	k->at++;
	global(k)->nbthread = (int)v;
	return true;
}

static bool parse_groups(struct kw_call *k)
{
	struct str word = kw_peek(k);
	uint64_t v;

	if (!num_u64(word, &v))
		return kw_err(k, k->at, "'thread-groups' passed a missing or unparsable integer value in '" STR_FMT "'",
		              STR_ARG(word));
	if (v < 1 || v > 64)
		return kw_err(k, k->at, "'thread-groups' value must be between 1 and 64 (was " STR_FMT ")",
			      STR_ARG(word));
	k->at++;
	global(k)->thread_groups = (int)v;
	return true;
}

static bool is_thread(struct str word)
{
	uint64_t v;

	return num_u64(word, &v) && v >= 1 && v <= THR_MAX;
}

/* thread-group <n> [<range>...]: threads are not grouped here, the words are only looked at. */
static bool parse_group(struct kw_call *k)
{
	struct str word = kw_peek(k);
	uint64_t v;

	if (!num_u64(word, &v))
		return kw_err(k, k->at, "'thread-group' passed a missing or unparsable integer value in '" STR_FMT "'",
		              STR_ARG(word));
	if (v < 1 || v > 64)
		return kw_err(k, k->at, "'thread-group' thread-group number must be between 1 and 64 (was " STR_FMT ")",
			      STR_ARG(word));
	for (k->at++; kw_more(k); k->at++) {
		struct str to = k->w[k->at], from = str_cut(&to, '-');

		if (!is_thread(from) || (to.p && !is_thread(to)))
			return kw_err(k, k->at, "'thread-group %d' passed an unparsable or invalid thread number '"
				      STR_FMT "' (valid range is 1 to %d)", (int)v, STR_ARG(k->w[k->at]), THR_MAX);
	}
	return true;
}

/* --- cpu-map --- */

#define CPUS CPU_SETSIZE

/* "3", "1-4", "1,3-5" into a set of at most `limit`; base is subtracted. */
static bool take_set(struct str text, unsigned base, unsigned limit, uint64_t set[CPU_WORDS])
{
	while (text.p) {
		struct str part = str_cut(&text, ','), low = str_cut(&part, '-');
		uint64_t from, to;

		if (!num_u64(low, &from) || from < base || from - base >= limit)
			return false;
		to = from;
		if (part.p && (!num_u64(part, &to) || to < from || to - base >= limit))
			return false;
		for (uint64_t i = from - base; i <= to - base; i++)
			set[i / 64] |= 1ULL << i % 64;
	}
	return true;
}

static bool has(const uint64_t set[CPU_WORDS], unsigned i)
{
	return set[i / 64] >> i % 64 & 1;
}

static unsigned count(const uint64_t set[CPU_WORDS])
{
	unsigned n = 0;

	for (unsigned i = 0; i < CPU_WORDS; i++)
		n += (unsigned)__builtin_popcountll(set[i]);
	return n;
}

/* One CPU to each thread in turn, or all CPUs to every thread. */
static void map_cpus(struct global *g, const uint64_t threads[CPU_WORDS], const uint64_t cpus[CPU_WORDS], bool one_each)
{
	unsigned cpu = 0;

	for (unsigned t = 0; t < THR_MAX; t++) {
		if (!has(threads, t))
			continue;
		if (!one_each) {
			memcpy(g->cpu_map[t], cpus, sizeof(g->cpu_map[t]));
			continue;
		}
		while (cpu < CPUS && !has(cpus, cpu))
			cpu++;
		if (cpu == CPUS)
			return;
		memset(g->cpu_map[t], 0, sizeof(g->cpu_map[t]));
		g->cpu_map[t][cpu / 64] = 1ULL << cpu % 64;
		cpu++;
	}
}

static bool named_threads(struct str text, uint64_t set[CPU_WORDS])
{
	unsigned first = str_eq(text, STR("even")), step = 2;
	size_t dash = str_chr(text, '-');

	/* "3-": to the last one */
	if (dash != (size_t)-1 && dash + 1 == text.n) {
		uint64_t from;

		if (!num_u64(str_head(text, dash), &from) || from < 1 || from > THR_MAX)
			return false;
		for (unsigned t = (unsigned)from - 1; t < THR_MAX; t++)
			set[t / 64] |= 1ULL << t % 64;
		return true;
	}

	if (str_eq(text, STR("all")))
		step = 1;
	else if (!first && !str_eq(text, STR("odd")))
		return take_set(text, 1, THR_MAX, set);
	for (unsigned t = first; t < THR_MAX; t += step)
		set[t / 64] |= 1ULL << t % 64;
	return true;
}

static bool bad_cpus(struct kw_call *k)
{
	struct str word = kw_peek(k);

	if (word.n && strspn(word.p, "0123456789,-") == word.n)
		return kw_err(k, k->at, "cpu-map : supports CPU numbers from 0 to %d.", CPUS - 1);
	return kw_err(k, k->at, "cpu-map : '" STR_FMT "' is not a CPU range.", STR_ARG(word));
}

static bool bad_threads(struct kw_call *k, struct str text)
{
	bool number = strspn(text.p, "0123456789-") == text.n;

	if (!number)
		return kw_err(k, k->at, "cpu-map : '" STR_FMT "' is not a valid number/range.", STR_ARG(text));
	return kw_err(k, k->at,
		      "cpu-map : '" STR_FMT "' is not a valid number/range. It supports numbers from 1 to %d.",
		      STR_ARG(text), THR_MAX);
}

/* cpu-map [auto:]<group>[/<threads>] <cpus>...  There is one group; its threads stand behind the slash, or alone. */
static bool parse_cpu_map(struct kw_call *k)
{
	struct str who = kw_peek(k), threads;
	uint64_t tset[CPU_WORDS] = { 0 }, cset[CPU_WORDS] = { 0 };
	bool one_each = str_starts(who, STR("auto:"));

	if (k->n - k->at < 2)
		return kw_err(k, k->at,
			      "cpu-map expects a thread group number  ('all', 'odd', 'even', a number from 1 to 64 "
			      "or a "
			      "range),  followed by a list of CPU ranges with numbers from 0 to %d.",
			      CPUS - 1);
	threads = str_skip(who, one_each ? 5 : 0);
	if (str_chr(threads, '/') != (size_t)-1) {
		struct str group = str_cut(&threads, '/');
		uint64_t gset[CPU_WORDS] = { 0 };

		if (!named_threads(group, gset))
			return bad_threads(k, group);
	}
	if (!named_threads(threads, tset))
		return bad_threads(k, threads);
	for (k->at++; kw_more(k); k->at++)
		if (!take_set(k->w[k->at], 0, CPUS, cset))
			return bad_cpus(k);
	if (one_each && count(tset) != count(cset)) {
		kw_hint(k, "%u threads, %u CPUs", count(tset), count(cset));
		return kw_err(k, k->at - 1,
			      "cpu-map : TGROUP/THREAD range and CPU sets must have the same size to be automatically "
			      "bound");
	}
	map_cpus(global(k), tset, cset, one_each);
	return true;
}

/* --- cpu-set, cpu-policy --- */

static bool parse_cpu_set(struct kw_call *k)
{
	static const char *const later[] = { "drop-node", "only-node", "drop-cluster", "only-cluster", "drop-core",
					     "only-core", "drop-thread", "only-thread", NULL };
	struct cpu_choice *c = &global(k)->cpus;

	if (kw_take_if(k, "reset")) {
		c->reset = true;
		return true;
	}
	if (kw_choice(kw_peek(k), later) >= 0)
		return kw_err(k, k->at, "'cpu-set " STR_FMT "' is known to HAProxy, not built in weir.",
			      STR_ARG(kw_peek(k)));
	if (str_eqz(kw_peek(k), "only-cpu"))
		c->some = true;
	else if (!str_eqz(kw_peek(k), "drop-cpu"))
		return kw_err(k, k->at, "'cpu-set' expects 'reset', 'only-cpu <cpus>' or 'drop-cpu <cpus>'.");
	k->at++;
	if (!kw_more(k) || !take_set(kw_peek(k), 0, CPUS, str_eqz(k->w[k->at - 1], "only-cpu") ? c->only : c->drop))
		return kw_err(k, k->at, "'cpu-set' : '" STR_FMT "' is not a CPU range.", STR_ARG(kw_peek(k)));
	k->at++;
	return true;
}

static bool parse_cpu_policy(struct kw_call *k)
{
	static const char *const words[] = {
		"none", "efficiency", "first-usable-node", "group-by-2-ccx", "group-by-2-clusters", "group-by-3-ccx",
		"group-by-3-clusters", "group-by-4-ccx", "group-by-4-cluster", "group-by-ccx", "group-by-cluster",
		"performance", "resource", NULL,
	};

	if (kw_choice(kw_peek(k), words) < 0) {
		kw_hint_near(k, kw_peek(k), words);
		return kw_err(k, k->at, "'cpu-policy' : unknown policy '" STR_FMT "'.", STR_ARG(kw_peek(k)));
	}
	k->at = k->n;
	return true;
}

/* --- user and group --- */

static bool find_id(struct kw_call *k, struct str name, bool group, int *id)
{
	char buf[4096], z[256];
	struct passwd pw, *p = NULL;
	struct group gr, *g = NULL;

	str_z(name, z, sizeof(z));
	if (group ? getgrnam_r(z, &gr, buf, sizeof(buf), &g) || !g : getpwnam_r(z, &pw, buf, sizeof(buf), &p) || !p)
		return kw_err(k, k->at, "cannot find %s id for '%s' (%d:%s)", group ? "group" : "user", z, errno,
			      strerror(errno));
	*id = group ? (int)g->gr_gid : (int)p->pw_uid;
	return true;
}

static bool parse_uid(struct kw_call *k);

/* The first line counts. */
static bool identity_said(struct kw_call *k)
{
	bool group = k->kw->priv;

	if ((group ? global(k)->gid : global(k)->uid) <= 0)
		return false;
	kw_ignored(k, 0, "%s already specified. Continuing.",
		   !group ? "user/uid" : k->kw->parse == parse_uid ? "group/gid" : "gid/group was");
	k->at = k->n;
	return true;
}

static bool parse_user(struct kw_call *k)
{
	bool group = k->kw->priv;
	int id;

	if (identity_said(k))
		return true;
	if (!find_id(k, kw_peek(k), group, &id))
		return false;
	if (group) {
		global(k)->group = kw_peek(k);
		global(k)->gid = id;
	} else {
		global(k)->user = kw_peek(k);
		global(k)->uid = id;
	}
	k->at++;
	return true;
}

/* A text is taken for 0, as HAProxy does, with its warning: whoever means a name is told of `user`. */
static bool parse_uid(struct kw_call *k)
{
	const char *by_name = k->kw->priv ? "group" : "user";
	int64_t v = 0;

	if (identity_said(k))
		return true;
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' expects an integer argument.", k->kw->name);
	if (!num_i64(kw_peek(k), &v) || v < 0 || v > INT32_MAX)
		kw_warn(k, k->at,
			" %s: string '" STR_FMT "' is not a number.\n   | You might want to use the '%s' parameter to "
			"use a system %s name.",
			k->kw->name, STR_ARG(kw_peek(k)), by_name, by_name);
	else
		*(int *)((char *)k->obj + k->kw->offset) = (int)v;
	k->at++;
	return true;
}

/* Lines of which the first one counts. */
static bool once(const struct kw_call *k)
{
	static const char *const names[] = { "chroot", "pidfile", "server-state-base", "server-state-file", NULL };

	return kw_choice(str_c(k->kw->name), names) >= 0;
}

static bool parse_path(struct kw_call *k)
{
	static const char *const what[] = { "expects a directory as an argument", "expects a file name as an argument",
					    "expects a name as an argument", "expects one argument: a directory path",
					    "expect one argument: a file path" };

	struct str *path = (struct str *)((char *)k->obj + k->kw->offset);

	if (path->n && once(k))
		return kw_said(k);
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' %s.", k->kw->name, what[k->kw->priv]);
	*path = k->w[k->at++];
	return true;
}

static bool parse_node(struct kw_call *k)
{
	struct str word = kw_peek(k);
	bool ok = word.n > 0;

	for (size_t i = 0; i < word.n; i++)
		ok &= isalnum((unsigned char)word.p[i]) || memchr("-_.", word.p[i], 3) != NULL;
	if (!ok)
		return kw_err(k, k->at,
			      "'node' requires valid node name - non-empty string with digits(0-9), letters(A-Z, "
			      "a-z), "
			      "dot(.), hyphen(-) or underscode(_).");
	global(k)->node = k->w[k->at++];
	return true;
}

static bool parse_text(struct kw_call *k)
{
	if (!kw_more(k))
		return kw_err(k, k->at, "'%s' expects a string argument.", k->kw->name);
	*(struct str *)((char *)k->obj + k->kw->offset) = kw_rest(k);
	return true;
}

/* --- unix-bind --- */

static bool octal(struct str word, unsigned *out)
{
	unsigned v = 0;

	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] < '0' || word.p[i] > '7' || v > 0777)
			return false;
		v = v << 3 | (unsigned)(word.p[i] - '0');
	}
	*out = v;
	return word.n > 0;
}

static bool unix_option(struct kw_call *k)
{
	static const char *const words[] = { "prefix", "mode", "uid", "gid", "user", "group", NULL };
	struct global *g = global(k);
	int i = kw_choice(kw_peek(k), words);
	int64_t v = 0;

	if (i < 0)
		return kw_err(k, k->at,
			      "'unix-bind' only supports the 'prefix', 'mode', 'uid', 'gid', 'user' and 'group' "
			      "options.");
	k->at++;
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "unix_bind '%s' expects a %s as an argument.", words[i], i ? "value" : "path");
	if (i == 0 && g->unix_prefix.n)
		kw_ignored(k, k->at - 1, "unix-bind 'prefix' already specified. Continuing.");
	else if (i == 0)
		g->unix_prefix = kw_peek(k);
	else if (i == 1 && !octal(kw_peek(k), &g->unix_mode))
		return kw_err(k, k->at,
			      "unix_bind 'mode' : missing or invalid mode '" STR_FMT "' (octal integer expected)",
			      STR_ARG(kw_peek(k)));
	else if ((i == 2 || i == 3) && (!num_i64(kw_peek(k), &v) || v < -1 || v > INT32_MAX))
		return kw_err(k, k->at, "unix_bind '%s' expects a number.", words[i]);
	else if (i >= 4 && !find_id(k, kw_peek(k), i == 5, i == 5 ? &g->unix_gid : &g->unix_uid))
		return false;
	if (i == 2)
		g->unix_uid = (int)v;
	else if (i == 3)
		g->unix_gid = (int)v;
	k->at++;
	return true;
}

static bool parse_unix_bind(struct kw_call *k)
{
	while (kw_more(k))
		if (!unix_option(k))
			return false;
	return true;
}

/* --- small ones --- */

static bool parse_spread(struct kw_call *k)
{
	int64_t v;

	if (!kw_peek(k).n || !num_i64(kw_peek(k), &v))
		return kw_err(k, k->at, "'spread-checks' expects an integer argument (0..50).");
	if (v < 0 || v > 50)
		return kw_err(k, k->at, "'spread-checks' needs a positive value in range 0..50.");
	if (global(k)->spread_checks) {
		kw_ignored(k, k->at - 1, "spread-checks already specified. Continuing.");
		k->at = k->n;
		return true;
	}
	k->at++;
	global(k)->spread_checks = (unsigned)v;
	return true;
}

static bool parse_close_spread(struct kw_call *k)
{
	if (!kw_take_if(k, "infinite"))
		return kw_time(k, "<time> as argument", &global(k)->close_spread);
	global(k)->close_spread = UINT32_MAX;
	return true;
}

static bool parse_secret(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "expects an ASCII string argument.");
	if (global(k)->cluster_secret.n)
		return kw_said(k);
	global(k)->cluster_secret = k->w[k->at++];
	return true;
}

static bool parse_experimental(struct kw_call *k)
{
	global(k)->expose_experimental = k->ld->experimental = true;
	return true;
}

static bool parse_profiling(struct kw_call *k)
{
	static const char *const words[] = { "off", "auto", "on", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'%s' expects either 'on', 'auto', or 'off' but got '" STR_FMT "'.",
			      k->kw->name, STR_ARG(kw_peek(k)));
	k->at++;
	global(k)->profiling_tasks = (uint8_t)i;
	return true;
}

static bool parse_external_check(struct kw_call *k)
{
	global(k)->external_check = true;
	global(k)->external_check_env = kw_take_if(k, "preserve-env");
	return true;
}

static bool parse_master(struct kw_call *k)
{
	global(k)->master_worker = true;
	if (!kw_take_if(k, "no-exit-on-failure") && kw_more(k))
		return kw_err(k, k->at, "'master-worker' only supports 'no-exit-on-failure' option.");
	return true;
}

/* setcap <name>[,<name>...] */
static bool parse_setcap(struct kw_call *k)
{
	struct str list = kw_peek(k);

	if (!list.n)
		return kw_err(k, k->at, "'setcap' expects a comma-delimited list of capabilities.");
	while (list.p) {
		struct str name = str_cut(&list, ',');
		uint64_t bit = priv_cap(name);

		if (!bit) {
			kw_hint(k, "cap_net_admin, cap_net_raw, cap_net_bind_service or cap_sys_admin");
			return kw_err(k, k->at, "'setcap' : unsupported capability '" STR_FMT "'.", STR_ARG(name));
		}
		global(k)->caps |= bit;
	}
	k->at++;
	return true;
}

static bool parse_max_reloads(struct kw_call *k)
{
	int64_t v;

	if (!kw_peek(k).n || !num_i64(kw_peek(k), &v))
		kw_warn(k, k->at, "'mworker-max-reloads' expects an integer argument.");
	else if (v < 0 || v >= INT32_MAX)
		kw_warn(k, k->at, "'mworker-max-reloads' : invalid value " STR_FMT ", must be >= 0",
			STR_ARG(kw_peek(k)));
	else
		global(k)->max_reloads = (int)v + 1;
	if (k->n > k->at + 1)
		kw_ignored(k, k->at + 1, "'mworker-max-reloads' cannot handle unexpected argument '" STR_FMT "'.",
			   STR_ARG(k->w[k->at + 1]));
	k->at = k->n;
	return true;
}

/* dns-accept-family ipv4: as -4. */
static bool parse_family(struct kw_call *k)
{
	static const char *const words[] = { "ipv4", "auto", "ipv4,ipv6", "ipv6,ipv4", "ipv6", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'dns-accept-family' expects 'ipv4', 'ipv6', both or 'auto'.");
	if (i == 4)
		return kw_err(k, k->at, "'dns-accept-family ipv6' is known to HAProxy, not built in weir.");
	kw_conf(k)->ipv4_only |= i == 0;
	k->at++;
	return true;
}

/* For whoever tests what happens while a file is read. */
static bool parse_pause(struct kw_call *k)
{
	unsigned ms = 0;

	if (!kw_time(k, "<time> as argument", &ms))
		return false;
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L }, NULL);
	return true;
}

static bool parse_blocked(struct kw_call *k)
{
	unsigned ms = 0;

	if (!kw_time(k, "<time> as argument", &ms))
		return false;
	if (ms < 1 || ms > 1000)
		return kw_err(k, k->at - 1, "'warn-blocked-traffic-after' expects a time between 1 and 1000 ms.");
	global(k)->blocked_ms = ms;
	return true;
}

/* Limits of compression, up to `min`. */
static bool parse_comp(struct kw_call *k)
{
	static const char *const what[] = { "in kb/s", "between 0 and 100" };
	uint64_t v;

	if (!num_u64(kw_peek(k), &v) || v > (uint64_t)k->kw->min)
		return kw_err(k, k->at, "'%s' expects an integer argument %s.", k->kw->name, what[k->kw->priv]);
	*(unsigned *)((char *)k->obj + k->kw->offset) = (unsigned)v;
	k->at++;
	return true;
}

static bool parse_nothing(struct kw_call *k)
{
	return true;
}

static bool parse_zero_warning(struct kw_call *k)
{
	global(k)->zero_warning = true;
	return true;
}

#define KW(word, fn, ...) { word, KW_GLOBAL, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
#define FLAG(word, field, ...) { word, KW_GLOBAL, .type = KT_FLAG, .offset = AT(field), __VA_ARGS__ }
#define UINT(word, field, text) { word, KW_GLOBAL, .type = KT_UINT, .offset = AT(field), .args = "<n>", .help = text }
#define ONCE(word, field, text) { word, KW_GLOBAL, .type = KT_UINT, .offset = AT(field), .args = "<n>", \
	.flags = KW_F_ONCE, .help = text }
#define TIME(word, field, text)                                                                                      \
	{                                                                                                            \
		word, KW_GLOBAL, .type = KT_TIME, .offset = AT(field), .args = "<time>", .help = text                \
	}
#define NOT_BUILT(word, why) { word, KW_GLOBAL, .type = KT_NOT_BUILT, .flags = KW_F_NO, .help = why }
#define UNUSED(word, text) KW(word, parse_nothing, .help = "accepted without effect: " text)

const struct kw model_global[MODEL_GLOBAL] = {
	KW("nbthread", parse_nbthread, .args = "<n>", .help = "threads (default: the CPUs that we may use)"),
	KW("thread-groups", parse_groups, .args = "<n>", .help = "accepted without effect: all threads are alike"),
	KW("thread-group", parse_group, .args = "<n> [<threads>...]",
	   .help = "accepted without effect: all threads are alike"),
	KW("cpu-map", parse_cpu_map, .args = "[auto:]<group>[/<threads>] <cpus>...",
	   .help = "which thread runs on which CPU"),
	KW("user", parse_user, .args = "<name>", .help = "user to run as"),
	KW("group", parse_user, .args = "<name>", .priv = 1, .help = "group to run as"),
	KW("uid", parse_uid, .offset = AT(uid), .args = "<n>", .help = "user number to run as"),
	KW("gid", parse_uid, .offset = AT(gid), .args = "<n>", .priv = 1, .help = "group number to run as"),
	KW("chroot", parse_path, .offset = AT(chroot), .args = "<dir>", .help = "directory to lock the process into"),
	KW("pidfile", parse_path, .offset = AT(pidfile), .args = "<file>", .priv = 1,
	   .help = "file for the process number"),
	KW("localpeer", parse_path, .offset = AT(localpeer), .args = "<name>", .priv = 2,
	   .help = "name of this peer"),
	KW("node", parse_node, .args = "<name>", .help = "name of this machine in statistics"),
	KW("description", parse_text, .offset = AT(description), .args = "<text>", .help = "shown by the statistics"),
	FLAG("daemon", daemon, .help = "run in the background"),
	KW("master-worker", parse_master, .args = "[no-exit-on-failure]", .help = "a master that starts workers"),
	FLAG("h1-accept-payload-with-any-method", any_body,
	     .help = "GET, HEAD and DELETE of HTTP/1.0 may have a body; else they are answered with 413"),
	FLAG("quiet", quiet, .help = "say nothing at start"),
	FLAG("busy-polling", busy_polling, .flags = KW_F_NO, .help = "do not sleep in the poller"),
	FLAG("set-dumpable", dumpable, .flags = KW_F_NO, .help = "leave core files when a signal ends the process"),
	FLAG("strict-limits", strict_limits, .flags = KW_F_NO,
	     .help = "limits that cannot be had are errors (the default)"),
	FLAG("insecure-fork-wanted", insecure_fork, .flags = KW_F_NO, .help = "the process may start others"),
	FLAG("insecure-setuid-wanted", insecure_setuid, .flags = KW_F_NO, .help = "children may gain privileges"),
	KW("external-check", parse_external_check, .args = "[preserve-env]",
	   .help = "allow health checks by programs"),
	KW("expose-experimental-directives", parse_experimental, .help = "allow keywords that may still change"),
	KW("zero-warning", parse_zero_warning, .help = "any warning is an error"),
	ONCE("maxconn", maxconn, "connections of the process (default: from ulimit-n)"),
	ONCE("ulimit-n", ulimit_n, "descriptors to ask for (default: from maxconn)"),
	ONCE("fd-hard-limit", nofile_hard, "descriptors never to exceed"),
	ONCE("maxconnrate", maxconnrate, "new connections a second"),
	ONCE("maxsessrate", maxsessrate, "new sessions a second"),
	UINT("maxsslconn", maxsslconn, "TLS connections"),
	ONCE("maxsslrate", maxsslrate, "new TLS sessions a second"),
	ONCE("maxpipes", maxpipes, "pipes for splicing"),
	KW("maxcomprate", parse_comp, .offset = AT(maxcomprate), .min = INT32_MAX / 1024, .args = "<kB>",
	   .help = "kB a second that may be compressed, for lines that turn compression on; none do yet"),
	KW("maxcompcpuusage", parse_comp, .offset = AT(maxcompcpu), .min = 100, .priv = 1, .args = "<percent>",
	   .help = "CPU time up to which may be compressed, for lines that turn compression on; none do yet"),
	TIME("hard-stop-after", hard_stop_after, "longest soft stop"),
	TIME("grace", grace, "wait between the signal and the soft stop"),
	TIME("max-spread-checks", max_spread_checks, "within which time the first health checks are started"),
	KW("close-spread-time", parse_close_spread, .args = "<time>|infinite",
	   .help = "within which time a soft stop ends the connections that wait (infinite: they end by themselves)"),
	KW("spread-checks", parse_spread, .args = "<percent>", .help = "randomness of check intervals"),
	KW("unix-bind", parse_unix_bind, .args = "[prefix <p>] [mode <m>] [user <u>] [uid <n>] [group <g>] [gid <n>]",
	   .help = "rights of unix sockets that say none themselves"),
	FLAG("nosplice", nosplice, .help = "never splice"),
	FLAG("noreuseport", noreuseport, .help = "no SO_REUSEPORT"),
	FLAG("noepoll", noepoll, .help = "accepted without effect: there is no other poller"),
	FLAG("nopoll", nopoll, .help = "accepted without effect: there is no such poller"),
	FLAG("nogetaddrinfo", nogetaddrinfo, .help = "accepted without effect"),
	KW("server-state-base", parse_path, .offset = AT(server_state_base), .args = "<dir>", .priv = 3,
	   .help = "where relative state files lie"),
	KW("server-state-file", parse_path, .offset = AT(server_state_file), .args = "<file>", .priv = 4,
	   .help = "states of all servers, read at start"),
	KW("stats-file", parse_path, .offset = AT(stats_file), .args = "<file>", .priv = 1,
	   .help = "counters of the process before, as `dump stats-file` wrote them, read at start"),
	KW("cluster-secret", parse_secret, .args = "<text>",
	   .help = "accepted without effect: QUIC's tokens are made of it, and there is no QUIC here"),
	NOT_BUILT("anonkey", "answers of the runtime API are not anonymised; weir -dC<key> hashes a configuration"),
	KW("profiling.tasks", parse_profiling, .args = "on|auto|off",
	   .help = "measure what functions and exchanges cost (auto: while turns are long)"),
	NOT_BUILT("profiling.memory",
		  "who allocates what is not counted; run weir under valgrind, or build it with SAN=address"),
	/* whatever stands behind it is not looked at, as in HAProxy */
	{ "numa-cpu-mapping", KW_GLOBAL, .type = KT_IGNORED, .flags = KW_F_NO,
	  .help = "accepted without effect: threads are not bound to one node" },
	KW("cpu-policy", parse_cpu_policy, .args = "<policy>",
	   .help = "accepted without effect: the system places threads where cpu-map does not"),
	KW("cpu-set", parse_cpu_set, .args = "reset|only-cpu <cpus>|drop-cpu <cpus>",
	   .help = "CPUs that threads may run on, and are counted by"),
	UNUSED("noevports", "there are no event ports here"),
	UNUSED("nokqueue", "there is no kqueue here"),
	FLAG("no-memory-trimming", no_trimming, .flags = KW_F_NO,
	     .help = "free memory is not given back to the system"),
	KW("mworker-max-reloads", parse_max_reloads, .args = "<n>", .help = "reloads that an old worker may outlive"),
	FLAG("pp2-never-send-local", never_local, .flags = KW_F_NO,
	     .help = "health checks say PROXY, not LOCAL, in the PROXY protocol v2"),
	NOT_BUILT("h1-do-not-close-on-insecure-transfer-encoding",
		  "a connection on which requests may be smuggled is always closed"),
	FLAG("h2-workaround-bogus-websocket-clients", no_h2_websocket, .flags = KW_F_NO,
	     .help = "do not tell clients that websockets are possible in HTTP/2"),
	UNUSED("no-quic", "there is no QUIC here"),
	UNUSED("limited-quic", "there is no QUIC here"),
	KW("dns-accept-family", parse_family, .args = "auto|ipv4|ipv4,ipv6", .help = "families that names resolve to"),
	KW("warn-blocked-traffic-after", parse_blocked, .args = "<time>",
	   .help = "say when a thread was busy for so long without looking at connections"),
	KW("force-cfg-parser-pause", parse_pause, .args = "<time>", .help = "wait while the file is read, for tests"),
	FLAG("prealloc-fd", prealloc_fd,
	     .help = "let the kernel make its table of descriptors as large as needed at once"),
	KW("setcap", parse_setcap, .args = "<capability>[,...]", .help = "capabilities kept when the user changes"),
};
