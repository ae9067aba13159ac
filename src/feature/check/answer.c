/* What comes in: raw bytes, or an HTTP/1 answer whose body is freed of its framing where it lies. */
#include "check_priv.h"

#include <stdlib.h>
#include "weir/base/pool.h"
#include "weir/http/framing.h"

#define INPUT_MAX 16384		/* bytes kept; more are not read */

void chk_forget_input(struct check *c)
{
	c->got = 0;
	c->eof = c->failed = false;
	c->http = NULL;
}

static void make_room(struct check *c)
{
	if (c->buf)
		return;
	c->cap = c->srv->line->proxy->conf->global.tune.bufsize;
	if (!c->cap)
		c->cap = INPUT_MAX;
	c->buf = mem_alloc(c->cap);
}

/* Reads once; false: nothing came. TLS may have something when the socket has not. */
static bool received(struct check *c)
{
	ssize_t n;

	if (c->got == c->cap || c->eof || !(c->conn->flags & CONN_TLS || conn_readable(c->conn)))
		return false;
	n = conn_recv(c->conn, c->buf + c->got, c->cap - c->got);
	if (n > 0) {
		c->got += (size_t)n;
		return true;
	}
	if (n != IO_AGAIN) {
		c->eof = true;
		c->failed = n == IO_ERR;
	}
	return false;
}

enum chk_came chk_receive(struct check *c)
{
	make_room(c);
	if (received(c) || (c->eof && !c->failed) || (c->failed && c->got))
		return CAME_BYTES;
	if (!c->failed)
		return CAME_NOTHING;
	chk_end_conn(c, false, CERR_NONE, 0);
	return CAME_ERROR;
}

/* --- HTTP/1 --- */

static const struct h1_opts opts = { .max_head = INPUT_MAX, .max_fields = 101 };

void chk_answer_begin(struct check *c, uint8_t method, struct str upgrade)
{
	struct chk_http *h = c->http = arena_new(&c->mem, struct chk_http);

	h->msg = &h->own;
	h->method = method;
	h->upgrade = upgrade;
	msg_init(h->msg, true, &c->mem);
}

/* Other 1xx than the one that was asked for announce the real answer. */
static void next_head(struct check *c, size_t used)
{
	struct chk_http *h = c->http;

	c->got -= used;
	memmove(c->buf, c->buf + used, c->got);
	msg_init(h->msg, true, &c->mem);
	h->head = (struct h1_head){ 0 };
}

/* False: the head is not complete, or bad. */
static bool read_head(struct check *c)
{
	struct chk_http *h = c->http;
	struct framing_asked asked = { .method = h->method };
	struct fault fault;
	size_t used;

	for (;;) {
		enum h1_result r = h1_read_head(&h->head, c->buf, c->got, &opts, h->msg, &used, &fault);

		if (r == H1_MORE && c->got < c->cap)
			return false;
		/* What is spoken behind a switch of protocols is nobody's business. */
		if (r == H1_DONE && h->msg->status == 101 && h->upgrade.n) {
			h->msg->body = BODY_NONE;
			break;
		}
		if (r != H1_DONE || !framing_response(h->msg, &asked, &fault)) {
			h->bad = true;
			return false;
		}
		if (h->msg->status >= 200)
			break;
		next_head(c, used);
	}
	h->has_head = true;
	h->raw = h->body_at = used;
	h1_body_init(&h->body, h->msg, &opts);
	return true;
}

/* Moves what belongs to the body to the end of what is already there. */
static void read_body(struct check *c)
{
	struct chk_http *h = c->http;
	enum h1_body_result r = H1_BODY_DATA;
	struct h1_run run;
	struct fault fault;
	size_t used = 1;

	/* Once more behind the last byte: that tells the end. */
	while (r == H1_BODY_DATA && used) {
		r = h1_read_body(&h->body, c->buf + h->raw, c->got - h->raw, &used, &run, &fault);
		if (r == H1_BODY_DATA) {
			memmove(c->buf + h->body_at + h->body_len, c->buf + h->raw + run.off, run.len);
			h->body_len += run.len;
		}
		h->raw += used;
	}
	h->complete = r == H1_BODY_END;
	h->bad = r == H1_BODY_ERROR;
}

/* Bytes that framing took up make room for more. */
static void pack(struct check *c)
{
	struct chk_http *h = c->http;
	size_t end = h->body_at + h->body_len;

	if (!h->has_head || h->raw == end)
		return;
	memmove(c->buf + end, c->buf + h->raw, c->got - h->raw);
	c->got -= h->raw - end;
	h->raw = end;
}

/* The head does for most: then the rest is left where it is. */
static bool has_enough(const struct chk_http *h, bool body)
{
	return h->bad || h->complete || (h->has_head && !body);
}

void chk_answer_read(struct check *c, bool body)
{
	struct chk_http *h = c->http;

	make_room(c);
	while (!has_enough(h, body) && received(c)) {
		if (!h->has_head && !read_head(c))
			continue;
		read_body(c);
		pack(c);
	}
	if (c->eof && h->has_head && !h->complete && h1_body_may_end(&h->body))
		h->complete = true;
}
