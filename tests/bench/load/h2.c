/* HTTP/2 in the benchmark's client, by libnghttp2: `streams` requests under way on each connection. */
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include "load.h"

#define WINDOW (1 << 30)

struct h2 {
	nghttp2_session *ng;
	const uint8_t *out;	/* what libnghttp2 gave to send and the socket did not take */
	size_t nout;
	struct h2_stream *v;
	bool failed;
};

struct h2_stream {
	struct client *c;
	uint64_t t0, got;
	bool ok, used;
};

static int on_header(nghttp2_session *ng, const nghttp2_frame *f, const uint8_t *name, size_t nn, const uint8_t *value,
		     size_t vn, uint8_t flags, void *arg)
{
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ng, f->hd.stream_id);

	if (st && nn == 7 && memcmp(name, ":status", 7) == 0)
		st->ok = vn == 3 && memcmp(value, "200", 3) == 0;
	return 0;
}

static int on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *data, size_t n, void *arg)
{
	struct client *c = arg;
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ng, id);

	if (!st)
		return 0;
	if (!pattern_holds(&c->l->pattern, st->got, data, n))
		st->ok = false;
	st->got += n;
	return 0;
}

static bool submit(struct client *c, struct h2_stream *st);

static int on_close(nghttp2_session *ng, int32_t id, uint32_t code, void *arg)
{
	struct client *c = arg;
	struct load *l = c->l;
	struct h2 *h = c->h2;
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ng, id);

	if (!st)
		return 0;
	st->used = false;
	if (code || !st->ok || st->got != l->o.size) {
		h->failed = true;
		load_error(l, code ? "stream reset" : "wrong answer");
		return 0;
	}
	load_done(l, st->t0);
	if (!l->o.rate && !l->holding && load_may_start(l))
		h->failed |= !submit(c, st);
	return 0;
}

static nghttp2_nv nv(const char *name, const char *value)
{
	return (nghttp2_nv){ (uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value),
			     NGHTTP2_NV_FLAG_NO_COPY_NAME };
}

static bool submit(struct client *c, struct h2_stream *st)
{
	const struct opts *o = &c->l->o;
	struct h2 *h = c->h2;
	char host[64];
	nghttp2_nv head[] = {
		nv(":method", "GET"), nv(":scheme", o->tls ? "https" : "http"),
		nv(":authority", load_host(c->l, host, sizeof(host))), nv(":path", o->path),
		nv("user-agent", "bench"),
	};

	*st = (struct h2_stream){ .c = c, .t0 = now_us(), .used = true };
	return nghttp2_submit_request(h->ng, NULL, head, sizeof(head) / sizeof(head[0]), NULL, st) > 0;
}

static bool flush(struct client *c)
{
	struct h2 *h = c->h2;
	ssize_t r;

	for (;;) {
		if (!h->nout) {
			r = nghttp2_session_mem_send(h->ng, &h->out);
			if (r <= 0)
				return r == 0 || load_error(c->l, "nghttp2 cannot send");
			h->nout = (size_t)r;
		}
		r = net_write(c, h->out, h->nout);
		if (r == NET_AGAIN)
			return true;
		if (r <= 0)
			return load_error(c->l, "cannot send");
		h->out += r;
		h->nout -= (size_t)r;
	}
}

static bool h2_request(struct client *c)
{
	struct h2 *h = c->h2;

	for (int i = 0; i < c->l->o.streams; i++)
		if (!h->v[i].used)
			return submit(c, &h->v[i]) && flush(c);
	return load_error(c->l, "no stream is free");
}

static bool h2_begin(struct client *c)
{
	struct load *l = c->l;
	struct h2 *h = c->h2 = calloc(1, sizeof(*h));
	nghttp2_settings_entry set[] = { { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW },
					 { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 } };
	nghttp2_session_callbacks *cb;

	h->v = calloc((size_t)l->o.streams, sizeof(*h->v));
	nghttp2_session_callbacks_new(&cb);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
	nghttp2_session_client_new(&h->ng, cb, c);
	nghttp2_session_callbacks_del(cb);
	nghttp2_submit_settings(h->ng, NGHTTP2_FLAG_NONE, set, 2);
	nghttp2_session_set_local_window_size(h->ng, NGHTTP2_FLAG_NONE, 0, WINDOW);
	return flush(c);
}

static bool h2_readable(struct client *c)
{
	struct load *l = c->l;
	struct h2 *h = c->h2;
	ssize_t n;

	for (;;) {
		n = net_read(c, l->buf, READ_MAX);
		if (n == NET_AGAIN)
			return flush(c);
		if (n <= 0)
			return load_error(l, "closed");
		l->bytes += (uint64_t)n;
		if (nghttp2_session_mem_recv(h->ng, l->buf, (size_t)n) != n)
			return load_error(l, "not HTTP/2");
		if (h->failed || !flush(c))
			return false;
	}
}

static void h2_fini(struct client *c)
{
	struct h2 *h = c->h2;

	if (!h)
		return;
	nghttp2_session_del(h->ng);
	free(h->v);
	free(h);
	c->h2 = NULL;
}

const struct proto proto_h2 = {
	.begin = h2_begin, .readable = h2_readable, .writable = flush, .request = h2_request, .fini = h2_fini,
};
