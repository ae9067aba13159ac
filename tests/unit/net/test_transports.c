#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/base/pool.h"
#include "weir/http/proxy_proto.h"
#include "weir/net/proxy_in.h"
#include "weir/net/proxy_out.h"
#include "weir/net/socks4.h"

static int opened, failed;

static void on_open(struct conn *c)
{
	opened++;
}

static void on_fail(struct conn *c)
{
	failed++;
}

static void on_io(struct conn *c)
{
}

static const struct conn_user user = { on_open, on_io, on_fail };

static struct conn *make(int *other)
{
	struct conn *c;
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	c = conn_wrap(fd[0], CONN_BACK);
	c->user = &user;
	c->ev.ready = EV_WRITE;
	*other = fd[1];
	return c;
}

START_TEST(header_goes_first)
{
	static char big[300000];
	struct conn *c;
	char buf[16];
	ssize_t got = 0, r;
	int fd;

	ck_assert(loop_enter());
	c = make(&fd);
	proxy_out_push(c, STR("PROXY UNKNOWN\r\n"));
	conn_advance(c);
	ck_assert_int_eq(opened, 1);
	ck_assert(conn_is_raw(c));
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 15);
	ck_assert_mem_eq(buf, "PROXY UNKNOWN\r\n", 15);
	conn_close(c, false);
	close(fd);

	opened = 0;
	c = make(&fd);			/* more than the socket takes at once */
	memset(big, 'x', sizeof(big));
	proxy_out_push(c, str_make(big, sizeof(big)));
	conn_advance(c);
	ck_assert_int_eq(opened, 0);
	while (got < (ssize_t)sizeof(big)) {
		r = read(fd, big, sizeof(big));
		got += r > 0 ? r : 0;
		loop_turn(0);
	}
	ck_assert_int_eq(got, sizeof(big));
	ck_assert_int_eq(opened, 1);
	conn_close(c, false);
	close(fd);
	loop_leave();
}
END_TEST

static struct conn *ask_socks(int *fd)
{
	static const unsigned char request[16] = "\x04\x01\x1f\x90\x01\x02\x03\x04HAProxy";
	struct addr to;
	struct conn *c = make(fd);
	char buf[32];

	ck_assert(addr_parse_ip(&to, STR("1.2.3.4")));
	addr_set_port(&to, 8080);
	socks4_push(c, &to);
	conn_advance(c);
	ck_assert_int_eq(read(*fd, buf, sizeof(buf)), 16);
	ck_assert_mem_eq(buf, request, 16);
	ck_assert(addr_eq(conn_dst(c), &to));
	return c;
}

static void answer(int fd, const char *bytes, size_t n)
{
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	loop_turn(0);
}

START_TEST(socks_grants)
{
	struct conn *c;
	char buf[8];
	int fd;

	ck_assert(loop_enter());
	c = ask_socks(&fd);
	answer(fd, "\0\x5a\0\0", 4);
	ck_assert_int_eq(opened, 0);
	answer(fd, "\0\0\0\0early", 9);
	ck_assert_int_eq(opened, 1);
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), 5);	/* what the server says is not eaten */
	ck_assert(conn_is_raw(c));
	conn_close(c, false);
	close(fd);
	loop_leave();
}
END_TEST

START_TEST(socks_denies_aborts_hangs)
{
	struct addr v6;
	struct conn *c;
	int fd;

	ck_assert(loop_enter());
	c = ask_socks(&fd);
	answer(fd, "\0\x5b\0\0\0\0\0\0", 8);
	ck_assert_int_eq(failed, 1);
	ck_assert_int_eq(c->err, CERR_SOCKS4_DENY);
	conn_close(c, false);
	close(fd);

	c = ask_socks(&fd);
	answer(fd, "\0\x5a", 2);
	close(fd);
	loop_turn(0);
	ck_assert_int_eq(failed, 2);
	ck_assert_int_eq(c->err, CERR_SOCKS4_ABORT);
	conn_close(c, false);

	c = ask_socks(&fd);
	conn_expire(c);
	ck_assert_int_eq(failed, 3);
	ck_assert_int_eq(c->err, CERR_TIMEOUT);
	conn_close(c, false);
	close(fd);

	ck_assert(addr_parse_ip(&v6, STR("::1")));
	c = make(&fd);
	socks4_push(c, &v6);
	conn_advance(c);
	ck_assert_int_eq(failed, 4);
	ck_assert_int_eq(c->err, CERR_FAMILY);
	conn_close(c, false);
	close(fd);
	loop_leave();
}
END_TEST

