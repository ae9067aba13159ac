/* `_getsocks`: a successor asks for the listening sockets (its -x), so that none of them is closed for an instant. Only
 * on sockets with `expose-fd listeners`. */
#include <stdlib.h>

#include "cli_priv.h"
#include "weir/base/pool.h"
#include "weir/feature/cli/cli.h"
#include "weir/live/live.h"
#include "weir/sys/handover.h"

struct parcel {
	struct handed_sock *v;
	int n, cap;
};

static void add_listener(struct parcel *p, const struct listener *li)
{
	const struct bind_net *o = listener_opts(li);
	int fd;

	for (int i = 0; (fd = listener_fd(li, i)) >= 0; i++) {
		if (p->n == p->cap) {
			p->cap = p->cap ? p->cap * 2 : 16;
			p->v = mem_realloc(p->v, sizeof(*p->v) * (size_t)p->cap);
		}
		p->v[p->n++] = (struct handed_sock){ fd, o->ns, o->interface };
	}
}

static enum ctl_result cmd_getsocks(struct ctl_req *r)
{
	struct parcel p = { NULL, 0, 0 };
	struct cli *c = cli_of(r);
	struct px_live *px;
	struct lstn *l;

	if (!c->expose_fd)
		return ctl_fail(r, "Permission denied");
	list_each(px, &live_get()->proxies, link)
		list_each(l, &px->listeners, link)
			if (l->li)
				add_listener(&p, l->li);
	handover_send(c->conn->ev.fd, p.v, p.n);
	free(p.v);
	return CTL_QUIT;
}

const struct ctl_row cli_getsocks_rows[] = {
	{ .name = "_getsocks", .level = CTL_USER, .run = cmd_getsocks, .flags = CTL_F_HIDDEN,
	  .help = "hands the listening sockets to a new process" },
	{ .name = NULL },
};
