/* What the files of this floor share. */
#ifndef WEIR_NET_PRIV_H
#define WEIR_NET_PRIV_H

#include "weir/net/conn.h"
#include "weir/net/listener.h"
#include "weir/sys/unix_sock.h"

/* Stateless: one for all connections, never written. */
extern const struct transport transport_raw;

#define NICE_MUCH 512		/* from there on even more others go first */

/* Something happened on c: its chain or its user is told. */
void conn_happened(struct conn *c);
/* True: c (CONN_NICE) will be told later. */
bool nice_later(struct conn *c);
void conn_set_peer(struct conn *c, const struct addr *a);

/* Why a listener does not accept although it could. */
enum { LI_BLOCK_MAXCONN = 1, LI_BLOCK_HELD = 2 };

/* One thread's part of a listener: a socket (perhaps shared with others) and who came through it. Only its thread
 * touches it, except for `posted` and `mail`. */
struct li_share {
	struct fdev ev;
	struct listener *l;
	int fd, thread;
	uint16_t burst, calm;		/* how many to accept in a row, see accept.c */
	bool joined;
	bool sole;			/* no other thread uses fd */
	int posted;			/* mail is on its way */
	struct timer retry;		/* armed: out of descriptors, or too many came; waiting */
	struct mail mail;
	uint32_t conns;			/* that live */
};

#define LISTENER_MAGIC OBJ_MAGIC('l', 'i', 's', 't')
struct listener {
	uint32_t magic;
	struct bind_net opts;		/* own copy, strings included */
	listener_accept_f accept;
	const struct listener_door *door;	/* or NULL */
	void *arg;
	struct addr bound;		/* with the real port */
	bool only_addr;			/* connections can come to `bound` only */
	bool nat;			/* the firewall may have rewritten the destination */
	bool own;			/* sockets were opened here, not inherited */
	struct unix_sock un;		/* not published yet when un.temp is not empty */
	int *fds, nfds, fds_cap;
	struct li_share *shares;
	int nshares;
	int state;			/* enum listener_state, atomic */
	uint32_t blocked;		/* LI_BLOCK_*, atomic */
	uint32_t conns;			/* counted only with a maxconn, atomic */
	uint32_t refs;			/* owner, shares with life in them, mail on its way; atomic */
	uint32_t users;			/* of the sockets: owner until stop, joined shares; atomic */
	int closed;			/* the sockets are, atomic */
};

void li_share_init(struct li_share *s, struct listener *l, int thread, int fd);
void li_share_conn_gone(struct li_share *s);
/* Tells every thread to look at state and blocked again. */
void listener_kick(struct listener *l);
void listener_unref(struct listener *l);
/* One user of the sockets less; the last one closes what is still open. */
void listener_drop_user(struct listener *l);
/* Closes one of them and forgets it. */
void listener_close_fd(struct listener *l, int fd);

#endif
