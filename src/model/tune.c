/* tune.* lines of the global section. */
#include "model.h"
#include "rows.h"

#include <errno.h>
#include <limits.h>

#include "weir/base/num.h"

#define AT(field) offsetof(struct global, tune.field)

static bool parse_positive(struct kw_call *k)
{
	unsigned *value = (unsigned *)((char *)k->obj + k->kw->offset);
	struct str word = kw_peek(k);
	const char *bad;
	uint64_t v = 0;

	if (!word.n)
		return kw_err(k, k->at, "'%s' expects an integer argument.", k->kw->name);
	if (num_size(word, &v, &bad) != NUM_OK || (v == 0 && !k->kw->priv) || v > 256 * 1024 * 1024)
		return kw_err(k, k->at, "'%s' expects a positive integer argument.", k->kw->name);
	k->at++;
	*value = (unsigned)v;
	return true;
}

static bool parse_shared(struct kw_call *k)
{
	static const char *const words[] = { "off", "on", "auto", "full", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'%s' expects either 'on' or 'off' but got '" STR_FMT "'.", k->kw->name,
		              STR_ARG(kw_peek(k)));
	k->at++;
	((struct global *)k->obj)->tune.idle_pool_shared = i > 0;
	return true;
}

static bool parse_vars(struct kw_call *k)
{
	unsigned *value = (unsigned *)((char *)k->obj + k->kw->offset);
	const char *bad;
	uint64_t v;

	if (!kw_peek(k).n || num_size(kw_peek(k), &v, &bad) != NUM_OK || v > UINT32_MAX)
		return kw_err(k, k->at, "%s: '" STR_FMT "' is an invalid size", k->kw->name, STR_ARG(kw_peek(k)));
	k->at++;
	*value = (unsigned)v;
	return true;
}

static bool parse_on_off(struct kw_call *k)
{
	static const char *const words[] = { "off", "on", NULL };

	if (kw_choice(kw_peek(k), words) < 0)
		return kw_err(k, k->at, "'%s' expects either 'on' or 'off' but got '" STR_FMT "'.", k->kw->name,
		              STR_ARG(kw_peek(k)));
	k->at++;
	return true;
}

static bool parse_multi_queue(struct kw_call *k)
{
	return kw_take_if(k, "fair") || parse_on_off(k);
}

static bool parse_take_over(struct kw_call *k)
{
	return kw_take_if(k, "none") || kw_take_if(k, "restricted") || kw_take_if(k, "full") ||
	       kw_err(k, k->at, "'%s' expects 'none', 'restricted' or 'full'.", k->kw->name);
}

static bool parse_nothing(struct kw_call *k)
{
	return true;
}

/* A number that nobody needs. With priv 1 it may be missing; greater: the sentence for all that is wrong. */
static bool parse_number(struct kw_call *k)
{
	static const char *const one_text[] = { "a positive numeric value", "an integer argument greater than 0.",
						"a numeric value between 1 and 9" };
	const struct kw *row = k->kw;
	int64_t v;
	bool number = kw_peek(k).n && num_i64(kw_peek(k), &v);

	if (row->priv == 1 && !kw_peek(k).n)
		return true;
	if (row->priv > 1 && (!number || v < row->min || v > row->max))
		return kw_err(k, k->at, "'%s' expects %s", row->name, one_text[row->priv - 2]);
	if (!number)
		return kw_err(k, k->at, "'%s' expects an integer argument.", row->name);
	if (v < row->min || v > row->max)
		return kw_err(k, k->at, "'%s' expects a numeric value between %lld and %lld.", row->name,
			      (long long)row->min, (long long)row->max);
	k->at++;
	return true;
}

static bool parse_size(struct kw_call *k)
{
	const char *bad;
	uint64_t v;

	if (!kw_peek(k).n || num_size(kw_peek(k), &v, &bad) != NUM_OK)
		return kw_err(k, k->at, "'%s' expects a size argument.", k->kw->name);
	k->at++;
	return true;
}

static bool parse_idletimer(struct kw_call *k)
{
	unsigned ms = UINT_MAX;

	if (kw_peek(k).n && !kw_time(k, "<time> as argument", &ms))
		return false;
	return ms <= 65535 || kw_err(k, k->at, "'tune.idletimer' expects a timer value between 0 and 65535 ms.");
}

