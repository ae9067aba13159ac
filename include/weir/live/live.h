/* What is happening: running frontends, backends, servers, listeners. Found again by name from one generation of the
 * configuration to the next; state changes go through the functions here. */
#ifndef WEIR_LIVE_LIVE_H
#define WEIR_LIVE_LIVE_H

#include <pthread.h>
#include "weir/base/hmap.h"
#include "weir/base/list.h"
#include "weir/base/tree.h"
#include "weir/live/counters.h"
#include "weir/conf/kw.h"
#include "weir/model/conf.h"

/* --- servers --- */
enum srv_state {
	SRV_ST_STOPPED,
	SRV_ST_STARTING,
	SRV_ST_RUNNING,
	SRV_ST_STOPPING
}; /* numbers of show servers state */
enum srv_admin {
	SRV_ADM_FMAINT = 0x01,
	SRV_ADM_IMAINT = 0x02,
	SRV_ADM_CMAINT = 0x04,
	SRV_ADM_FDRAIN = 0x08,
	SRV_ADM_IDRAIN = 0x10,
	SRV_ADM_RMAINT = 0x20,
	SRV_ADM_HMAINT = 0x40,
	SRV_ADM_MAINT = 0x63,
	SRV_ADM_DRAIN = 0x18,
};

/* Idle connections of one server on one thread; only that thread touches it (others ask by mail). What each exchange
 * looks at stands first. */
struct srv_thr {
	struct list idle;		/* struct bconn, most recently used first: no exchange on them */
	struct list avail;		/* struct bconn with exchanges running that can take more (H2) */
	struct timer purge;
	unsigned nidle;
	unsigned nunsafe;		/* of those, had one exchange so far */
	unsigned freed;			/* descriptors: so many of short_of_fd may look again */
	struct list short_of_fd;	/* struct fd_wait */
	struct srv *srv;
	struct list resting;		/* struct bconn private to a session, no exchange on them */
	struct list opening;		/* struct bconn that are not open yet and will be for many (HTTP/2) */
	struct task freed_task;
	struct list told;		/* struct bconn_guest that are to be told */
	struct task tell_task;
};

struct bconn;
/* Who asked for a new connection. */
struct bconn_user {
	void (*open)(struct bconn *b, void *arg);	/* mux is installed: gates may be opened */
	void (*fail)(struct bconn *b, void *arg);	/* b is released after the call; b->conn->err says why */
};

/* A server connection in the hands of the pool. What each exchange looks at stands first. */
struct bconn {
	struct list link;		/* in srv_thr.idle / avail, or unlinked */
	struct conn *conn;
	struct srv *srv;
	struct server_line *line;	/* of generation `conf` */
	struct conf *conf;		/* generation whose option structs the mux points to (a reference) */
	uint64_t key;			/* reuse key: SNI or pool name, destination, PROXY source */
	struct list guests;		/* struct bconn_guest: others that wait until it is open */
	uint32_t served;		/* exchanges begun */
	uint32_t addr_turn;		/* the server's when it was opened: later ones have another address */
	bool is_idle, http, close_when_idle;
	bool counted;			/* holds one of the server's places (strict-maxconn) */
	bool hopeful;			/* opened in the hope that it carries many exchanges */
	uint8_t ws;			/* enum bconn_ws: what it was opened for */
	void *session;			/* private to this session (http-reuse never, NTLM), or NULL */
	void *last_session; /* whose exchange ran last: becomes the owner when the connection turns private */
	struct list *sess_list;		/* that session's list of private connections */
	struct list sess_link;
	const struct bconn_user *opener;	/* until a gate was opened */
	void *opener_arg;
	unsigned nguests;
	struct mail mail;		/* gives its place back */
};

#define SRV_MAGIC OBJ_MAGIC('s', 'r', 'v', ' ')
/* What each exchange looks at stands first, in two cache lines and the beginnings of two arrays: with many servers all
 * of it is cold. */
