/* tune.* lines of the global section. */
#include "model.h"
#include "rows.h"

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
	if (num_size(word, &v, &bad) != NUM_OK || v == 0 || v > 256 * 1024 * 1024)
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

#define SIZE(word, field, text) { word, KW_GLOBAL, .type = KT_PARSE, .parse = parse_positive, .offset = AT(field), \
	.args = "<size>", .help = text }
#define UINT(word, field, low, high, text) { word, KW_GLOBAL, .type = KT_UINT, .offset = AT(field), .min = low, \
	.max = high, .args = "<n>", .help = text }
#define VARS(word, i, text) { word, KW_GLOBAL, .type = KT_PARSE, .parse = parse_vars, .offset = AT(vars_max[i]), \
	.args = "<size>", .help = text }
#define NOT_BUILT(word) { word, KW_GLOBAL, .type = KT_NOT_BUILT, .help = "not built in weir" }
#define UNUSED(word, text) { word, KW_GLOBAL, .type = KT_IGNORED, .help = "accepted without effect: " text }

const struct kw model_tune[MODEL_TUNE] = {
	SIZE("tune.bufsize", bufsize, "bytes of a buffer; a message head must fit into one"),
	NOT_BUILT("tune.bufsize.small"),
	NOT_BUILT("tune.bufsize.large"),
	SIZE("tune.maxrewrite", maxrewrite, "bytes of a buffer kept free for what rules add"),
	UINT("tune.http.maxhdr", maxhdr, 1, 32767, "fields of a message"),
	UINT("tune.http.cookielen", cookielen, 1, 65535, "bytes of a captured cookie"),
	UINT("tune.http.logurilen", logurilen, 1, 65535, "bytes of a logged request line"),
	{ "tune.maxaccept", KW_GLOBAL, .type = KT_INT, .offset = AT(maxaccept), .args = "<n>",
	  .help = "connections accepted in a row; -1: no limit" },
	{ "tune.maxpollevents", KW_GLOBAL, .type = KT_INT, .offset = AT(maxpollevents), .args = "<n>",
	  .help = "events taken from the poller at once" },
	{ "tune.idle-pool.shared", KW_GLOBAL, .type = KT_PARSE, .parse = parse_shared, .args = "on|off",
	  .help = "threads may take idle server connections of others" },
	NOT_BUILT("tune.pool-low-fd-ratio"),
	NOT_BUILT("tune.pool-high-fd-ratio"),
	{ "tune.idletimer", KW_GLOBAL, .type = KT_TIME, .offset = AT(idletimer), .args = "<time>",
	  .help = "accepted without effect: readings adapt by themselves" },
	UINT("tune.runqueue-depth", runqueue_depth, 0, 1000000, "tasks run in a row"),
	NOT_BUILT("tune.recv_enough"),
	SIZE("tune.pipesize", pipesize, "bytes of a pipe for splicing (1 MB for 16 of them, then the kernel's)"),
	NOT_BUILT("tune.comp.maxlevel"),
	UINT("tune.pattern.cache-size", pattern_cache, 0, INT32_MAX,
	     "accepted without effect: patterns are found by hash"),
	NOT_BUILT("tune.buffers.limit"),
	NOT_BUILT("tune.buffers.reserve"),
	VARS("tune.vars.global-max-size", 0, "bytes of all variables"),
	VARS("tune.vars.proc-max-size", 1, "bytes of variables of the process"),
	VARS("tune.vars.sess-max-size", 2, "bytes of variables of a session"),
	VARS("tune.vars.txn-max-size", 3, "bytes of variables of a transaction"),
	VARS("tune.vars.reqres-max-size", 4, "bytes of variables of a request or response"),
	VARS("tune.vars.check-max-size", 5, "bytes of variables of a health check"),
	SIZE("tune.rcvbuf.client", rcvbuf_client, "kernel's receive buffer towards clients"),
	SIZE("tune.rcvbuf.server", rcvbuf_server, "kernel's receive buffer towards servers"),
	NOT_BUILT("tune.rcvbuf.frontend"),
	NOT_BUILT("tune.rcvbuf.backend"),
	SIZE("tune.sndbuf.client", sndbuf_client, "kernel's send buffer towards clients"),
	SIZE("tune.sndbuf.server", sndbuf_server, "kernel's send buffer towards servers"),
	NOT_BUILT("tune.sndbuf.frontend"),
	NOT_BUILT("tune.sndbuf.backend"),
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
	UNUSED("tune.h1.zero-copy-fwd-recv", "bytes are always sent from where they were received"),
	UNUSED("tune.h1.zero-copy-fwd-send", "bytes are always sent from where they were received"),
	UNUSED("tune.h1.be.glitches-threshold", "what is odd in HTTP/1 is refused at once"),
	UNUSED("tune.h1.fe.glitches-threshold", "what is odd in HTTP/1 is refused at once"),
	UNUSED("tune.h2.zero-copy-fwd-send", "bytes are always sent from where they were received"),
	UNUSED("tune.h2.log-errors", "errors are counted"),
	UNUSED("tune.pt.zero-copy-forwarding", "bytes are always sent from where they were received"),
	UNUSED("tune.disable-zero-copy-forwarding", "bytes are always sent from where they were received"),
	UNUSED("tune.disable-fast-forward", "there is one way of forwarding"),
	UNUSED("tune.applet.zero-copy-forwarding", "bytes are always sent from where they were received"),
	UNUSED("tune.fd.edge-triggered", "descriptors are always edge-triggered"),
	UNUSED("tune.fail-alloc", "memory faults are injected by the tests"),
	UNUSED("tune.events.max-events-at-once", "events are handled as they come"),
	UNUSED("tune.listener.default-shards", "each thread has a socket of its own"),
	UNUSED("tune.listener.multi-queue", "the kernel spreads connections over threads"),
	UNUSED("tune.max-checks-per-thread", "checks are spread over their interval"),
	UNUSED("tune.max-rules-at-once", "rules run to their end"),
	UNUSED("tune.memory.hot-size", "each thread keeps its free memory"),
	UNUSED("tune.notsent-lowat.client", "the system decides"),
	UNUSED("tune.notsent-lowat.server", "the system decides"),
	UNUSED("tune.peers.max-updates-at-once", "there are no peers yet"),
	UNUSED("tune.renice.runtime", "the priority is left alone"),
	UNUSED("tune.renice.startup", "the priority is left alone"),
	UNUSED("tune.ring.queues", "rings have one queue"),
	UNUSED("tune.sched.low-latency", "the scheduler is always fair"),
	UNUSED("tune.takeover-other-tg-connections", "all threads are alike"),
	UNUSED("tune.zlib.memlevel", "compression takes what it needs"),
	UNUSED("tune.zlib.windowsize", "compression takes what it needs"),
	UNUSED("tune.glitches.kill.cpu-usage", "glitches count whatever the load"),
	UNUSED("tune.epoll.mask-events", "all events are told"),
	UNUSED("tune.defaults.purge", "defaults sections are kept"),
	UNUSED("tune.stick-counters", "counters are made as they are named"),
};
