/* A client of HTTP/2 that misbehaves, for scenarios.
 *
 *	h2flood PORT MODE COUNT [SECONDS]
 *
 * Connects to 127.0.0.1:PORT, says the preface and its SETTINGS, then sends up to COUNT pieces of what MODE names while
 * reading whatever comes back. Says what became of it, and ends with 0:
 *
 *	goaway CODE SENT	the server said GOAWAY with that code after SENT pieces
 *	closed SENT		it closed without a word
 *	alive SENT ANSWERS	everything was sent, the connection lives; heads of answers seen
 *
 * With SECONDS it stays that long after the last piece. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

#define OUT_MAX (1 << 20)

struct peer {
	int fd;
	uint8_t out[OUT_MAX], in[1 << 16];
	size_t nout, nin;
	uint32_t next;		/* stream */
	uint32_t skip;		/* of a frame that is longer than `in` */
	unsigned answers, resets;
	bool closed, deaf, unfinished;	/* unfinished: a header block is open, nothing may come between */
	int goaway;		/* code, -1: none */
};

struct mode {
	const char *name;
	void (*begin)(struct peer *p);			/* settings and what has to come first, or NULL: ordinary */
	void (*piece)(struct peer *p, unsigned i);
	bool deaf;					/* never reads */
};

static void put(struct peer *p, const void *data, size_t n)
{
	if (p->nout + n > OUT_MAX)
		exit(3);
	memcpy(p->out + p->nout, data, n);
	p->nout += n;
}