struct srv {
	uint32_t magic;
	bool ssl_on;
	_Atomic uint8_t state, admin;	/* enum srv_state, srv_admin; written under the lock of states, read anywhere */
	bool no_h2;			/* its last TLS connection agreed on something else; atomic */
	struct px_live *px;
	struct server_line *line;	/* of the newest generation (its conf is kept by reference) */
	struct srv_turn *turn;		/* balance roundrobin (src/live/lb_rr.c); own memory */
	unsigned maxconn;
	uint32_t served;		/* streams holding a slot; atomic */
	uint32_t queued;		/* waiting here; atomic */
	uint32_t conns_wanted;		/* strict-maxconn: how many wait for a place; atomic */
	int eff_weight;			/* weight in force: x LB_SCALE, less in slow start */
	uint32_t errors;		/* seen in traffic, in a row; atomic */
	uint64_t last_sess_s;
	uint32_t cur_idle, cur_used;	/* connections, atomic */
	uint32_t used_max, need;	/* used at once in this period; what is estimated to be needed; atomic */
	uint32_t lb_pos;		/* place in the newest set, see lb_place() */
	uint32_t addr_turn;		/* how often the address changed; atomic */
	struct addr addr;		/* in use now (set server addr) */
	struct cntset cnt;
	struct srv_thr *thr[THR_MAX];	/* lazily */

	struct list link;		/* px_live.servers, declaration order */
	struct str name;		/* own memory */
	int id;
	pthread_mutex_t lock;		/* conns_wait */
	int weight;			/* of the user, 0..256 */
	int init_weight;
	uint64_t lb_stamp;		/* leastconn: when its load changed; atomic */
	int lb_weight;			/* leastconn: eff_weight as last built with, 0: no member; under px->lock */
	struct mail warm_mail;		/* slow start: thread 0 shall look after it (src/live/warm.c) */
	struct timer warm_timer;	/* thread 0's */
	bool warm_mailed;		/* atomic: the mail is on its way */
	unsigned minconn;
	uint32_t queued_max;
	struct list queue;		/* struct pendconn, ordered by priority; under px->lock */
	uint32_t queue_left;		/* how many left the queue with a slot; under px->lock */
	uint32_t conns;			/* strict-maxconn: places taken; atomic */
	uint32_t conns_visits;		/* threads are being asked to close one; atomic */
	struct list conns_wait;		/* struct conn_wait, first come first; under lock */
	uint64_t need_ms;		/* loop_ms when the period began; atomic */
	uint64_t last_change_s;		/* wall seconds */
	uint64_t down_time_s;
	uint64_t h2c_refused_ms;	/* loop_ms when this address answered HTTP/1 to an upgrade; 0: not known */
	void *check, *agent; /* feature/check; the check's health, 0 .. rise + fall - 1 (UP from rise on), atomic: */
	unsigned health, rise, fall;
	bool check_on, agent_on;	/* they run, and count; false while disabled at run time */
	unsigned agent_health;		/* 0 or 1, atomic */
	void *log_queue;		/* feature/ring: what brings log lines to it (mode log, TCP), or NULL */
	uint64_t dyn_cookie;		/* the number its dynamic cookie is made of, 0: it has none; atomic */
	struct list tracked_by;		/* servers that track this one, the last one declared first */
	struct list track_link;
	struct srv *tracks;
	uint32_t refs;
};

bool srv_usable(
	const struct srv *s); /* takes new traffic: running (or stopping for persistence) and not in maintenance */
/* Idle connections that had no second exchange yet; nobody knows whether the server lets them live. */
uint32_t srv_unsafe_idle(const struct srv *s);
bool srv_willing(const struct srv *s);		/* usable and weight > 0: candidates of balancing */
/* "UP", "DOWN 1/2", "MAINT", "no check" as show stat has it */
const char *srv_state_text(const struct srv *s, char buf[64]);
/* Do all its checks that run, and the server it tracks, say that it is up? */
bool srv_healthy(const struct srv *s);
/* The health that a checked server begins with, and comes out of maintenance with (init-state). */
unsigned srv_first_health(const struct srv *s);
/* Its checks may run again and somebody waits for their word: they do not wait for their interval. Any thread. */
void srv_resume_checks(struct srv *s);
/* The server whose checks speak for s: the end of the chain of `track`, s itself without. */
const struct srv *srv_checked(const struct srv *s);
/* TLS is on and the line has what it needs for it. */
static inline bool srv_speaks_tls(const struct srv *s, const struct server_line *l) { return s->ssl_on && l->tls.ctx; }
/* The one door for state changes (each logs, counts, tells the balancer, flushes or fills queues, and goes on to the
 * servers that track this one). Any thread. `why`: log text. The operational ones do nothing in maintenance. */
