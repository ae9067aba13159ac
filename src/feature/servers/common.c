/* Finding what a command names, and changing it while nobody else looks. */
#include <stdlib.h>

#include "servers_priv.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/loop/exclusive.h"

static int number_of(struct str name)
{
	uint64_t n;

	return name.n > 1 && name.p[0] == '#' && num_u64(str_skip(name, 1), &n) && n <= INT32_MAX ? (int)n : 0;
}

struct px_live *find_backend(struct str name)
{
	int id = number_of(name);
	struct px_live *p = id ? live_proxy_by_id(id) : live_backend(name);

	return p && p->caps & PR_BE ? p : NULL;
}

struct srv *find_server(struct px_live *p, struct str name)
{
	int id = number_of(name);
	struct srv *s;

	if (!id)
		return live_server(p, name);
	list_each(s, &p->servers, link)
		if (s->id == id)
			return s;
	return NULL;
}

struct srv *take_server(struct ctl_req *r)
{
	struct str server = word(r, 0), backend = str_cut(&server, '/');
	struct px_live *p;
	struct srv *s;

	if (!server.n) {
		ctl_fail(r, "Require 'backend/server'.");
		return NULL;
	}
	p = find_backend(backend);
	if (!p) {
		ctl_fail(r, "No such backend.");
		return NULL;
	}
	s = find_server(p, server);
	if (!s)
		ctl_fail(r, "No such server.");
	return s;
}

struct px_live *take_frontend(struct ctl_req *r)
{
	struct str name = word(r, 0);
	struct px_live *p;
	int id = number_of(name);

	if (!name.n) {
		ctl_fail(r, "A frontend name is expected.");
		return NULL;
	}
	p = id ? live_proxy_by_id(id) : live_frontend(name);
	if (p && p->caps & PR_FE)
		return p;
	ctl_fail(r, "No such frontend.");
	return NULL;
}

/* ---- exclusive changes ---- */

struct job {
	struct ctl_req *r;		/* NULL: the connection is gone */
	void (*change)(struct ctl_req *r);
	bool over;
};

static void run(void *arg)
{
	struct job *j = arg;

	if (j->r)
		j->change(j->r);
}

static void done(void *arg)
{
	struct job *j = arg;

	j->over = true;
	if (j->r)
		ctl_wake(j->r);
	else
		free(j);
}

static void forget(struct ctl_req *r)
{
	struct job *j = r->state;

	j->r = NULL;
	if (j->over)
		free(j);
}

enum ctl_result exclusively(struct ctl_req *r, void (*change)(struct ctl_req *r))
{
	struct job *j = r->state;

	if (j) {
		if (!j->over)
			return CTL_WAIT;
		r->drop = NULL;
		free(j);
		return CTL_DONE;
	}
	r->state = j = mem_zalloc(sizeof(*j));
	*j = (struct job){ .r = r, .change = change };
	r->drop = forget;
	r->wait_ms = 0;
	loop_exclusive(run, done, j);
	return CTL_WAIT;
}