/* Kept plus one: 0 is a limit too. */
static bool parse_ratio(struct kw_call *k)
{
	unsigned *value = (unsigned *)((char *)k->obj + k->kw->offset);
	int64_t v;

	if (!kw_peek(k).n || !num_i64(kw_peek(k), &v) || v < 0 || v > 100)
		return kw_err(k, k->at, "'%s' expects an integer argument between 0 and 100.", k->kw->name);
	k->at++;
	*value = (unsigned)v + 1;
	return true;
}

static bool parse_shards(struct kw_call *k)
{
	static const char *const words[] = { "by-process", "by-thread", "by-group", NULL };
	static const int shards[] = { 1, SHARDS_BY_THREAD, SHARDS_BY_GROUP };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at, "'%s' expects either 'by-process', 'by-group', or 'by-thread' but got '" STR_FMT
			      "'.", k->kw->name, STR_ARG(kw_peek(k)));
	k->at++;
	((struct global *)k->obj)->tune.default_shards = shards[i];
	return true;
}

/* tune.renice.startup holds from its line on. */
static bool parse_renice(struct kw_call *k)
{
	struct tune *t = &((struct global *)k->obj)->tune;
	bool now = k->kw->priv;
	int64_t v;

	if (!kw_peek(k).n || !num_i64(kw_peek(k), &v) || v < -20 || v > 19)
		return kw_err(k, k->at, "'%s' expects an integer argument between -20 and 19.", k->kw->name);
	*(now ? &t->renice_startup : &t->renice_runtime) = (int)v + NICE_BASE;
	if (now && !t->nice_before)
		t->nice_before = proc_nice_get() + NICE_BASE;
	if (now && !proc_nice((int)v))
		kw_warn(k, k->at, "'%s' : the system refuses that priority (%s).", k->kw->name, strerror(errno));
	k->at++;
	return true;
}

#define SIZE(word, field, text) { word, KW_GLOBAL, .type = KT_PARSE, .parse = parse_positive, .offset = AT(field), \
	.args = "<size>", .help = text }
#define ONCE(word, field, text) { word, KW_GLOBAL, .type = KT_PARSE, .parse = parse_positive, .offset = AT(field), \
	.args = "<size>", .flags = KW_F_ONCE, .priv = 1 /* 0: the kernel's */, .help = text }
#define UINT(word, field, low, high, text) { word, KW_GLOBAL, .type = KT_UINT, .offset = AT(field), .min = low, \
	.max = high, .args = "<n>", .help = text }
#define VARS(word, i, text) { word, KW_GLOBAL, .type = KT_PARSE, .parse = parse_vars, .offset = AT(vars_max[i]), \
	.args = "<size>", .help = text }
#define NOT_BUILT(word, why) { word, KW_GLOBAL, .type = KT_NOT_BUILT, .help = why }
/* Hints whose absence cannot be noticed; their arguments are looked at all the same. */
#define HINT(word, fn, arg, text) { word, KW_GLOBAL, .type = KT_PARSE, .parse = fn, .args = arg, \
	.help = "accepted without effect: " text }
#define HINT_N(word, low, high, text) HINT_WITH(word, 0, low, high, text)
#define HINT_WITH(word, how, low, high, text) { word, KW_GLOBAL, .type = KT_PARSE, .parse = parse_number, .min = low, \
	.max = high, .priv = how, .args = "<n>", .help = "accepted without effect: " text }
#define ON_OFF "on|off"

