/* The client of the benchmark: as many connections as asked for, each with a request (or, with HTTP/2, several) under
 * way, every byte of every answer compared with the pattern. One thread. */
#ifndef WEIR_BENCH_LOAD_H
#define WEIR_BENCH_LOAD_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "tests/bench/pattern.h"

#define HEAD_MAX 8192
#define READ_MAX (256 * 1024)
#define HIST_SUB 64		/* steps between two powers of two */
#define HIST_MAX (40 * HIST_SUB)

struct opts {
	struct sockaddr_in to;
	int conns, streams;
	bool h2, tls, tls12, resume, close, idle, warm;
	int hosts;		/* Host: h0.example ... h<hosts-1>.example in turn; 0: one name */
	const char *path, *fields;
	uint64_t size;		/* bytes of a right answer */
	uint64_t post;		/* bytes of the request body */
	double seconds, rate;	/* rate: requests a second, whether answers come or not; 0: as fast as they come */
	uint64_t requests;	/* 0: until `seconds` are over */
};

struct client;
struct proto {
	bool (*begin)(struct client *c);		/* the connection is open */
	bool (*readable)(struct client *c);		/* false: failed, said by load_error */
	bool (*writable)(struct client *c);
	bool (*request)(struct client *c);		/* one more; false: failed */
	void (*fini)(struct client *c);
};

struct load {
	struct opts o;
	const struct proto *proto;
	struct pattern pattern;
	SSL_CTX *ssl;
	SSL_SESSION *session;
	int epfd;
	struct client *clients;
	uint64_t began, until, started, done, errors, bytes, connections, resumed;
	uint32_t hist[HIST_MAX];
	char error[128];	/* the first one */
	uint64_t due;		/* open loop: when the next request is to start */
	bool holding;		/* before the start: connections are opened, each gets one answer and waits */
	int launched, ready;	/* then: connections begun, and those that have had their answer */
	unsigned char buf[READ_MAX];
};

struct client {
	struct load *l;
	int fd;
	SSL *ssl;
	bool connecting, opened, busy, over, offered;	/* offered: a session to resume */
	uint64_t t0;		/* of the request under way, us */
	/* HTTP/1 */
	char out[1024];
	size_t nout, out_sent;
	uint64_t body_sent;
	char head[HEAD_MAX + 1];
	size_t nhead;
	bool in_body;
	uint64_t left, got;
	/* HTTP/2 */
	void *h2;
};

enum { NET_EOF = 0, NET_AGAIN = -1, NET_FAILED = -2 };

uint64_t now_us(void);
/* May one more request begin? Counts it. */
bool load_may_start(struct load *l);
void load_done(struct load *l, uint64_t t0);
bool load_error(struct load *l, const char *what);	/* false, always */
/* The host of the next request. */
const char *load_host(struct load *l, char *room, size_t n);

bool net_open(struct client *c);
void net_close(struct client *c);
/* Goes on with connect and handshake: 1 open, NET_AGAIN, NET_FAILED. */
int net_advance(struct client *c);
ssize_t net_read(struct client *c, void *buf, size_t n);
ssize_t net_write(struct client *c, const void *buf, size_t n);
bool net_tls_init(struct load *l);

extern const struct proto proto_h1, proto_h2;

#endif