/* --- PROXY header received --- */

static struct conn *expecting(int *fd)
{
	struct conn *c = make(fd);

	opened = failed = 0;
	proxy_in_push(c);
	conn_advance(c);
	ck_assert_int_eq(opened + failed, 0);
	return c;
}

START_TEST(header_received)
{
	char buf[64], text[ADDR_TEXT_MAX];
	struct proxy_hdr *h;
	struct conn *c;
	int fd;

	ck_assert(loop_enter());
	c = expecting(&fd);
	c->flags &= ~(uint32_t)CONN_BACK;
	answer(fd, "PROXY TCP4 1.2.3.4 5.6.7.8 9", 28);
	ck_assert_int_eq(opened, 0);
	answer(fd, " 80\r\nGET", 8);
	ck_assert_int_eq(opened, 1);
	ck_assert(str_eqz(addr_text(conn_src(c), text), "1.2.3.4:9"));
	ck_assert(str_eqz(addr_text(conn_dst(c), text), "5.6.7.8:80"));
	conn_rest(c);
	ck_assert(str_eqz(addr_text(conn_src(c), text), "1.2.3.4:9"));
	ck_assert(!conn_ask(c, ASK_PP_HDR, &h));	/* it has gone: nothing more to tell */
	ck_assert(c->flags & CONN_PROXIED);
	ck_assert(conn_readable(c));
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), 3);
	ck_assert_mem_eq(buf, "GET", 3);
	ck_assert_int_eq(conn_sendv(c, &(struct iovec){ (char *)"HTTP", 4 }, 1, false), 4);
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 4);
	conn_close(c, false);
	close(fd);
	loop_leave();
}
END_TEST

static size_t v2(char *buf, size_t size, size_t value)
{
	struct sbuf b = sbuf_fixed(buf, size);
	struct addr src, dst;
	struct proxy_tlv tlv = { 0xe1, STR_NONE };
	struct proxy_say say = { .src = &src, .dst = &dst, .custom = &tlv, .ncustom = 1 };
	char *text = mem_zalloc(value);

	ck_assert(addr_parse_ip(&src, STR("2001:db8::1")));
	ck_assert(addr_parse_ip(&dst, STR("2001:db8::2")));
	memset(text, 'v', value);
	tlv.value = str_make(text, value);
	ck_assert(proxy_write_v2(&b, &say));
	free(text);
	return b.n;
}

static void header_with_tlv(size_t value_size)
{
	static char buf[20000];
	struct proxy_hdr *h;
	struct str value;
	struct conn *c;
	size_t n;
	int fd;

	ck_assert(loop_enter());
	c = expecting(&fd);
	n = v2(buf, sizeof(buf), value_size);
	answer(fd, buf, 20);
	answer(fd, buf + 20, n - 21);
	ck_assert_int_eq(opened, 0);
	answer(fd, buf + n - 1, 1);
	ck_assert_int_eq(opened, 1);
	ck_assert(!conn_readable(c));
	ck_assert(conn_ask(c, ASK_PP_HDR, &h));
	ck_assert(proxy_tlv_find(h->tlvs, 0xe1, &value));
	ck_assert_uint_eq(value.n, value_size);
	ck_assert(value.p[value_size - 1] == 'v');
	ck_assert_int_eq(addr_family(conn_src(c)), AF_INET6);
	ck_assert(conn_is_raw(c));
	conn_close(c, false);
	close(fd);
	loop_leave();
}