void srv_set_running(struct srv *s, const char *why);
void srv_set_stopped(struct srv *s, const char *why);
void srv_set_stopping(struct srv *s, const char *why);
void srv_set_admin(struct srv *s, unsigned bits, bool on, const char *why);
void srv_set_weight(struct srv *s, int weight);
/* The same from text, as commands and agents say them: "<n>" or "<n>%". NULL: done; else what is wrong. Any thread. */
const char *srv_change_weight(struct srv *s, struct str text);
const char *srv_change_maxconn(struct srv *s, struct str text);
/* Another address: idle connections to the old one are closed, what was made of it is made anew. Any thread. */
void srv_set_addr(struct srv *s, const struct addr *now);
/* A server for a line of server_line_add, in maintenance unless `enabled`; number 0: the next free one. Nobody else
 * runs. */
struct srv *srv_add(struct px_live *p, struct server_line *l, bool enabled);
/* Is something left of it on the calling thread: exchanges, connections? Closes idle ones. */
unsigned srv_busy_here(struct srv *s);
/* Takes it out of its backend: nobody else runs, and nothing is left of it on any thread. Then srv_leave_here on each
 * thread, then srv_free. */
void srv_unlink(struct srv *s);
void srv_leave_here(struct srv *s);
void srv_free(struct srv *s);
/* s follows `whom` (or nobody) from now on; before threads, or while no other thread runs. */
void srv_track(struct srv *s, struct srv *whom);

/* Shall a new connection to s ask for HTTP/2 (`upgrade h2c`)? Not for a while where it was refused, on any. */
bool srv_asks_h2c(const struct srv *s, const struct server_line *l);
/* The answer to it, from any thread. */
void srv_answered_h2c(struct srv *s, bool yes);

/* What exchanges saw of a server (`observe`); errors in a row act as `on-error` says. Any thread. */
enum srv_seen {
	SEEN_CONNECTED,
	SEEN_NOT_CONNECTED,
	SEEN_ANSWER,
	SEEN_FAILURE,		/* a status of http-fail-codes */
	SEEN_GARBAGE,
	SEEN_RESET,
	SEEN_LATE,
	SEEN_CLOSE
};
void srv_observed(struct srv *s, enum srv_seen what);
static inline void srv_saw(struct srv *s, enum srv_seen what)
{
	if (s->line->observe != OBSERVE_NONE)
		srv_observed(s, what);
}

/* --- proxies --- */
#define PX_LIVE_MAGIC OBJ_MAGIC('p', 'x', 'l', 'v')
/* The last malformed message of a kind (show errors). */
struct px_error {
	struct wall when;
	uint32_t id;			/* counted over the process */
	char src[ADDR_TEXT_MAX];
	char other[64], server[64];	/* the proxy on the other side and the server, or "<NONE>" */
	int other_id, server_id;	/* -1: none */
	const char *reason;		/* stable token */
	uint32_t pos;			/* of the byte that was wrong */
	uint32_t n;
	unsigned char *text;		/* own memory */
};
struct px_errors {
	pthread_mutex_t lock;
	struct px_error req, res;	/* text NULL: none */
};

