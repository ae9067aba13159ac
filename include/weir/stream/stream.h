/* A stream: one exchange from the client's gate to the server's, as a list of named steps. Lives on its connection's
 * thread; owns nothing but its arena (the front gate's) and references. */
#ifndef WEIR_STREAM_STREAM_H
#define WEIR_STREAM_STREAM_H

#include "weir/expr/rule.h"
#include "weir/expr/vars.h"
#include "weir/live/live.h"
#include "weir/mux/gate.h"
#include "weir/mux/mux.h"
#include "weir/stream/session.h"
#include "weir/stream/term.h"

/* The steps, in order. One function each: step_<name>(struct stream *). */
#define STREAM_STEPS(X) \
	X(head, "request head: checks, captures, counters") \
	X(tcp_rules, "tcp-request content rules of the frontend, waiting for payload when they ask") \
	X(rules, "http-request rules of the frontend") \
	X(route, "choice of the backend") \
	X(be_tcp_rules, "tcp-request content rules of the backend") \
	X(be_rules, "http-request rules of the backend") \
	X(prepare, "fields the proxy adds: forwarded addresses, unique-id") \
	X(body, "waiting for the request body where rules or options ask for it") \
	X(persist, "use-server, cookies: a server that is given") \
	X(assign, "a server by balancing, a slot, the queue") \
	X(connect, "a server connection: reused or new") \
	X(request, "request head and body towards the server") \
	X(answer, "waiting for the response head") \
	X(res_rules, "http-response rules, then after-response") \
	X(reply, "response head towards the client") \
	X(forward, "bodies in both directions") \
	X(tunnel, "bytes in both directions") \
	X(local, "an answer made here") \
	X(tarpit, "holding a refused client") \
	X(service, "an answer produced by a service") \
	X(finish, "log, counters, release")

enum stream_step {
#define X(name, help) STEP_##name,
	STREAM_STEPS(X)
#undef X
	STEP_COUNT,
};
enum step_result {
	DONE,		/* go to the next step in order (or to where stream_goto pointed) */
	WAIT,		/* news from a gate, a timer or a queue runs this step again */
	MORE,		/* run this step again now */
	OVER,		/* the stream does not exist any more */
};

enum stream_flag {
	ST_HTTP = 1 << 0,
	ST_REDISP = 1 << 1,		/* redispatched */
	ST_ASSIGNED = 1 << 2,		/* server chosen */
	ST_SLOT = 1 << 3,		/* holds a slot of srv */
	ST_DIRECT = 1 << 4,		/* server given by persistence */
	ST_FORCE_PERSIST = 1 << 5, ST_IGNORE_PERSIST = 1 << 6,
	ST_REQ_SENT = 1 << 7,		/* request head given to the server gate */
	ST_REPLAY_LOST = 1 << 8,	/* body beyond what was kept: no replay */
	ST_NO_L7_RETRY = 1 << 9,
	ST_RES_STARTED = 1 << 10,	/* response head given to the client */
	ST_LOCAL = 1 << 11,		/* answer made here */
	ST_LOGGED = 1 << 12,
	ST_BE_COUNTED = 1 << 13,
	ST_CONN_REUSED = 1 << 14,
	ST_TUNNEL = 1 << 15,
	ST_KILLED = 1 << 16,
	ST_AFTER_DONE = 1 << 17,	/* after-response rules ran */
	ST_STRICT_REQ_OFF = 1 << 18, ST_STRICT_RES_OFF = 1 << 19,
	ST_WAIT_BODY = 1 << 20,
	ST_TARPIT = 1 << 21,
	ST_SRV_ABORTED = 1 << 22,
	ST_SERVER_100 = 1 << 23,	/* this try's 100 went to the client */
	ST_RUNNING = 1 << 24,		/* inside stream_run: wakes only note the news */
	ST_AGAIN = 1 << 25,		/* news came while running */
	ST_CONTINUED = 1 << 26,		/* an own 100, or one of an earlier try, went to the client */
	ST_HAD_PERSIST = 1 << 27,
	ST_TCP_UPGRADED = 1 << 28,	/* becomes HTTP: ends silently; with ST_HTTP: is the first that came of it */
	ST_NEW_CONN = 1 << 29,		/* next connection must not be a reused one */
};

