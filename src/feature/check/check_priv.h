/* Shared by the files of health checks. */
#ifndef WEIR_FEATURE_CHECK_PRIV_H
#define WEIR_FEATURE_CHECK_PRIV_H

#include <pthread.h>
#include "script.h"
#include "weir/loop/trace.h"
#include "weir/expr/vars.h"
#include "weir/feature/check/check.h"
#include "weir/http/h1_read.h"
#include "weir/live/live.h"
#include "weir/net/conn.h"

#define CHK_NO_TIME ~0U		/* nothing was asked: traffic was observed */

/* What one check came to. */
struct chk_result {
	enum chk_status status;
	int code;			/* HTTP status or the like, or 0 */
	unsigned took_ms;		/* or CHK_NO_TIME */
	char info[128];			/* what the server or the kernel said, or "" */
};

/* Health counts from 0 to rise + fall - 1; from rise on the server is UP. */
struct chk_health { unsigned health, rise, fall; };
/* Counts one result; false: nothing moved. */
bool chk_health_passed(struct chk_health *h);
bool chk_health_failed(struct chk_health *h);
static inline bool chk_health_up(const struct chk_health *h) { return h->health >= h->rise; }

#define CHECK_MAGIC OBJ_MAGIC('c', 'h', 'e', 'k')
struct check {
	uint32_t magic;
	struct srv *srv;
	unsigned number, of;		/* place among all checks */
	int thread;
	struct timer next;		/* when the next one begins */
	struct list wait;		/* of its thread: too many run */
	pthread_mutex_t lock;		/* last, chk_fails: other threads show them */
	struct chk_result last;
	uint64_t failures;
	struct addr to;			/* where it goes, unset: to the server; port 0: the server's */
	int port;

	/* while one runs */
	bool running, stepping;		/* running: read by commands too; stepping: chk_run is on the stack */
	const struct chk_words *words;	/* NULL: connecting is all */
	const struct chk_script *script;
	int at;				/* the step that runs */
	int code;
	struct str said;		/* by a judge that was content: what to report */
	uint64_t began_us;
	struct timer limit;
	struct arena mem;		/* of this check: formats, requests */
	struct vars vars;

	/* the connection of the last connect step */
	struct conn *conn;
	int conn_at;			/* that step */
	struct str out;			/* being sent, p == NULL: nothing is */
	size_t sent;

	/* what came since the last send: raw bytes; in HTTP the head and behind it the body without framing */
	char *buf;
	size_t got, cap;
	bool eof, failed;		/* nothing more will come; because of an error */
	struct chk_http *http;		/* an answer being read (answer.c), or NULL */

	struct chk_exchange *exchange;	/* by way of a mux (exchange.c), or NULL */
	bool fresh;			/* no idle connection this time: one turned out to be dead */
	struct chk_process *process;	/* external check (external.c), or NULL */
};

/* An HTTP answer. */
struct chk_http {
	struct h1_head head;
	struct h1_body body;
	struct msg own, *msg;		/* msg: own, or that of the gate */
	size_t raw;			/* HTTP/1: bytes from here on are not read yet */
	size_t body_at;			/* where the body lies in c->buf */
	size_t body_len;
	bool has_head, complete, bad;
	uint8_t method;			/* that was asked with */
	struct str upgrade;		/* protocol that was asked for */
};

/* --- life of one check (run.c) --- */
void chk_init_timers(struct check *c);
/* Makes the server's check as its line says; begun by whoever sets `next`. */
struct check *check_create(struct srv *s);
/* One exchange with the server; ends in chk_done, perhaps from inside chk_begin. */
void chk_begin(struct check *c);
/* Does this thread run as many as it may? Then c waits, and its timer fires again when one has ended. */
bool chk_must_wait(struct check *c);
/* One that had its turn did not use it, or has ended: another may begin. */
void chk_next_turn(void);
/* Drops what runs, if anything. */
void chk_abort(struct check *c);
/* Goes on with the step that runs, until one waits or the check has ended. */
void chk_run(struct check *c);
/* The check has come to this; the result goes to chk_done. */
void chk_end(struct check *c, enum chk_status status, struct str info);
/* The limit for this phase, from now on, ms. */
void chk_set_limit(struct check *c, unsigned ms);
/* min(inter, timeout connect), the latter only where timeout check says how long the rest may take. */
unsigned chk_connect_limit(const struct check *c);