struct px_live {
	uint32_t magic;
	struct list link;
	struct str name;		/* own memory */
	unsigned caps;
	int id;
	struct proxy *px;		/* newest generation */
	bool stopped, disabled;
	unsigned maxconn;		/* of the frontend, in force now; 0: none */
	unsigned fullconn;		/* of the backend: as many exchanges make it full; 0 only before live_adopt */
	uint64_t may_come;		/* sum of maxconn of the frontends that may lead here, */
	const struct proxy *counted_fe;	/* and the last one that was added */
	struct cntset fe, be;
	uint64_t log_lines;		/* sent for the frontend's exchanges; atomic */
	struct list listeners;		/* struct lstn */
	struct list servers;		/* struct srv */
	int nservers;
	struct hmap by_name;		/* of servers; changed while nobody else runs */
	struct srv_cookies *cookies;	/* see srv_by_cookie(); published with atom_swap, freed after a grace period */
	bool dyn_cookies;		/* servers without a cookie get one made of cookie_key */
	struct str cookie_key;		/* own memory */
	struct srv *direct;		/* option transparent: the client's own destination, not in `servers` */
	pthread_mutex_t lock;		/* balancer rebuild, backend queue */
	const struct lb_row *lb_algo;
	struct lb_set *lb;		/* published with atom_release, freed after a grace period */
	uint64_t rr;			/* round robin position, atomic */
	struct srv *first_backup;	/* the one that serves alone when no active server can, unless allbackups */
	uint32_t served;		/* slots held of all servers, counted for hash-balance-factor only; atomic */
	struct list queue;		/* backend queue: struct pendconn */
	uint32_t queue_left;		/* how many left it with a slot; under lock */
	uint32_t queued, queued_max;
	uint64_t last_change_s, last_sess_s, down_time_s;
	unsigned nact, nbck, total_weight;	/* usable active / backup servers */
	uint64_t uniq;
	bool full;			/* connections wait for a place under maxconn, atomic */
	struct px_errors errors;
};

struct lstn {
	struct list link;
	struct px_live *px;
	struct bind *bind;		/* newest generation */
	struct listener *li;
	struct str name;
	int id;
	struct cntset cnt;
};

/* Who keeps something of its own for each server (checks, streams). A server that comes while running is shown to
 * `added`, alone. One that goes: `busy` counts, on each thread, what still needs it; then it is unlinked, and `leave`
 * drops, on each thread, what points to it; at last, once, `freed`. Any may be NULL. */
struct srv_view;
struct srv_user {
	void (*added)(struct srv *s);
	unsigned (*busy)(const struct srv *s);
	void (*leave)(struct srv *s);
	void (*freed)(struct srv *s);
	void (*resumed)(struct srv *s);		/* srv_resume_checks */
	/* From a server-state file: what concerns checks. Before there are threads. */
	void (*restore)(struct srv *s, const struct srv_view *v);
};

/* What one thread counts, on a line of its own. */
struct live_thr { _Alignas(64) uint32_t streams; };	/* in progress; atomic */


struct live {
	struct list proxies;		/* struct px_live, order of the newest generation */
	struct conf *conf;		/* newest generation, published */
	uint32_t cur_conns;		/* front connections of the process, atomic */
	uint32_t cur_tls;		/* those of them with TLS, atomic */
	uint32_t max_conns;
	uint32_t servers_gone;		/* unlinked so far; changes while no thread is working */
	uint32_t cli_listeners, cli_conns;	/* of the runtime API; atomic */
	struct cntset total;		/* process-wide */
	uint64_t started_us;		/* wall */
	bool stopping;
	uint64_t spread_end;		/* loop_ms(): until then close-spread-time lets connections live; atomic */
	bool full;			/* connections wait for a place under maxconn, atomic */
	uint64_t start_ms;
	int nbthread;
	uint64_t maxconn;
	/* Of the process, 0: none; atomic, changed by `set rate-limit`. */
	uint32_t max_conn_rate, max_sess_rate, max_tls_rate, max_comp_rate;
	uint32_t nerrors;		/* malformed messages so far, atomic */
	pthread_mutex_t state_lock;	/* states of servers: a change runs along chains of `track` */
	/* Ends the exchanges on s, left by the stream floor; who: 'D' it went down, 'U' others came up. */
	void (*end_streams)(struct srv *s, char who);
	const struct srv_user *const *users;	/* ended by NULL; left by boot */
	/* Errors in traffic reached error-limit; left by the module of checks. text: for the log. */
	void (*too_many_errors)(struct srv *s, const char *text);
	/* Changes of servers for whoever looks at standard error; left by boot, or NULL. Under the lock of states. */
	void (*say)(enum log_level level, struct str line);
	struct str startup_logs;	/* what was said while starting; memory of boot's */
	int *heir_fds;			/* live_inherit: not taken yet; -1: taken */
	int nheirs;
	_Alignas(64) uint32_t next_uniq;	/* atomic; every stream draws one: alone on its line */
	struct live_thr thr[THR_MAX];
};
struct live *live_get(void);
uint32_t live_streams(void);		/* in progress; any thread */

