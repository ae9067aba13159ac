/* Unix sockets that take a path over: the old one stays until the new one is whole, modes are never wider, nothing is
 * left behind. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "weir/sys/unix_sock.h"

static char dir[] = "/tmp/weir-unix-XXXXXX";
static char path[120];
static struct addr at;

static void begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	ck_assert(addr_set_unix(&at, str_c(path), false, false));
}

/* Nothing but the path may be left; then the directory can go. */
static void end(void)
{
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static bool accepts(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool ok = connect(fd, &at.sa, at.len) == 0;

	close(fd);
	return ok;
}

START_TEST(takes_over)
{
	struct unix_sock old, new;
	const char *why;
	struct stat st;

	begin();
	umask(0);
	ck_assert(unix_sock_bind(&old, &at, 0600, -1, -1, &why));
	ck_assert_int_eq(stat(path, &st), -1);		/* not before it listens */
	ck_assert_int_eq(stat(old.temp, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	listen(old.fd, 1);
	ck_assert(unix_sock_publish(&old, &why));
	ck_assert(accepts());
	/* A second one that is given up has touched nothing. */
	ck_assert(unix_sock_bind(&new, &at, 0, -1, -1, &why));
	unix_sock_cancel(&new);
	ck_assert_int_eq(new.fd, -1);
	ck_assert(accepts());
	unix_sock_cancel(&new);			/* once more: nothing */
	ck_assert(unix_sock_bind(&new, &at, 0640, -1, -1, &why));
	listen(new.fd, 1);
	ck_assert(unix_sock_publish(&new, &why));
	close(old.fd);
	ck_assert(accepts());
	unix_sock_cancel(&new);			/* published: the path stays */
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	end();
}
END_TEST

/* What a dead process left under the temporary name is in nobody's way. */
START_TEST(leftovers)
{
	char temp[150];
	struct unix_sock s;
	const char *why;

	begin();
	snprintf(temp, sizeof(temp), "%s.%d.tmp", path, (int)getpid());
	close(open(temp, O_CREAT | O_WRONLY, 0600));
	ck_assert(unix_sock_bind(&s, &at, 0, -1, -1, &why));
	unix_sock_cancel(&s);
	ck_assert_int_eq(mkdir(temp, 0700), 0);		/* that cannot be removed */
	ck_assert(!unix_sock_bind(&s, &at, 0, -1, -1, &why));
	ck_assert_str_eq(why, "error when trying to unlink previous UNIX socket");
	rmdir(temp);
	end();
}
END_TEST

START_TEST(refused)
{
	struct unix_sock s;
	char name[200];
	const char *why;

	begin();
	/* It fits into an address, but not with the temporary name. */
	memset(name, 'x', sizeof(name));
	ck_assert(addr_set_unix(&at, str_make(name, 105), false, false));
	ck_assert(!unix_sock_bind(&s, &at, 0, -1, -1, &why));
	ck_assert_str_eq(why, "name too long for UNIX socket (limit usually 97)");
	ck_assert_int_eq(s.fd, -1);
	ck_assert(!addr_set_unix(&at, str_make(name, 150), false, false));
	ck_assert(addr_set_unix(&at, STR("/nowhere/at/all"), false, false));
	ck_assert(!unix_sock_bind(&s, &at, 0600, -1, -1, &why));
	ck_assert_str_eq(why, "cannot bind UNIX socket");
	ck_assert_int_eq(errno, ENOENT);
	end();
}
END_TEST

START_TEST(abstract_names)
{
	struct unix_sock s, again;
	const char *why;
	char name[40];

	begin();
	snprintf(name, sizeof(name), "weir-unit-%d", (int)getpid());
	ck_assert(addr_set_unix(&at, str_c(name), true, false));
	ck_assert(unix_sock_bind(&s, &at, 0600, -1, -1, &why));
	ck_assert_str_eq(s.temp, "");
	listen(s.fd, 1);
	ck_assert(unix_sock_publish(&s, &why));
	ck_assert(accepts());
	ck_assert(!unix_sock_bind(&again, &at, 0, -1, -1, &why));
	ck_assert_str_eq(why, "cannot bind UNIX socket");
	ck_assert_int_eq(errno, EADDRINUSE);
	unix_sock_cancel(&s);
	end();
}
END_TEST

static bool made_for(const char *bound, const char *want)
{
	struct addr b, a;

	ck_assert(addr_set_unix(&b, str_c(bound), false, false));
	ck_assert(addr_set_unix(&a, str_c(want), false, false));
	return unix_sock_made_for(&b, &a);
}

START_TEST(names_of_others)
{
	struct addr tcp, a;

	ck_assert(made_for("/run/s", "/run/s"));
	ck_assert(made_for("/run/s.1.tmp", "/run/s"));
	ck_assert(made_for("/run/s.4194304.tmp", "/run/s"));
	ck_assert(!made_for("/run/s..tmp", "/run/s"));
	ck_assert(!made_for("/run/s.tmp", "/run/s"));
	ck_assert(!made_for("/run/s1.tmp", "/run/s"));
	ck_assert(!made_for("/run/s.1x.tmp", "/run/s"));
	ck_assert(!made_for("/run/s.1.tmpx", "/run/s"));
	ck_assert(!made_for("/run/s.1", "/run/s"));
	ck_assert(!made_for("/run/s", "/run/s.1.tmp"));
	ck_assert(!made_for("/run/sock.1.tmp", "/run/s"));
	ck_assert(addr_set_unix(&a, STR("/run/s"), false, false));
	addr_set4(&tcp, "\x7f\0\0\1", 80);
	ck_assert(!unix_sock_made_for(&tcp, &a) && !unix_sock_made_for(&a, &tcp));
	ck_assert(addr_set_unix(&tcp, STR("/run/s.1.tmp"), true, false));
	ck_assert(!unix_sock_made_for(&tcp, &a));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("unix_sock");

	UNIT_TEST(s, takes_over);
	UNIT_TEST(s, leftovers);
	UNIT_TEST(s, refused);
	UNIT_TEST(s, abstract_names);
	UNIT_TEST(s, names_of_others);
	return unit_run(s);
}
