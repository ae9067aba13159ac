/* Server connections without sockets: a backend that runs, and a mux that only notes what is asked of it. */
#ifndef TESTS_UNIT_LIVE_POOL_H
#define TESTS_UNIT_LIVE_POOL_H

#include "tests/unit/live/adopt.h"

#include "src/live/live_priv.h"
#include "weir/base/pool.h"
#include "weir/loop/loop.h"
#include "weir/mux/mux.h"

static const char pool_config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"backend b\n server s 127.0.0.1:1\n server two 127.0.0.1:2 pool-max-conn 2\n"
	" server once 127.0.0.1:3 max-reuse 1\n server never 127.0.0.1:4 pool-purge-delay 0\n"
	" server h2 127.0.0.1:5 proto h2\n"
	" server h2c 127.0.0.1:6 upgrade h2c upgrade-retry 10s\n server solo 127.0.0.1:7 proto h2 max-reuse 2\n";

static struct conf *pool_conf;

/* One connection of the test; its mux is the test. */
struct fake {
	struct conn c;
	unsigned room;			/* exchanges that it could take */
	int killed, drained;
	const struct mux_back_user *user;
	struct bconn *b;
};

static inline struct fake *fake_of(const struct conn *c)
{
	return (struct fake *)c;
}

static inline unsigned fake_avail(const struct conn *c)
{
	return fake_of(c)->room;
}

static inline void fake_kill(struct conn *c)
{
	struct fake *f = fake_of(c);

	f->killed++;
	if (f->user)
		f->user->gone(c, c->owner);
	f->b = NULL;
}

static inline void fake_drain(struct conn *c)
{
	fake_of(c)->drained++;
}

static const struct mux fake_mux = { .name = "FAKE", .avail = fake_avail, .kill = fake_kill, .drain = fake_drain };

static inline struct srv *pool_server(const char *name)
{
	struct srv *s = live_server(live_backend(STR("b")), str_c(name));

	ck_assert_ptr_nonnull(s);
	return s;
}

static inline void pool_begin(void)
{
	ck_assert(loop_enter());
	pool_conf = adopt_text(pool_config);
}

/* As bconn_connect leaves it: in use, in no list. */
static inline struct bconn *fake_open(struct fake *f, struct srv *s, const struct mux_back_user *user)
{
	struct bconn *b = pool_zget(sizeof(*b));

	*f = (struct fake){ .room = 1, .user = user, .b = b };
	f->c.mux = &fake_mux;
	f->c.owner = b;
	f->c.flags = CONN_OPEN | CONN_BACK;
	list_init(&b->link);
	list_init(&b->sess_link);
	list_init(&b->guests);
	b->conn = &f->c;
	b->srv = s;
	b->line = s->line;
	b->conf = pool_conf;
	b->http = true;
	b->served = 1;
	b->addr_turn = s->addr_turn;
	conf_ref(pool_conf);
	srv_need_one_more(s);
	return b;
}

/* A request to s that any connection would do for. */
static inline struct bconn_req ask(struct srv *s)
{
	return (struct bconn_req){ .srv = s, .line = s->line, .be = s->px->px, .conf = pool_conf, .http = true };
}

#endif