/* Connections of clients hold a place under the maxconn of their frontend and one under the process's, which listeners
 * took for them. A session gives both back; the limits were raised: those who wait look again. */
void live_leave(struct px_live *p);
void live_reopen_frontend(struct px_live *p);
void live_reopen(void);

void px_errors_init(struct px_errors *e);
void px_errors_fini(struct px_errors *e);
/* Keeps a copy of e with that text in the place of the last one; id is set here. Any thread. */
void px_error_keep(struct px_live *px, bool response, const struct px_error *e, struct str text);
/* A copy in mem. False: there is none. */
bool px_error_copy(struct px_live *px, bool response, struct px_error *out, struct arena *mem);

/* Adopts a generation: makes or finds the running objects of every proxy, server and bind in c, builds balancers.
 * Does not open sockets. Boot thread or a thread doing a reload. */
bool live_adopt(struct conf *c, struct diag *d);
/* Opens every bind; HAProxy's words on failure. accept goes to stream/session. */
bool live_open_listeners(struct diag *d, listener_accept_f accept);
/* Listening sockets of an old process: those whose address is that of a bind are taken over by live_open_listeners,
 * which closes the others. The array must live until then. */
void live_inherit(const int *fds, int n);
/* Descriptors of all open listeners; returns how many there are, at most max are written. */
int live_listener_fds(int *fds, int max);
/* On each thread at its start. */
void live_join_thread(int thread);
/* Soft stop: closes listeners, drains idle connections; stop now. */
void live_soft_stop(void);
/* Do answers end their connections because the process stops? With close-spread-time only from its end on. */
bool live_is_closing(void);
void live_close_idle_here(void);	/* idle server connections of the calling thread */
/* Releases everything, and the generation that it held. When all threads have ended, before the process does. */
void live_end(void);
/* SIGTTOU and SIGTTIN: listeners stop accepting for a while. */
void live_pause(bool pause);
/* The same for one proxy; said in its log. False: a port cannot be listened on again. */
void live_pause_proxy(struct px_live *p);
bool live_resume_proxy(struct px_live *p);
int live_listeners(void);		/* how many are open */
/* SIGHUP: the state of every proxy and server to its log. */
void live_log_states(void);
bool live_quiet(void);			/* nothing left: no front connection, no stream */
/* Closes a proxy's listeners for good; what runs goes on. The other one closes them for whoever has them besides
 * us, and says so. */
void live_stop_proxy(struct px_live *p);
void live_shut_proxy(struct px_live *p);
struct px_live *live_backend(struct str name);
struct px_live *live_frontend(struct str name);
struct px_live *live_proxy_by_id(int id);
struct srv *live_server(struct px_live *p, struct str name);
/* The generation a new session takes (with a reference). */
struct conf *live_take_conf(void);

/* --- cookies (src/live/cookies.c) --- */
#define SRV_COOKIE_DYN 17
/* What names s in its backend's cookie, empty: nothing does; buf is used for dynamic ones. */
struct str srv_cookie(const struct srv *s, char buf[SRV_COOKIE_DYN]);
/* The servers of that cookie in the order of declaration, one with each call; NULL: there are no more. it starts
 * zeroed; the thread must not pass the top of its loop in between. */
