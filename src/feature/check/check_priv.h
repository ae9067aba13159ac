/* Shared by the files of health checks. */
#ifndef WEIR_FEATURE_CHECK_PRIV_H
#define WEIR_FEATURE_CHECK_PRIV_H

#include <pthread.h>
#include "weir/base/sbuf.h"
#include "weir/feature/check/check.h"
#include "weir/http/h1_read.h"
#include "weir/net/conn.h"

enum chk_status {
	CHK_INI, CHK_SOCKERR, CHK_L4OK, CHK_L4TOUT, CHK_L4CON, CHK_L6OK, CHK_L6TOUT, CHK_L6RSP, CHK_L7TOUT, CHK_L7RSP,
	CHK_L7OK, CHK_L7STS, CHK_HANA, CHK_CHECKED, CHK_STATUSES,
};
/* number: HAProxy's, for show servers state. */
struct chk_status_row { const char *token, *text; bool passed; uint8_t number; };
extern const struct chk_status_row chk_statuses[CHK_STATUSES];

#define CHK_NO_TIME ~0U		/* nothing was asked: traffic was observed */

/* What one check came to. */
struct chk_result {
	enum chk_status status;
	int code;			/* HTTP status, or 0 */
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
	pthread_mutex_t lock;		/* last, chk_fails: other threads show them */
	struct chk_result last;
	uint64_t failures;
	struct addr to;			/* where it goes, unset: to the server; port 0: the server's */
	int port;

	/* while one runs */
	struct conn *conn;
	struct timer limit;
	uint64_t began_us;
	const struct httpchk_words *http;	/* NULL: connecting is all */
	size_t sent, got;
	char *buf;
	struct arena mem;
	struct h1_head head;
	struct msg msg;
};

void chk_init_timers(struct check *c);
/* One exchange with the server; ends in chk_done, perhaps from inside chk_begin. */
void chk_begin(struct check *c);
/* Drops what runs, if anything. */
void chk_abort(struct check *c);
void chk_done(struct check *c, const struct chk_result *r);	/* engine.c */
/* The same without a next check: counts, logs, moves the server. */
void chk_judge_server(struct check *c, const struct chk_result *r);
unsigned chk_inter(const struct check *c);
/* "reason: ...", for logs. */
void chk_why(const struct chk_result *r, struct sbuf *out);

#endif
