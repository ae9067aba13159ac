#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/sys/fdpass.h"
#include "weir/sys/handover.h"
#include "weir/sys/sock.h"

START_TEST(descriptors_travel)
{
	int s[2], p[2], got[4], n;
	char buf[8];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	ck_assert_int_eq(pipe(p), 0);
	ck_assert(fdpass_send(s[0], p, 2, "ab", 2, 100));
	ck_assert_int_eq(fdpass_recv(s[1], got, 4, &n, buf, sizeof(buf), 100), 2);
	ck_assert_int_eq(n, 2);
	ck_assert_mem_eq(buf, "ab", 2);
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	ck_assert_int_eq(read(got[0], buf, 8), 1);
	ck_assert(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(fdpass_recv(s[1], got, 4, &n, buf, sizeof(buf), 10), -1);	/* nothing: it waits a little */
	close(s[0]);
	ck_assert_int_eq(fdpass_recv(s[1], got, 4, &n, buf, sizeof(buf), 100), 0);
}
END_TEST

START_TEST(those_too_many_are_closed)
{
	int s[2], p[2], got[1], n;
	char b;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	ck_assert_int_eq(pipe(p), 0);
	ck_assert(fdpass_send(s[0], p, 2, "a", 1, 100));
	ck_assert_int_eq(fdpass_recv(s[1], got, 1, &n, &b, 1, 100), 1);
	ck_assert_int_eq(n, 1);
	close(p[1]);
	ck_assert_int_eq(read(got[0], &b, 1), 0);	/* no writer is left */
}
END_TEST

#define MANY 300		/* more than one message holds */
static struct handed_sock given[MANY];

static void *old_process(void *arg)
{
	int l = *(int *)arg, c = accept(l, NULL, NULL);
	char line[32];

	ck_assert_int_eq(read(c, line, sizeof(line)), 10);
	ck_assert_mem_eq(line, "_getsocks\n", 10);
	ck_assert(handover_send(c, given, MANY));
	close(c);
	return NULL;
}

START_TEST(a_successor_gets_them_all)
{
	struct handed_sock *got;
	struct addr at, a;
	char name[32], dev[MANY][8];
	pthread_t old;
	int l;

	snprintf(name, sizeof(name), "weir-test-%d", (int)getpid());
	ck_assert(addr_set_unix(&at, str_c(name), true, true));
	l = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(l, &at.sa, at.len), 0);
	ck_assert_int_eq(listen(l, 1), 0);
	for (int i = 0; i < MANY; i++) {
		snprintf(dev[i], sizeof(dev[i]), "dev%d", i);
		given[i] = (struct handed_sock){ socket(AF_INET, SOCK_STREAM, 0),
						 i % 2 ? STR("ns") : STR_NONE, str_c(dev[i]) };
	}
	ck_assert_int_eq(pthread_create(&old, NULL, old_process, &l), 0);
	snprintf(name, sizeof(name), "abns@weir-test-%d", (int)getpid());
	ck_assert_int_eq(handover_fetch(str_c(name), &got), MANY);
	pthread_join(old, NULL);
	for (int i = 0; i < MANY; i++) {
		ck_assert(sock_name(got[i].fd, &a));
		ck_assert_int_eq(addr_family(&a), AF_INET);
		ck_assert(str_eq(got[i].ns, given[i].ns));
		ck_assert(str_eqz(got[i].interface, dev[i]));
	}
	free(got);
}
END_TEST

START_TEST(nobody_there)
{
	struct handed_sock *got;

	ck_assert_int_eq(handover_fetch(STR("/nowhere/at/all.sock"), &got), -1);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("handover");

	UNIT_TEST(s, descriptors_travel);
	UNIT_TEST(s, those_too_many_are_closed);
	UNIT_TEST(s, a_successor_gets_them_all);
	UNIT_TEST(s, nobody_there);
	return unit_run(s);
}