const struct kw model_tune[MODEL_TUNE] = {
	SIZE("tune.bufsize", bufsize, "bytes of a buffer; a message head must fit into one"),
	NOT_BUILT("tune.bufsize.small", "there is one size of buffers, and connections that wait hold none"),
	NOT_BUILT("tune.bufsize.large", "there is one size of buffers: tune.bufsize"),
	SIZE("tune.maxrewrite", maxrewrite, "bytes of a buffer kept free for what rules add"),
	UINT("tune.http.maxhdr", maxhdr, 1, 32767, "fields of a message"),
	UINT("tune.http.cookielen", cookielen, 1, 65535, "bytes of a captured cookie"),
	UINT("tune.http.logurilen", logurilen, 1, 65535, "bytes of a logged request line"),
	{ "tune.maxaccept", KW_GLOBAL, .type = KT_INT, .offset = AT(maxaccept), .flags = KW_F_ONCE, .args = "<n>",
	  .help = "connections accepted in a row; -1: no limit" },
	{ "tune.maxpollevents", KW_GLOBAL, .type = KT_INT, .offset = AT(maxpollevents), .flags = KW_F_ONCE,
	  .args = "<n>", .help = "events taken from the poller at once" },
	{ "tune.idle-pool.shared", KW_GLOBAL, .type = KT_PARSE, .parse = parse_shared, .args = "on|off",
	  .help = "threads may take idle server connections of others" },
	{ "tune.pool-low-fd-ratio", KW_GLOBAL, .type = KT_PARSE, .parse = parse_ratio, .offset = AT(pool_low_fd),
	  .args = "<percent>", .help = "of all descriptors: with more in use server connections are not kept idle" },
	{ "tune.pool-high-fd-ratio", KW_GLOBAL, .type = KT_PARSE, .parse = parse_ratio, .offset = AT(pool_high_fd),
	  .args = "<percent>", .help = "of all descriptors: with more in use an idle one closes for a new one" },
	HINT("tune.idletimer", parse_idletimer, "<time>", "readings adapt by themselves"),
	{ "tune.runqueue-depth", KW_GLOBAL, .type = KT_UINT, .offset = AT(runqueue_depth), .max = 1000000,
	  .args = "<n>", .flags = KW_F_ONCE, .help = "tasks run in a row" },
	HINT_N("tune.recv_enough", 0, INT32_MAX, "a short reading always means that there is no more"),
	SIZE("tune.pipesize", pipesize, "bytes of a pipe for splicing (1 MB for 16 of them, then the kernel's)"),
	HINT_WITH("tune.comp.maxlevel", 4, 1, 9, "no line turns compression on yet"),
	HINT_N("maxzlibmem", 0, INT32_MAX, "there is no zlib here"),
	HINT_WITH("tune.pattern.cache-size", 2, 0, INT32_MAX, "patterns are found without a cache"),
	UINT("tune.buffers.limit", buffers_limit, 0, INT32_MAX,
	     "buffers' worth of bodies on their way, from which on each exchange gets by with one or two"),
	HINT_N("tune.buffers.reserve", 0, INT32_MAX, "there is a reserve of descriptors, none of memory"),
	VARS("tune.vars.global-max-size", 0, "bytes of all variables"),
	VARS("tune.vars.proc-max-size", 1, "bytes of variables of the process"),
	VARS("tune.vars.sess-max-size", 2, "bytes of variables of a session"),
	VARS("tune.vars.txn-max-size", 3, "bytes of variables of a transaction"),
	VARS("tune.vars.reqres-max-size", 4, "bytes of variables of a request or response"),
	VARS("tune.vars.check-max-size", 5, "bytes of variables of a health check"),
	ONCE("tune.rcvbuf.client", rcvbuf_client, "kernel's receive buffer towards clients"),
	ONCE("tune.rcvbuf.server", rcvbuf_server, "kernel's receive buffer towards servers"),
	HINT("tune.rcvbuf.frontend", parse_size, "<size>", "there are no such datagram sockets"),
	HINT("tune.rcvbuf.backend", parse_size, "<size>", "there are no such datagram sockets"),
	ONCE("tune.sndbuf.client", sndbuf_client, "kernel's send buffer towards clients"),
	ONCE("tune.sndbuf.server", sndbuf_server, "kernel's send buffer towards servers"),
	HINT("tune.sndbuf.frontend", parse_size, "<size>", "there are no such datagram sockets"),
	SIZE("tune.sndbuf.backend", sndbuf_backend, "kernel's send buffer of sockets for log lines"),
	UINT("tune.h2.header-table-size", h2.header_table, 4096, 65536, "bytes of the table of fields"),
	UINT("tune.h2.initial-window-size", h2.init_window, 0, INT32_MAX,
	     "bytes that a peer may send ahead on a stream"),
	UINT("tune.h2.fe.initial-window-size", h2.fe_window, 0, INT32_MAX, "the same towards clients"),
	UINT("tune.h2.be.initial-window-size", h2.be_window, 0, INT32_MAX, "the same towards servers"),
	UINT("tune.h2.max-concurrent-streams", h2.streams, 0, 0, "streams on a connection"),
	UINT("tune.h2.fe.max-concurrent-streams", h2.fe_streams, 0, 0, "the same towards clients"),
	UINT("tune.h2.be.max-concurrent-streams", h2.be_streams, 0, 0, "the same towards servers"),
	UINT("tune.h2.max-frame-size", h2.frame, 16384, 16777215, "bytes of the largest frame taken"),
	UINT("tune.h2.fe.max-total-streams", h2.fe_total_streams, 0, 0,
	     "streams after which a client's connection ends"),
	UINT("tune.h2.fe.max-rst-at-once", h2.fe_rst_limit, 0, 0, "streams reset in a row before others have a turn"),
	UINT("tune.h2.fe.glitches-threshold", h2.fe_glitches, 0, 0, "odd frames after which a client is cut off"),
	UINT("tune.h2.be.glitches-threshold", h2.be_glitches, 0, 0, "odd frames after which a server is cut off"),
	SIZE("tune.h2.fe.rxbuf", h2.fe_rxbuf, "bytes taken ahead on a client's connection"),
	SIZE("tune.h2.be.rxbuf", h2.be_rxbuf, "bytes taken ahead on a server's connection"),
	HINT("tune.h1.zero-copy-fwd-recv", parse_on_off, ON_OFF, "bytes are always sent from where they were received"),
	HINT("tune.h1.zero-copy-fwd-send", parse_on_off, ON_OFF, "bytes are always sent from where they were received"),
	HINT_N("tune.h1.be.glitches-threshold", 0, INT32_MAX, "what is odd in HTTP/1 is refused at once"),
	HINT_N("tune.h1.fe.glitches-threshold", 0, INT32_MAX, "what is odd in HTTP/1 is refused at once"),
	HINT("tune.h2.zero-copy-fwd-send", parse_on_off, ON_OFF, "bytes are always sent from where they were received"),
	NOT_BUILT("tune.h2.log-errors",
		  "mistakes of HTTP/2 are counted as glitches and told by `trace h2`, not logged"),
	HINT("tune.pt.zero-copy-forwarding", parse_on_off, ON_OFF,
	     "bytes are always sent from where they were received"),
	HINT("tune.disable-zero-copy-forwarding", parse_nothing, NULL, "there is one way of forwarding"),
	HINT("tune.disable-fast-forward", parse_nothing, NULL, "there is one way of forwarding"),
	HINT("tune.applet.zero-copy-forwarding", parse_on_off, ON_OFF, "there is one way of forwarding"),
	HINT("tune.fd.edge-triggered", parse_on_off, ON_OFF, "descriptors are always edge-triggered"),
	HINT_WITH("tune.fail-alloc", 1, 0, 100, "as HAProxy without -dMfail; the tests inject faults in another way"),
	HINT_N("tune.events.max-events-at-once", 1, 10000, "events are handled as they come"),
	{ "tune.listener.default-shards", KW_GLOBAL, .type = KT_PARSE, .parse = parse_shards,
	  .args = "by-process|by-thread|by-group", .help = "sockets of bind lines that have no `shards`" },
	HINT("tune.listener.multi-queue", parse_multi_queue, "on|fair|off",
	     "the kernel spreads connections over threads"),
	UINT("tune.max-checks-per-thread", max_checks, 0, INT32_MAX,
	     "health checks that a thread runs at a time; others wait"),
	HINT_N("tune.max-rules-at-once", 0, INT32_MAX, "rules run to their end"),
	HINT("tune.memory.hot-size", parse_size, "<size>", "each thread keeps its free memory"),
	ONCE("tune.notsent-lowat.client", notsent_client, "bytes that the kernel holds unsent towards clients"),
	ONCE("tune.notsent-lowat.server", notsent_server, "bytes that the kernel holds unsent towards servers"),
	HINT_WITH("tune.peers.max-updates-at-once", 3, 1, INT32_MAX, "there are no peers"),
	{ "tune.renice.runtime", KW_GLOBAL, .type = KT_PARSE, .parse = parse_renice, .args = "<nice>",
	  .help = "priority of the running process, -20 to 19" },
	{ "tune.renice.startup", KW_GLOBAL, .type = KT_PARSE, .parse = parse_renice, .priv = 1, .args = "<nice>",
	  .help = "priority while files are read, -20 to 19" },
	HINT_N("tune.ring.queues", 0, INT32_MAX, "rings have one queue"),
	HINT("tune.sched.low-latency", parse_on_off, ON_OFF, "classes of tasks always have their turn"),
	HINT("tune.takeover-other-tg-connections", parse_take_over, "none|restricted|full", "all threads are alike"),
	NOT_BUILT("tune.zlib.memlevel", "there is no zlib here"),
	NOT_BUILT("tune.zlib.windowsize", "there is no zlib here"),
	UINT("tune.glitches.kill.cpu-usage", glitch_cpu, 0, 100,
	     "per cent of the CPU from which on glitches end connections"),
	NOT_BUILT("tune.epoll.mask-events", "events are used as epoll reports them"),
	HINT("tune.defaults.purge", parse_nothing, NULL, "defaults sections are small"),
	HINT_N("tune.stick-counters", 0, 128, "counters are made as they are named"),
};
