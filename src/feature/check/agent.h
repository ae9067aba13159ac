/* Agents: programs beside a server that say in a line of text how it is (`agent-check`). */
#ifndef WEIR_FEATURE_CHECK_AGENT_H
#define WEIR_FEATURE_CHECK_AGENT_H

#include "check_priv.h"

#define AGENT_ANSWER_MAX 1024

/* What a line asks for; slices of that line. Words are separated by blanks or commas; one of each kind counts, the last
 * one; behind '#' stands text for people. */
struct agent_says {
	struct str health;		/* up, down, stopped, fail */
	struct str admin;		/* ready, drain, maint */
	struct str weight;		/* "75%" */
	struct str maxconn;		/* what stands behind "maxconn:" */
	struct str unknown;		/* the first word that means nothing */
	struct str remark;
};
void agent_read(struct str line, struct agent_says *says);

#define AGENT_MAGIC OBJ_MAGIC('a', 'g', 'n', 't')
struct agent {
	uint32_t magic;
	struct srv *srv;
	int thread;			/* -1: not begun */
	struct timer next, limit;
	pthread_mutex_t lock;		/* what other threads show or change: the five below */
	struct chk_result last;
	uint64_t failures;
	struct addr to;			/* unset: where the server is */
	int port;
	struct str send;		/* own memory */

	/* while one runs */
	bool running;
	struct conn *conn;		/* set by its own thread; others ask only whether there is one, atomic */
	uint64_t began_us;
	size_t sent, got;
	char question[AGENT_ANSWER_MAX], answer[AGENT_ANSWER_MAX];
	size_t nquestion;
};

/* Makes the server's agent as its line says. Not while other threads run, unless they do not know the server yet. */
void agent_create(struct srv *s);
/* Begins and ends those of the calling thread. */
void agents_join(int thread, int nthreads);
void agents_leave(int thread);
/* On its own thread. */
void agent_begin(struct agent *a);
void agent_end(struct agent *a);
/* What it came to; judges the server and sets the time of the next question. agent_judge.c */
void agent_judge(struct agent *a, enum chk_status status, struct str why);
void agent_obey(struct agent *a, struct str line);
/* set server <b>/<s> check-addr|agent-addr <ip> [port <port>], check-port|agent-port <port>; check_ctl.c */
void chk_ctl_addr(struct ctl_req *r, struct addr *to, int *port);
void chk_ctl_port(struct ctl_req *r, int *port);
/* Columns of show servers state; agent_ctl.c */
void agent_view(const struct srv *s, struct srv_view *v);

#endif