struct srv_by_cookie { const struct srv_cookies *set; uint32_t next; };
struct srv *srv_by_cookie(const struct px_live *p, struct str value, struct srv_by_cookie *it);
/* After any change of what cookies are made of: servers, addresses, the key. Any thread. */
void px_cookies_rebuild(struct px_live *p);
/* While nobody else runs. */
void px_set_cookie_key(struct px_live *p, struct str key);
void px_cookies_fini(struct px_live *p);	/* at the end of the process */
void px_set_dyn_cookies(struct px_live *p, bool on);

/* --- weights --- */
#define LB_SCALE 16 /* eff_weight of a server with weight 1: slow start goes in smaller steps than weights */
#define LB_WEIGHT_MAX (256 * LB_SCALE)
/* Computes eff_weight from the weight and the progress of a slow start. The caller rebuilds afterwards. */
void srv_weigh(struct srv *s);
/* A server that came up and has `slowstart` begins it: its weight, and its maxconn, grow from now on. */
void srv_warm_up(struct srv *s);
void srv_warm_init(struct srv *s);
/* On thread 0, before s is released, a turn after its last change of state at the earliest: no more steps. */
void srv_warm_end(struct srv *s);
/* What is left of a maxconn while it starts slowly. */
unsigned srv_warm_limit(const struct srv *s, unsigned max);
/* Weight in force as users count it: rounded up. */
static inline unsigned srv_weight_now(const struct srv *s)
{
	return (unsigned)(atom_get(&s->eff_weight) + LB_SCALE - 1) / LB_SCALE;
}
/* Per cent of its weight and its maxconn that a server has while it starts slowly; 100 otherwise. */
unsigned srv_throttle(const struct srv *s);

/* --- balancing --- */
/* What a choice may depend on. */
struct lb_req {
	struct xctx *x;			/* the request, for keys */
	const struct addr *src;		/* client's address, or NULL */
	const struct srv *const *avoid;	/* servers that failed this exchange; places may be NULL */
	int navoid;
};
/* Has s failed this exchange already? */
static inline bool lb_avoided(const struct lb_req *r, const struct srv *s)
{
	for (int i = 0; i < r->navoid; i++)
		if (r->avoid[i] == s)
			return true;
	return false;
}
struct lb_set;
/* What can be done with a set. Sets begin with a pointer to it. */
struct lb_ops {
	void (*free)(struct lb_set *set);
	/* Picks without a lock that others wait for. NULL: none has room. Algorithms that go by a key give the key's
	 * server whether it has room or not. */
	struct srv *(*pick)(struct px_live *p, struct lb_set *set, const struct lb_req *r);
	/* Told after s->served or s->queued changed, or NULL. */
	void (*load)(struct lb_set *set, struct srv *s);
};
struct lb_set { const struct lb_ops *ops; };
struct lb_row {
	const char *name;		/* "roundrobin" */
	const char *args, *help;
	bool dynamic;			/* weights may change at run time, servers may be added; see lb_dynamic() */
	bool http;			/* its keys are in HTTP requests: needs mode http */
	uint8_t modes;			/* enum lb_modes; 0: connections */
	/* Parses words behind the name (at load). `in`: what stood in brackets right behind the name, p == NULL when
	 * there were none. */
	bool (*parse)(struct kw_call *k, struct lb_words *w, struct str in);
	/* Builds a set from the px's servers (caller holds px->lock), or brings the present one, which may be another
	 * algorithm's, up to date and returns it. */
	struct lb_set *(*build)(struct px_live *p);
	/* For algorithms that go by a key: its hash. False: the request has none (its turn decides instead). */
	bool (*key)(const struct lb_words *w, const struct lb_req *r, uint32_t *hash);
};
extern const struct lb_row *const lb_rows[];	/* ended by NULL */
const struct lb_row *lb_find(struct str name);
/* May weights change at run time? By the algorithm, for those with a key by hash-type. */
bool lb_dynamic(const struct px_live *p);
struct srv *lb_pick(struct px_live *p, const struct lb_req *r);
void lb_rebuild(struct px_live *p);	/* after any change of state or weight */
/* Does s share the load now: willing, and no backup unless its time has come? */
bool lb_in_use(const struct px_live *p, const struct srv *s);
/* Tells the balancer that s->served or s->queued changed. */
static inline void lb_load(struct srv *s)
{
	struct lb_set *set = atom_acquire(&s->px->lb);

	if (set && set->ops->load)
		set->ops->load(set, s);
}