/* What conditions and actions may override for this exchange; 0xffffffff: not set. */
struct stream_opts {
	unsigned t_client, t_server, t_connect, t_queue, t_tunnel, t_tarpit;
	unsigned t_client_fin, t_server_fin;
	int log_level;		/* -1: normal; -2: silent */
	int retries;		/* -1: the backend's */
	int64_t prio_class, prio_offset;
};

#define STREAM_AVOID 4

#define STREAM_MAGIC OBJ_MAGIC('s', 't', 'r', 'm')
/* What every exchange reads and writes stands first: a stream that waited for its server is no longer in the cache. */
struct stream {
	uint32_t magic;
	uint32_t flags;			/* enum stream_flag */
	uint8_t step, next_step;	/* enum stream_step; next_step: STEP_COUNT or where stream_goto points */
	uint8_t term1, term2;		/* termination letters */
	uint8_t cookie_in, cookie_out;	/* third and fourth letter: 'N' 'I' 'V' ..., '-' */
	uint8_t reason;			/* enum term_reason */
	uint8_t retries_done;
	uint8_t last_cerr;		/* enum conn_err of the last failed connection */
	uint8_t kill_who;		/* enum term_who, with ST_KILLED */
	bool conn_ready, conn_failed;	/* what the pool said about the new connection */
	bool conn_place;		/* holds a place for a new connection (strict-maxconn) */
	bool was_guest;			/* waited for another's connection already: does not do it again */
	bool not_begun;			/* connecting failed at once, on our side */
	bool turnaround;		/* pausing before the same server is tried again */
	bool res_fe_turn;		/* response rules: the backend's have passed */
	bool answer_held;		/* tunnel: tcp-response rules have not decided; nothing goes to the client */
	bool req_ended;			/* end of the request given to the server */
	bool dropped;			/* a rule leaves in silence: refused like a request, whenever */
	bool drops_server;		/* plain bytes: a rule wants the server's connection closed */
	uint8_t rules_pos;		/* which list of a step runs (defaults', own) */
	uint8_t splice_small[2];	/* pieces in a row that were hardly worth it */
	int status;			/* of the response sent; -1 none */
	uint32_t runs;			/* calls of stream_run() that did something (cpu_calls) */
	uint64_t run_ns, woken_ns;	/* with profiling.tasks: begin of this run, last wake-up; else 0 */
	struct session *sess;
	struct gate *front, *back;	/* back: NULL until connected */
	struct arena *mem;		/* the front gate's */
	struct msg *req, *res;
	struct proxy *fe, *be;		/* be == NULL until routed */
	struct px_live *bel;
	struct srv *srv;
	struct bconn *bconn;
	struct conf *conf;		/* the session's, which ends after its last stream */
	const struct rule *at_rule;	/* where a ruleset is parked */
	uint64_t dl_client, dl_server, dl_phase;	/* deadlines in ms; 0: none */
	uint64_t rule_deadline;		/* ms: a waiting rule must decide; 0: none */
	uint64_t dl_bw[2];		/* when they let more through; 0: they hold nothing back */
	struct bw_flow *bw[2];		/* limits of bandwidth: towards the client, from it; or NULL */
	struct timer timer;
	struct task task;
	struct list link;		/* streams of the session's thread (show sess) */
	struct stream_opts o;
	struct pipe *pipe[2];		/* what the kernel moves: of the request, of the answer; NULL: none */
	size_t rewound;			/* of front->in: bytes that were consumed before */
	struct spanq *replay;		/* request body kept while the request may be repeated; NULL: none yet */
	struct pendconn *pend;		/* place in a queue, or NULL */
	struct bconn_guest *guest;	/* waits for a connection that another stream is opening, or NULL */
	struct fd_wait *fd_wait;	/* waits for a descriptor, or NULL */
	struct conn_wait *conn_wait;	/* waits for a place for a new connection, or NULL */
	struct vars txn_vars, req_vars, res_vars;
	/* times, monotonic us; 0: not reached. t_head: the head was complete; t_ready: so was all that its rules
	 * waited for */
	uint64_t t_accept, t_first, t_head, t_ready,
		t_queue0, t_assigned, t_connect0, t_connected, t_res_head, t_data_end,
		t_end;
	const struct addr *was_src, *was_dst;	/* of the last server connection, where log lines tell it */
	uint64_t log_bytes_in, log_bytes_out;
	uint64_t counted_in, counted_out;	/* bytes of the client that the counters know of */
	struct server_line *line;
	struct wall w_accept, w_first;	/* dates for the log */
	struct str uri_method, uri_target;	/* as received, for %r */
	uint8_t uri_major, uri_minor;
	uint32_t uniq;
	uint64_t req_id;		/* %rt */
	uint32_t q_srv, q_be;		/* positions in the queues (%sq %bq) */
	struct list filters;

