/* External checks: a program is started for each check; its exit status is the result. */
#include "check_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "weir/base/pool.h"
#include "weir/sys/spawn.h"

struct chk_process {
	struct fdev ev;			/* descriptor of the process: readable when it has ended */
	struct check *check;		/* NULL: nobody waits any more, only its end is collected */
	pid_t pid;
};

#define ENV_MAX 24
#define EXEC_FAILED 255	/* code of a program that could not be started */

struct env {
	char *v[ENV_MAX];
	int n;
};

static void env_put(struct env *e, struct arena *mem, const char *name, struct str value)
{
	WASSERT(e->n < ENV_MAX - 1);
	e->v[e->n++] = (char *)arena_printf(mem, "%s=" STR_FMT, name, STR_ARG(value)).p;
}

static void env_num(struct env *e, struct arena *mem, const char *name, long v)
{
	env_put(e, mem, name, arena_printf(mem, "%ld", v));
}

/* Address and port as text: "NOT_USED" where there is none. */
static void put_address(struct arena *mem, const struct addr *a, struct str *ip, struct str *port)
{
	char text[ADDR_TEXT_MAX];

	*ip = *port = STR("NOT_USED");
	if (!a || !addr_isset(a))
		return;
	if (addr_family(a) == AF_UNIX) {
		*ip = arena_str(mem, addr_text(a, text));
		return;
	}
	*ip = arena_str(mem, addr_ip_text(a, text));
	*port = arena_printf(mem, "%u", addr_port(a));
}

static const struct addr *first_bind(const struct proxy *p)
{
	return list_empty(&p->binds) ? NULL : &list_first(&p->binds, struct bind, link)->net.addr;
}

struct places { struct str px, px_port, srv, srv_port; };

static void find_places(struct check *c, struct places *w)
{
	struct addr to = addr_isset(&c->to) ? c->to : c->srv->addr;

	if (addr_family(&to) == AF_INET || addr_family(&to) == AF_INET6)
		addr_set_port(&to, c->port ? (uint16_t)c->port : addr_port(&c->srv->addr));
	put_address(&c->mem, first_bind(c->srv->line->proxy), &w->px, &w->px_port);
	put_address(&c->mem, &to, &w->srv, &w->srv_port);
}

static struct str unless_unused(struct str s)
{
	return str_eqz(s, "NOT_USED") ? STR("") : s;
}

static void fill_env(struct check *c, const struct places *w, struct env *e)
{
	const struct srv *s = c->srv;
	const struct proxy *p = s->line->proxy;
	struct arena *mem = &c->mem;

	if (p->ext_check_path.n)
		env_put(e, mem, "PATH", p->ext_check_path);
	env_put(e, mem, "HAPROXY_PROXY_NAME", p->name);
	env_num(e, mem, "HAPROXY_PROXY_ID", p->id);
	env_put(e, mem, "HAPROXY_PROXY_ADDR", unless_unused(w->px));
	env_put(e, mem, "HAPROXY_PROXY_PORT", unless_unused(w->px_port));
	env_put(e, mem, "HAPROXY_SERVER_NAME", s->name);
	env_num(e, mem, "HAPROXY_SERVER_ID", s->id);
	env_put(e, mem, "HAPROXY_SERVER_ADDR", unless_unused(w->srv));
	env_put(e, mem, "HAPROXY_SERVER_PORT", unless_unused(w->srv_port));
	env_num(e, mem, "HAPROXY_SERVER_MAXCONN", (long)s->maxconn);
	env_num(e, mem, "HAPROXY_SERVER_CURCONN", (long)atom_get(&s->cnt.cur));
	env_num(e, mem, "HAPROXY_SERVER_SSL", s->ssl_on);
	env_put(e, mem, "HAPROXY_SERVER_PROTO", s->line->mux.proto     ? str_c(s->line->mux.proto->proto)
						: p->mode == MODE_HTTP ? STR("http")
								       : STR("tcp"));
}

/* preserve-env: what weir itself was started with goes first. */
static char **whole_env(struct check *c, struct env *e)
{
	size_t n = 0;
	char **all;

	if (!c->srv->line->proxy->conf->global.external_check_env)
		return e->v;
	while (environ[n])
		n++;
	all = arena_array(&c->mem, char *, n + ENV_MAX);
	memcpy(all, environ, n * sizeof(*all));
	memcpy(all + n, e->v, sizeof(e->v));
	return all;
}

static pid_t start(struct check *c)
{
	const struct proxy *p = c->srv->line->proxy;
	struct env e = { .n = 0 };
	struct places w;

	find_places(c, &w);
	fill_env(c, &w, &e);
	char *argv[] = { (char *)p->ext_check_command.p, (char *)w.px.p, (char *)w.px_port.p, (char *)w.srv.p,
			 (char *)w.srv_port.p, NULL };
	return spawn_program(argv, whole_env(c, &e), p->ext_check_path);
}

/* --- its end --- */

static void process_free(struct chk_process *p)
{
	fdev_del(&p->ev, true);
	free(p);
}

static void on_exit_of(struct fdev *f, uint32_t events)
{
	struct chk_process *p = container_of(f, struct chk_process, ev);
	struct check *c = p->check;
	int status = 0;

	(void)events;
	if (waitpid(p->pid, &status, WNOHANG) == 0)
		return;
	process_free(p);
	if (!c)
		return;
	c->process = NULL;
	c->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	chk_end(c, c->code ? CHK_PROCERR : CHK_PROCOK, STR_NONE);
}

void chk_process_begin(struct check *c)
{
	struct chk_process *p;
	pid_t pid = start(c);
	int fd = pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	struct str why;

	if (fd < 0) {
		why = arena_printf(&c->mem, "%s", strerror(errno));
		if (pid > 0) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		c->code = EXEC_FAILED;
		chk_end(c, pid < 0 ? CHK_PROCERR : CHK_SOCKERR, why);
		return;
	}
	p = mem_zalloc(sizeof(*p));
	p->check = c;
	p->pid = pid;
	c->process = p;
	chk_set_limit(c, chk_connect_limit(c));
	if (!fdev_add(&p->ev, fd, on_exit_of)) {
		close(fd);
		free(p);
		c->process = NULL;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		chk_end(c, CHK_SOCKERR, STR("no descriptor left"));
	}
}

void chk_process_late(struct check *c)
{
	c->code = 0;
	chk_end(c, CHK_PROCTOUT, STR_NONE);
}

/* It is told to end; its end is awaited without anybody being interested. */
void chk_process_drop(struct check *c)
{
	struct chk_process *p = c->process;

	if (!p)
		return;
	c->process = NULL;
	p->check = NULL;
	kill(p->pid, SIGTERM);
	if (atom_get(&live_get()->stopping) || !live_get()->nbthread)
		process_free(p);
}