/* --- queue --- */
/* A place in a queue. Belongs to the thread that asked. */
struct pendconn {
	struct list link;
	struct srv *srv;		/* queued on this server, or NULL: on the backend */
	struct px_live *px;
	int thread;
	int64_t prio;			/* class, then date of arrival and offset: smaller goes first */
	uint32_t pos;			/* in it: how many had left before; out of it: its place in line, from 1 */
	struct srv *granted;		/* whose slot is held, or NULL: choose again */
	bool bound;			/* force-persist: waits for this server even if it is gone */
	bool queued, mailed, dead;	/* in a list / answer on its way / owner gave up meanwhile */
	struct mail mail;
	void (*ready)(void *arg, struct srv *granted);
	void *arg;
};
/* Slots of s right now: minconn grows to maxconn with the load of the backend (fullconn), both with a slow start.
 * 0: no limit. */
unsigned srv_slots(const struct srv *s);
/* Would a newcomer get a slot of s at once? Nobody goes past those who wait. */
bool srv_has_room(const struct srv *s);
/* Takes a slot of s, or false when it is full or somebody waits for it. */
bool srv_slot_take(struct srv *s);
/* Gives it back and passes it on to whoever waits. */
void srv_slot_release(struct srv *s);
/* Queues on s, or on the backend when s is NULL. Later, on this thread, ready(arg, srv) is called once: srv's slot is
 * held, or srv == NULL: choose again; the place is released then. NULL: the queue is full (maxqueue). */
struct pendconn *queue_add(struct px_live *px, struct srv *s, int64_t prio, bool bound,
			   void (*ready)(void *, struct srv *), void *arg);
/* prio of a request that comes now: by class, inside a class by date, shifted by offset (ms). */
int64_t queue_prio(int64_t klass, int64_t offset);
/* Leaves the queue (timeout, abort). A slot granted meanwhile goes back. Returns its place in line, from 1: how many
 * left before it, and itself. */
uint32_t queue_cancel(struct pendconn *p);
/* Hands free slots of s to those who wait; when s is not usable, first sends away those who wait for it but may go
 * elsewhere. How many. Any thread. */
unsigned queue_process(struct srv *s);
/* The same for all servers that share the load, after others than before do. */
void queue_offer(struct px_live *px);

/* --- server connections --- */
/* What must carry a websocket, where that is not what carries everything else; part of the key but for EITHER. */
enum bconn_ws {
	WS_AS_IS,
	WS_H1,
	WS_H2,
	WS_EITHER,	/* HTTP/2 that allows it (RFC 8441) if there is one, else HTTP/1 */
};
struct bconn_req {
	struct srv *srv;
	struct server_line *line;
	struct proxy *be;
	struct conf *conf;
	uint64_t key;
	struct str sni;
	const struct addr *dst;		/* destination if not srv->addr (port mapping, transparent) */
	const struct addr *src;		/* source to bind */
	bool transparent;		/* src is not ours */
	const struct source_net *source; /* the `source` line that counts: ports, interface; NULL: the server's */
	struct str pp_header;		/* PROXY header bytes to send first, or empty */
	bool first_req;			/* of its client connection: `safe` says no shared idle connection */
	bool replayable;		/* a dead idle connection costs only a silent retry */
	bool want_new;			/* no reuse */
	bool early;			/* the request may go as TLS early data */
	void *session;			/* for private connections */
	struct list *priv;		/* the session's private connections, or NULL */
	bool counted;			/* a place was taken for it by srv_conn_take() */
	bool upgrade;			/* websocket: needs an exclusive H1 or an extended-CONNECT H2 connection */
	bool http;
	bool push;			/* for a client that takes pushes: part of the key */
	bool hopeful;			/* a new connection may turn out to carry many exchanges */
	uint8_t ws;			/* enum bconn_ws */
};
/* The reuse key with some bytes more in it. */
uint64_t bconn_key_add(uint64_t key, struct str bytes);
/* An idle connection that fits, or one that can take one more exchange; NULL: open a new one. */
struct bconn *bconn_reuse(const struct bconn_req *r);
/* Makes a new one with its transports; bconn_start then connects, and the user's callbacks come (possibly from inside
 * it). NULL: failed at once (*err). */
