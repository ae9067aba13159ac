/* The `stats socket` lines: their listeners, and who may do what on each. A reload keeps the sockets whose addresses
 * stay. */
#include <stdlib.h>
#include <unistd.h>

#include "cli_priv.h"
#include "weir/base/pool.h"
#include "weir/feature/cli/cli.h"
#include "weir/live/live.h"

struct cli_socket {
	struct list link;
	struct listener *li;
	struct str text;		/* as it was written, own memory */
	uint8_t level, prefix;
	bool expose_fd;
	bool master;
	bool kept;			/* the generation being opened has it too */
	uint64_t timeout_ms;
};

static struct list sockets = LIST_INIT(sockets);

static void on_accept(struct conn *conn, void *arg)
{
	const struct cli_socket *s = arg;
	struct cli *c = cli_create(conn, s->level, s->prefix);

	cnt_add(&live_get()->total, C_CONN, 1);
	cnt_add(&live_get()->total, C_REQ, 1);
	c->expose_fd = s->expose_fd;
	c->master = s->master;
	if (s->timeout_ms)
		c->timeout_ms = s->timeout_ms;
	c->started_us = live_get()->start_ms * 1000;
	conn_advance(conn);
}

static void take_words(struct cli_socket *s, const struct conf *c, const struct bind *b)
{
	s->level = (uint8_t)(b->level ? b->level : CTL_OPERATOR);
	s->prefix = b->severity;
	s->expose_fd = b->expose_fd;
	s->timeout_ms = c->global.t_stats;
	s->kept = true;
}

static bool open_socket(const struct conf *c, const struct bind *b, bool master, struct diag *d)
{
	struct cli_socket *s = mem_zalloc(sizeof(*s));
	const struct addr *a = &b->net.addr;
	struct bind_net net = b->net;
	char buf[256], at[ADDR_TEXT_MAX];
	struct str why = STR_NONE;

	take_words(s, c, b);
	s->master = master;
	s->text = str_c(mem_strdup(str_z(b->net.text, buf, sizeof(buf))));
	net.prompt = true;	/* whoever asks what is wrong does not wait behind what is wrong */
	s->li = listener_create(&net, on_accept, s);
	list_push(&sockets, &s->link);
	if (listener_open(s->li, &why, buf) && listener_publish(s->li, &why, buf))
		return true;
	diag_say(d, DIAG_ALERT,
	         "Binding [%s:%d] for frontend GLOBAL: protocol %s: " STR_FMT " for [" STR_FMT "].", b->file, b->line,
	         addr_family(a) == AF_UNIX ? "unix_stream" : addr_family(a) == AF_INET6 ? "tcpv6" : "tcpv4",
	         STR_ARG(why), STR_ARG(addr_text(a, at)));
	return false;
}

static struct cli_socket *find(const struct bind *b)
{
	struct cli_socket *s;

	list_each(s, &sockets, link)
		if (!s->kept && str_eq(s->text, b->net.text))
			return s;
	return NULL;
}

static void close_old(void)
{
	struct cli_socket *s;

	list_each(s, &sockets, link)
		if (!s->kept)
			listener_stop(s->li);
}

int cli_listeners(void)
{
	struct cli_socket *s;
	int n = 0;

	list_each(s, &sockets, link)
		n += listener_state(s->li) != LI_STOPPED;
	return n;
}

bool cli_open(const struct conf *c, bool master, struct diag *d)
{
	struct cli_socket *s;
	const struct bind *b;
	bool ok = true;

	list_each(s, &sockets, link)
		s->kept = listener_state(s->li) == LI_STOPPED;
	list_each(b, &c->global.stats_binds, link) {
		s = find(b);
		if (s)
			take_words(s, c, b);
		else
			ok = open_socket(c, b, master, d) && ok;
	}
	if (ok)
		close_old();
	atom_set(&live_get()->cli_listeners, (uint32_t)cli_listeners());
	return ok;
}

void cli_join(int thread)
{
	struct cli_socket *s;

	list_each(s, &sockets, link)
		if (listener_state(s->li) != LI_STOPPED)
			listener_join(s->li, thread);
}

void cli_stop(void)
{
	struct cli_socket *s;

	list_each(s, &sockets, link)
		listener_stop(s->li);
	atom_set(&live_get()->cli_listeners, 0);
}

void cli_close(void)
{
	struct cli_socket *s, *next;

	list_each_safe(s, next, &sockets, link) {
		list_del(&s->link);
		listener_destroy(s->li);
		free((char *)s->text.p);
		free(s);
	}
}

void cli_adopt(int fd, const struct cli_settings *set)
{
	struct conn *conn = conn_wrap(fd, CONN_UNIX);
	struct cli *c;

	if (!conn) {
		close(fd);
		return;
	}
	c = cli_create(conn, set->level, set->prefix);
	c->expert = set->expert;
	c->experimental = set->experimental;
	c->started_us = live_get()->start_ms * 1000;
	conn_advance(conn);
}