enum step_result {
	STEP_NEXT,
	STEP_AGAIN,	/* the step that `at` says now */
	STEP_WAIT,
	STEP_OVER,
};
enum step_result chk_step_connect(struct check *c, const struct chk_step *s);	/* connect.c */
void chk_disconnect(struct check *c);
void chk_opened(struct check *c);	/* the connection is open: goes on */
/* The name in the Host field of the request to come, unless somebody wrote a connect step. */
struct str chk_host_name(struct check *c, const struct chk_connect *n);
enum step_result chk_step_send(struct check *c, const struct chk_step *s);	/* send.c */
enum step_result chk_step_request(struct check *c, const struct chk_step *s);
bool chk_request_minor(const struct chk_request *r);	/* HTTP/1.1 or later? */
enum step_result chk_step_expect(struct check *c, const struct chk_step *s);	/* expect.c */
enum step_result chk_expect_http(struct check *c, const struct chk_step *s);	/* expect_http.c */
/* The end of an expect step: whether what it wants was found, as `match` says and `!` turns around. */
enum step_result chk_expect_result(struct check *c, const struct chk_step *s, bool match, enum chk_status usual,
				   struct str info);

/* --- bytes --- */
/* Sends c->out. STEP_NEXT: all of it is gone; STEP_OVER: the check ended. */
enum step_result chk_flush(struct check *c);
/* Reads once into c->buf; sets eof, failed. CAME_ERROR: nothing ever came and the connection broke: the check ended. */
enum chk_came {
	CAME_BYTES,	/* or the end */
	CAME_NOTHING,
	CAME_ERROR,
};
enum chk_came chk_receive(struct check *c);
void chk_forget_input(struct check *c);	/* a new send begins */
/* Reads on in an HTTP/1 answer: until the head is there, or all of it when somebody wants to see the body. */
void chk_answer_read(struct check *c, bool body);
void chk_answer_begin(struct check *c, uint8_t method, struct str upgrade);

/* --- by way of a mux (exchange.c) --- */
/* The mux that an open connection needs for what comes; NULL: none. */
const struct mux *chk_exchange_wanted(const struct check *c, const struct chk_connect *n);
void chk_exchange_open(struct check *c, const struct mux *m);
enum step_result chk_exchange_send(struct check *c, struct msg *m, struct str body);
void chk_exchange_close(struct check *c);
/* On a connection that bconn_reuse gave, or on a new one of the pool. */
enum step_result chk_exchange_share(struct check *c, struct bconn *b);
enum step_result chk_exchange_share_new(struct check *c, const struct bconn_req *r);
bool chk_exchange_shared(const struct check *c);

/* --- connections of the server's pool (pool.c) --- */
bool chk_pool_shares(const struct check *c, const struct chk_connect *n);
enum step_result chk_pool_connect(struct check *c, const struct chk_connect *n);

/* --- what is said --- */
void chk_x(struct check *c, struct xctx *x);
struct str chk_text(struct check *c, const struct chk_text *t);
struct str chk_format(struct check *c, const struct logfmt *f);	/* in c->mem */
/* Why the connection broke, or that the time was over: ends the check. err and os_errno count when there is no
 * connection. */
void chk_end_conn(struct check *c, bool expired, enum conn_err err, int os_errno);
struct str chk_success_info(struct check *c, const struct chk_step *s);
/* `info` or what the step says about failures. */
struct str chk_error_info(struct check *c, const struct chk_step *s, bool match, struct str info);

/* --- external checks --- */
void chk_process_begin(struct check *c);
void chk_process_late(struct check *c);			/* time is over */
void chk_process_drop(struct check *c);

/* --- results (engine.c) --- */
void chk_done(struct check *c, const struct chk_result *r);
/* The same without a next check: counts, logs, moves the server. */
void chk_judge_server(struct check *c, const struct chk_result *r);
unsigned chk_inter(const struct check *c);
/* "reason: ...", for logs. */
void chk_why(const struct chk_result *r, struct sbuf *out);

/* --- trace.c: checks as a source of traces; behind trace_on() --- */
enum { CHE_START, CHE_STEP, CHE_END, CHE_COUNT };
void chk_tell(const struct check *c, unsigned event, enum trace_level level, const char *fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));

#endif