struct bconn *bconn_connect(const struct bconn_req *r, const struct bconn_user *u, void *arg, enum conn_err *err);
void bconn_start(struct bconn *b);
/* The opener is not interested any more: if still connecting, closes it (or lets it become idle when useful). */
void bconn_abandon(struct bconn *b);
/* It is open but cannot take an exchange: closes when those that run on it have ended. */
void bconn_discard(struct bconn *b);
/* Whose exchange runs on b now: the session it becomes private to when the server asks for it (NTLM). */
void bconn_set_session(struct bconn *b, void *session, struct list *priv);
/* A gate on b for one exchange; NULL: it cannot take one any more. */
struct gate *bconn_open_gate(struct bconn *b, struct arena *mem, const struct gate_user *u, void *arg);
/* One who waits for a connection that another exchange is opening, because many can share it: a burst of requests does
 * not open a connection for each. Memory of the one who waits; one thread. */
struct bconn_guest {
	struct list link;
	bool briefly;			/* told by bconn_join: it may as well turn out to be for one exchange only */
	const struct bconn_guest_user *user;
	void *arg;
};
/* One of them is called, once; g is no guest any more then. */
struct bconn_guest_user {
	void (*open)(void *arg);			/* it is open: bconn_reuse may find it */
	void (*fail)(void *arg, enum conn_err err);	/* it could not be opened */
	/* Who was opening it has left: b is the guest's, as if bconn_connect had given it to him. Answers with who is
	 * to be told of b from now on, and the argument is the guest's. */
	const struct bconn_user *(*take)(struct bconn *b, void *arg);
};
/* Makes g, with user and arg set, a guest of a connection that r could share. False: there is none. */
bool bconn_join(const struct bconn_req *r, struct bconn_guest *g);
static inline void bconn_leave(struct bconn_guest *g) { list_del(&g->link); }
/* Out of descriptors: ready(arg) is called later, when a connection to s of this thread can be used or is gone, and the
 * result is released. There may be none: the caller has to look by itself now and then. */
struct fd_wait *fd_wait_add(struct srv *s, void (*ready)(void *arg), void *arg);
void fd_wait_cancel(struct fd_wait *w);
bool fd_wait_nobody(struct srv *s);	/* the next one would be the first in line */
/* Closes an idle connection of this thread to a server of px, for its descriptor. False: there is none. */
bool bconn_spare_one(struct px_live *px);
/* strict-maxconn: one who waits for a place for a connection. */
struct conn_wait {
	struct list link;
	struct srv *srv;
	int thread;
	bool queued, mailed, dead;	/* in the list / place on its way / owner gave up meanwhile */
	struct mail mail;
	void (*ready)(void *arg);
	void *arg;
};
/* Takes a place for a new connection, which bconn_connect with `counted` then has; false: there are maxconn, or
 * somebody waits. */
bool srv_conn_take(struct srv *s);
void srv_conn_put(struct srv *s);
/* Has an unused connection closed and waits: later, on this thread, ready(arg) is called once, a place is held then,
 * and the result is released. */
struct conn_wait *conn_wait_add(struct srv *s, void (*ready)(void *arg), void *arg);
/* Gives up; a place that is on its way goes to the next one. */
void conn_wait_cancel(struct conn_wait *w);
/* Free places go to those who wait (maxconn has changed). Any thread. */
void srv_conns_hand_out(struct srv *s);
/* Closes idle connections of a server on all threads (DOWN, address changed, soft stop). */
void srv_close_idle(struct srv *s);
/* Private connections of a session end with it. */
void bconn_session_end(struct list *priv);

#endif