	struct xctx x;
	uint64_t cpu_ns, lat_ns;	/* with profiling.tasks: spent in earlier runs, waited to be run */
	struct srv *left;		/* failed the last try, until one is chosen; NULL: none, or the same again */
	bool left_counted;		/* that try was counted already */
	const struct srv **avoid;	/* STREAM_AVOID that failed this exchange, the last one first; NULL: none did */
	const struct rule *end_rule;	/* rule that ended the last ruleset */
	const char *last_file;		/* last final rule */
	int last_line;
	int deny_status;
	struct str *req_cap, *res_cap;	/* captured values by index, or NULL */
	struct str cookie_cap_req, cookie_cap_res;
	struct str unique_id;		/* made at first use */
	struct addr *src, *dst;		/* overridden for this request, or NULL */
	const struct reply *reply;	/* for STEP_local */
	struct str *reply_texts;	/* its formats built: of the body, of the fields in order; or NULL */
	int reply_status;
	bool bc_mark_set, bc_tos_set;
	unsigned bc_mark;
	int bc_tos;
	struct msg *hints;		/* 103 being collected by early-hint rules */
	const struct stream_hook *hook;	/* the feature that answers this request, while it waits; see hook.h */
	const struct service *service;
	const char *service_name;	/* kept for the log */
	const void *service_arg;
	void *service_state;
	uint32_t cookie_last, cookie_first;	/* dates of the persistence cookie, 0: none */
	const struct mux *to;		/* ST_TCP_UPGRADED: what takes the connection, NULL: by the first bytes */
};

/* mux_front_user: every new exchange ends here. */
extern const struct mux_front_user stream_front_user;
void stream_run(struct stream *s);
void stream_wake(struct stream *s);			/* run soon, from a task */
static inline void stream_goto(struct stream *s, enum stream_step to) { s->next_step = (uint8_t)to; }
const char *stream_step_name(enum stream_step st);
/* Sets letters and reason unless set already. */
void stream_term(struct stream *s, enum term_who who, enum term_when when, enum term_reason r);
/* Ends with an answer made here: status with the page configured for it (or r). Frees the server side. Returns DONE
 * with the next step set. */
enum step_result stream_reply(struct stream *s, int status, const struct reply *r);
/* Ends without an answer. */
enum step_result stream_close(struct stream *s);
/* Gives the server side back: gate, slot, queue place. */
void stream_drop_server(struct stream *s);
/* The same at the end of an exchange; the gate stays for a log line that asks about it, until s is finished. */
void stream_free_server(struct stream *s);
/* Effective timeout: override, else the proxy's. */
unsigned stream_timeout(unsigned override, unsigned conf);
/* Prepares s->x for evaluating a rule list of `px` in direction dir. */
struct xctx *stream_x(struct stream *s, const struct proxy *px, enum xdir dir);
static inline struct stream *x_stream(const struct xctx *x) { return (struct stream *)x->strm; }
static inline struct session *x_session(const struct xctx *x) { return (struct session *)x->sess; }
/* Addresses as rules see them: the most specific override, else the connection's. NULL: unknown. */
const struct addr *stream_src(const struct stream *s);
const struct addr *stream_dst(const struct stream *s);
struct str stream_unique_id(struct stream *s);
struct list *stream_list(void);				/* of the calling thread */
/* Ends soon; its own thread. */
void stream_kill(struct stream *s, enum term_who who);
/* All that have a slot of s; any thread. */
void streams_end_on(struct srv *s, char who);
extern const struct srv_user streams_srv_user;

/* The steps. */
#define X(name, help) enum step_result step_##name(struct stream *s);
STREAM_STEPS(X)
#undef X

#endif