START_TEST(fields_stay)
{
	header_with_tlv(10);
}
END_TEST

START_TEST(large_fields_stay)
{
	header_with_tlv(9000);
}
END_TEST

static void header_fails(const char *bytes, size_t n, bool end, enum conn_err want)
{
	struct conn *c;
	int fd;

	c = expecting(&fd);
	if (n)
		ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	if (end)
		shutdown(fd, SHUT_WR);
	loop_turn(0);
	ck_assert_int_eq(failed, 1);
	ck_assert_int_eq(c->err, want);
	conn_close(c, true);
	close(fd);
}

START_TEST(header_refused)
{
	static char buf[70000] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff";
	struct conn *c;
	int fd;

	ck_assert(loop_enter());
	header_fails("GET / HTTP/1.1\r\n", 16, false, CERR_PROXY_BAD);
	header_fails("PROXY TCP4 1.2.3.4\r\n", 20, false, CERR_PROXY_LOCAL_BAD);
	header_fails("", 0, true, CERR_PROXY_EMPTY);
	header_fails("PROXY TCP4 1.2", 14, true, CERR_PROXY_CUT);
	header_fails(buf, 600, false, CERR_PROXY_LOCAL_BAD);	/* longer than anybody may be */
	c = expecting(&fd);
	answer(fd, "PROXY", 5);
	conn_expire(c);
	ck_assert_int_eq(failed, 1);
	ck_assert_int_eq(c->err, CERR_PROXY_TIMEOUT);
	conn_close(c, true);
	close(fd);
	loop_leave();
}
END_TEST

#define CIP "GIPF\0\0\0\x28\x45\0\0\x28\0\0\0\0\x40\x06\0\0\x01\x02\x03\x04\x05\x06\x07\x08" \
	"\x30\x39\0\x50\0\0\0\0\0\0\0\0\x50\x02\xff\xff\0\0\0\0"

static void cip(const char *bytes, size_t n, bool end, enum conn_err want)
{
	char text[ADDR_TEXT_MAX];
	struct conn *c;
	int fd;

	c = make(&fd);
	c->flags &= ~(uint32_t)CONN_BACK;
	opened = failed = 0;
	cip_in_push(c, 0x47495046);
	conn_advance(c);
	if (n)
		answer(fd, bytes, n);
	if (end)
		shutdown(fd, SHUT_WR);
	if (end)
		loop_turn(0);
	if (want == CERR_NONE) {
		ck_assert_int_eq(opened, 1);
		ck_assert(str_eqz(addr_text(conn_src(c), text), "1.2.3.4:12345"));
		ck_assert(conn_is_raw(c));
	} else {
		if (want == CERR_CIP_TIMEOUT)
			conn_expire(c);
		ck_assert_int_eq(failed, 1);
		ck_assert_int_eq(c->err, want);
	}
	conn_close(c, true);
	close(fd);
}

START_TEST(client_ip_header)
{
	ck_assert(loop_enter());
	cip(CIP "GET", sizeof(CIP "GET") - 1, false, CERR_NONE);
	cip("GET / HTTP/1.1\r\n\r\n", 18, false, CERR_CIP_MAGIC);
	cip("GIPF\0\0\0\x28\x75", 9, false, CERR_CIP_TIMEOUT);
	cip("GIPF\0\0\0\x28\x75\0\0\0", 12, false, CERR_CIP_PROTO);
	cip("", 0, true, CERR_CIP_EMPTY);
	cip(CIP, 30, true, CERR_CIP_CUT);
	loop_leave();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("transports");

	UNIT_TEST(s, header_goes_first);
	UNIT_TEST(s, socks_grants);
	UNIT_TEST(s, socks_denies_aborts_hangs);
	UNIT_TEST(s, header_received);
	UNIT_TEST(s, fields_stay);
	UNIT_TEST(s, large_fields_stay);
	UNIT_TEST(s, header_refused);
	UNIT_TEST(s, client_ip_header);
	return unit_run(s);
}
