/* An HTTP/2 peer for tests: nghttp2 on the far end of a rig's pair, client or server. */
#ifndef TESTS_UNIT_MUX_H2PEER_H
#define TESTS_UNIT_MUX_H2PEER_H

#include <nghttp2/nghttp2.h>
#include "fake.h"

#define H2PEER_IDS 8

struct h2peer {
	struct rig *r;
	nghttp2_session *ng;
	int status[H2PEER_IDS]; /* client: by stream id */
	int requests; /* server: HEADERS of requests seen */
	struct sbuf body[H2PEER_IDS];
	bool ended[H2PEER_IDS];
	uint32_t reset[H2PEER_IDS]; /* code + 1 */
	int goaway; /* code + 1 */
};

static inline int h2peer_header(nghttp2_session *ng, const nghttp2_frame *f, const uint8_t *name,
				size_t nn, const uint8_t *value, size_t nv, uint8_t flags, void *arg)
{
	struct h2peer *p = arg;

	ck_assert_int_lt(f->hd.stream_id, H2PEER_IDS);
	if (nn == 7 && memcmp(name, ":status", 7) == 0)
		p->status[f->hd.stream_id] = atoi((const char *)value);
	if (nn == 5 && memcmp(name, ":path", 5) == 0)
		p->requests++;
	return 0;
}

static inline int h2peer_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *data,
			      size_t n, void *arg)
{
	sbuf_put(&((struct h2peer *)arg)->body[id], data, n);
	return 0;
}

static inline int h2peer_frame(nghttp2_session *ng, const nghttp2_frame *f, void *arg)
{
	struct h2peer *p = arg;

	if (f->hd.stream_id && f->hd.flags & NGHTTP2_FLAG_END_STREAM && f->hd.type <= NGHTTP2_HEADERS)
		p->ended[f->hd.stream_id] = true;
	if (f->hd.type == NGHTTP2_RST_STREAM)
		p->reset[f->hd.stream_id] = f->rst_stream.error_code + 1;
	if (f->hd.type == NGHTTP2_GOAWAY)
		p->goaway = (int)f->goaway.error_code + 1;
	return 0;
}

static inline void h2peer_init(struct h2peer *p, struct rig *r, bool server)
{
	nghttp2_session_callbacks *cb;

	memset(p, 0, sizeof(*p));
	p->r = r;
	for (int i = 0; i < H2PEER_IDS; i++)
		p->body[i] = sbuf_grow();
	nghttp2_session_callbacks_new(&cb);
	nghttp2_session_callbacks_set_on_header_callback(cb, h2peer_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, h2peer_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, h2peer_frame);
	if (server)
		nghttp2_session_server_new(&p->ng, cb, p);
	else
		nghttp2_session_client_new(&p->ng, cb, p);
	nghttp2_session_callbacks_del(cb);
}

static inline void h2peer_fini(struct h2peer *p)
{
	for (int i = 0; i < H2PEER_IDS; i++)
		sbuf_fini(&p->body[i]);
	nghttp2_session_del(p->ng);
}

/* Everything that it has to say. */
static inline void h2peer_say(struct h2peer *p)
{
	const uint8_t *at;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(p->ng, &at)) > 0)
		say_n(p->r, (const char *)at, (size_t)n);
	rig_turns(3);
}

/* Everything that came. */
static inline void h2peer_hear(struct h2peer *p)
{
	struct rig *r = p->r;

	hear(r);
	if (r->got.n) {
		ssize_t n = nghttp2_session_mem_recv(p->ng, (uint8_t *)r->got.p, r->got.n);

		ck_assert_int_eq(n, (ssize_t)r->got.n);
		sbuf_clear(&r->got);
	}
}

static inline void h2peer_talk(struct h2peer *p)
{
	for (int i = 0; i < 4; i++) {
		h2peer_say(p);
		h2peer_hear(p);
	}
}

#define H2PEER_NV(n, v) { (uint8_t *)(n), (uint8_t *)(v), sizeof(n) - 1, strlen(v), 0 }

/* Client: a GET; returns its stream. */
static inline int h2peer_get(struct h2peer *p, const char *path)
{
	nghttp2_nv nv[] = { H2PEER_NV(":method", "GET"), H2PEER_NV(":scheme", "http"),
			    H2PEER_NV(":authority", "a"), H2PEER_NV(":path", path) };

	return nghttp2_submit_request(p->ng, NULL, nv, 4, NULL, NULL);
}

/* Server: 200 without a body. */
static inline void h2peer_answer(struct h2peer *p, int id)
{
	nghttp2_nv nv[] = { H2PEER_NV(":status", "200") };

	ck_assert_int_eq(nghttp2_submit_response(p->ng, id, nv, 1, NULL), 0);
}

#endif