static void frame(struct peer *p, uint8_t type, uint8_t flags, uint32_t id, const void *data, size_t n)
{
	uint8_t hd[9] = { (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, type, flags, (uint8_t)(id >> 24),
			  (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id };

	put(p, hd, 9);
	if (n)
		put(p, data, n);
}

static void frame32(struct peer *p, uint8_t type, uint32_t id, uint32_t value)
{
	uint32_t v = htonl(value);

	frame(p, type, 0, id, &v, 4);
}

static void settings(struct peer *p, uint16_t id, uint32_t value)
{
	uint8_t s[6] = { (uint8_t)(id >> 8), (uint8_t)id, (uint8_t)(value >> 24), (uint8_t)(value >> 16),
			 (uint8_t)(value >> 8), (uint8_t)value };

	put(p, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
	frame(p, SETTINGS, 0, 0, s, id ? 6 : 0);
}

static bool talk(struct peer *p, int wait_ms);

static void ordinary(struct peer *p)
{
	settings(p, 0, 0);
}

/* GET or POST http://a/<path>; the path as a literal without indexing. */
static uint32_t request(struct peer *p, bool post, const char *path, uint8_t flags)
{
	uint8_t b[64] = { post ? 0x83 : 0x82, 0x86, 0x01, 1, 'a', 0x04, (uint8_t)strlen(path) };
	uint32_t id = p->next;

	memcpy(b + 7, path, strlen(path));
	frame(p, HEADERS, flags | END_HEADERS, id, b, 7 + strlen(path));
	p->next += 2;
	return id;
}

static void rapid_reset(struct peer *p, unsigned i)
{
	frame32(p, RST, request(p, false, "/", END_STREAM), 8);
}

/* An update of zero bytes makes the server reset the stream. */
static void made_you_reset(struct peer *p, unsigned i)
{
	frame32(p, WINDOW, request(p, true, "/", 0), 0);
}

static void bad_heads(struct peer *p, unsigned i)
{
	uint8_t b[] = { 0x82, 0x86, 0x84, 0x00, 1, 'X', 1, '1' };

	frame(p, HEADERS, END_HEADERS | END_STREAM, p->next, b, sizeof(b));
	p->next += 2;
}

static void one_open(struct peer *p)
{
	uint8_t b[] = { 0x82, 0x86, 0x84 };

	ordinary(p);
	talk(p, 100);
	p->unfinished = true;
	frame(p, HEADERS, END_STREAM, 1, b, sizeof(b));
}

static void continuation(struct peer *p, unsigned i)
{
	uint8_t b[] = { 0x00, 1, 'a', 1, 'b' };

	frame(p, CONTINUATION, 0, 1, b, sizeof(b));
}

static void continuation_empty(struct peer *p, unsigned i)
{
	frame(p, CONTINUATION, 0, 1, NULL, 0);
}

static void one_post(struct peer *p)
{
	ordinary(p);
	request(p, true, "/hold", 0);
}

static void empty_data(struct peer *p, unsigned i)
{
	frame(p, DATA, 0, 1, NULL, 0);
}

static void empty_headers(struct peer *p, unsigned i)
{
	frame(p, HEADERS, END_HEADERS | END_STREAM, p->next, NULL, 0);
	p->next += 2;
}

static void more_settings(struct peer *p, unsigned i)
{
	frame(p, SETTINGS, 0, 0, NULL, 0);
}

static void ping(struct peer *p, unsigned i)
{
	frame(p, PING, 0, 0, "12345678", 8);
}

static void priority(struct peer *p, unsigned i)
{
	uint8_t b[5] = { 0, 0, 0, (uint8_t)(i % 2 ? 1 : 0), 16 };

	frame(p, PRIORITY, 0, 3 + 2 * (i % 100), b, 5);
}

/* Each depends on the next, the last one on the first. */
static void priority_cycle(struct peer *p, unsigned i)
{
	uint8_t b[5] = { 0, 0, 0, (uint8_t)(3 + 2 * ((i + 1) % 100)), 16 };

	frame(p, PRIORITY, 0, 3 + 2 * (i % 100), b, 5);
}

static void priority_self(struct peer *p, unsigned i)
{
	uint8_t b[5] = { 0, 0, 0, 3, 16 };

	frame(p, PRIORITY, 0, 3, b, 5);
}

static void window(struct peer *p, unsigned i)
{
	frame32(p, WINDOW, 0, 1000);
}

static void push(struct peer *p, unsigned i)
{
	uint8_t b[] = { 0, 0, 0, 2, 0x82, 0x86, 0x84 };

	frame(p, PUSH, END_HEADERS, 1, b, sizeof(b));
}

static void window_closed(struct peer *p)
{
	settings(p, 4, 0);
}

static void large(struct peer *p, unsigned i)
{
	request(p, false, "/large", END_STREAM);
}

static void tiny_windows(struct peer *p)
{
	settings(p, 4, 1);
	request(p, false, "/large", END_STREAM);
}

static void one_byte(struct peer *p, unsigned i)
{
	frame32(p, WINDOW, 1, 1);
}

/* A field of 4000 bytes goes into the table once, then each byte of a block is that field again. */
static void hpack_bomb_begin(struct peer *p)
{
	uint8_t b[4096] = { 0x82, 0x86, 0x84, 0x01, 1, 'a', 0x40, 1, 'x', 0x7f, 0xa1, 0x1e };

	ordinary(p);
	memset(b + 12, 'y', 4000);
	frame(p, HEADERS, END_HEADERS | END_STREAM, 1, b, 12 + 4000);
	p->next = 3;
}

static void hpack_bomb(struct peer *p, unsigned i)
{
	uint8_t b[16000] = { 0x82, 0x86, 0x84, 0x01, 1, 'a' };

	memset(b + 6, 0xbe, sizeof(b) - 6);
	frame(p, HEADERS, END_HEADERS | END_STREAM, p->next, b, sizeof(b));
	p->next += 2;
}

/* 16 kB of short fields in one block. */
static void large_list(struct peer *p, unsigned i)
{
	uint8_t b[16380] = { 0x82, 0x86, 0x84, 0x01, 1, 'a' };

	for (size_t n = 6; n + 6 <= sizeof(b); n += 6)
		memcpy(b + n, "\0\1a\2bc", 6);
	frame(p, HEADERS, END_HEADERS | END_STREAM, p->next, b, sizeof(b));
	p->next += 2;
}

static void streams(struct peer *p, unsigned i)
{
	request(p, true, "/hold", 0);
}

static void waiting(struct peer *p, unsigned i)
{
	request(p, false, "/hold", END_STREAM);
}

static void nothing(struct peer *p, unsigned i)
{
}

static void upgrade(struct peer *p)
{
	static const char ask[] = "GET /large HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
				  "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";

	put(p, ask, sizeof(ask) - 1);
}

static void no_settings(struct peer *p)
{
	put(p, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
}

static void garbage(struct peer *p, unsigned i)
{
	frame(p, 0xee, 0, 0, "whatever", 8);
}

static void slow_body(struct peer *p, unsigned i)
{
	frame(p, DATA, 0, 1, "x", 1);
}

static const struct mode modes[] = {
	{ "rapid-reset", NULL, rapid_reset, false },
	{ "made-you-reset", NULL, made_you_reset, false },
	{ "bad-heads", NULL, bad_heads, false },
	{ "continuation", one_open, continuation, false },
	{ "continuation-empty", one_open, continuation_empty, false },
	{ "empty-data", one_post, empty_data, false },
	{ "empty-headers", NULL, empty_headers, false },
	{ "settings", NULL, more_settings, false },
	{ "ping", NULL, ping, false },
	{ "ping-deaf", NULL, ping, true },
	{ "priority", NULL, priority, false },
	{ "priority-cycle", NULL, priority_cycle, false },
	{ "priority-self", NULL, priority_self, false },
	{ "window-update", NULL, window, false },
	{ "push-promise", NULL, push, false },
	{ "zero-window", window_closed, large, false },
	{ "one-byte-window", tiny_windows, one_byte, false },
	{ "hpack-bomb", hpack_bomb_begin, hpack_bomb, false },
	{ "large-list", NULL, large_list, false },
	{ "streams", NULL, streams, false },
	{ "waiting", NULL, waiting, false },
	{ "slow-reader", NULL, large, true },
	{ "half-upgrade", upgrade, nothing, false },
	{ "no-settings", no_settings, nothing, false },
	{ "unknown-frames", NULL, garbage, false },
	{ "slow-body", one_post, slow_body, false },
};

/* --- what comes back --- */

static void one_frame(struct peer *p, const uint8_t *f, size_t n)
{
	switch (f[3]) {
	case HEADERS:
		p->answers++;
		break;
	case RST:
		p->resets++;
		break;
	case GOAWAY:
		if (n >= 17)
			p->goaway = f[13] << 24 | f[14] << 16 | f[15] << 8 | f[16];
		break;
	case SETTINGS:
		if (!(f[4] & ACK) && !p->unfinished)
			frame(p, SETTINGS, ACK, 0, NULL, 0);
		break;
	case PING:
		if (!(f[4] & ACK) && n >= 17)
			frame(p, PING, ACK, 0, f + 9, 8);
		break;
	}
}

/* The answer to an upgrade is a text that ends with an empty line. */
static size_t skip_text(struct peer *p)
{
	uint8_t *end;

	if (p->nin < 5 || memcmp(p->in, "HTTP/", 5) != 0)
		return 0;
	end = memmem(p->in, p->nin, "\r\n\r\n", 4);
	return end ? (size_t)(end - p->in) + 4 : p->nin;
}

static void parse(struct peer *p)
{
	size_t at = skip_text(p);

	while (p->nin - at >= 9) {
		size_t n = 9 + ((size_t)p->in[at] << 16 | (size_t)p->in[at + 1] << 8 | p->in[at + 2]);

		if (n > sizeof(p->in)) {
			p->skip = (uint32_t)(n - (p->nin - at));
			at = p->nin;
			break;
		}
		if (p->nin - at < n)
			break;
		one_frame(p, p->in + at, n);
		at += n;
	}
	memmove(p->in, p->in + at, p->nin - at);
	p->nin -= at;
}

static void receive(struct peer *p)
{
	ssize_t n = recv(p->fd, p->in + p->nin, sizeof(p->in) - p->nin, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		p->closed = true;
		return;
	}
	if (n < 0)
		return;
	if (p->skip) {
		size_t k = (size_t)n < p->skip ? (size_t)n : p->skip;

		p->skip -= (uint32_t)k;
		memmove(p->in, p->in + k, (size_t)n - k);
		n -= (ssize_t)k;
	}
	p->nin += (size_t)n;
	parse(p);
}

/* Sends what is queued, reading meanwhile; then once more without waiting. */
static bool talk(struct peer *p, int wait_ms)
{
	struct pollfd f = { .fd = p->fd };
	size_t sent = 0;
	int stuck = 0;

	do {
		ssize_t n;

		f.events = (short)((p->deaf ? 0 : POLLIN) | (sent < p->nout ? POLLOUT : 0));
		poll(&f, 1, sent < p->nout ? 1000 : wait_ms);
		if (f.revents & POLLOUT) {
			n = send(p->fd, p->out + sent, p->nout - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				break;
			sent += n > 0 ? (size_t)n : 0;
		} else if (sent < p->nout && ++stuck > 3) {	/* it does not read any more */
			break;
		}
		if (f.revents & (POLLIN | POLLHUP | POLLERR)) {
			size_t kept = p->nout;

			receive(p);
			if (p->nout > kept)
				stuck = 0;
		}
	} while (sent < p->nout && !p->closed && p->goaway < 0);
	p->nout = 0;
	return !p->closed && p->goaway < 0;
}

static const struct mode *find(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	fprintf(stderr, "h2flood: no mode '%s'\n", name);
	exit(2);
}

static void dial(struct peer *p, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(p->fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		perror("h2flood: connect");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct peer p = { .next = 1, .goaway = -1 };
	const struct mode *m;
	unsigned count, i = 0;
	bool on;

	if (argc < 4) {
		fprintf(stderr, "usage: h2flood PORT MODE COUNT [SECONDS]\n");
		return 2;
	}
	m = find(argv[2]);
	count = (unsigned)atoi(argv[3]);
	p.deaf = m->deaf;
	dial(&p, atoi(argv[1]));
	(m->begin ? m->begin : ordinary)(&p);
	on = talk(&p, 100);
	while (on && i < count) {
		for (unsigned k = 0; k < 10 && i < count; k++, i++)
			m->piece(&p, i);
		on = talk(&p, 0);
	}
	for (time_t until = time(NULL) + (argc > 4 ? atoi(argv[4]) : 0); on && time(NULL) < until;)
		on = talk(&p, 200);
	if (on)
		on = talk(&p, 100);
	if (p.goaway >= 0)
		printf("goaway %d %u\n", p.goaway, i);
	else if (p.closed)
		printf("closed %u\n", i);
	else
		printf("alive %u %u %u\n", i, p.answers, p.resets);
	return 0;
}
