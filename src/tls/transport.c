/* TLS between the socket (or PROXY protocol) and the mux. Records are read whole, as many as one receive brought. What
 * the mux sends in small pieces leaves as one record; several records leave in one send.
 *
 * Plain bytes count as sent when their ciphertext is in the kernel. When the socket is full the ciphertext waits here
 * and the caller offers the same bytes again: those already encrypted (`owed`) are passed over and reported then. */
#include "tls_priv.h"

#include <pthread.h>

#include "weir/base/pool.h"

#define RECORD 16384
#define OUT_MAX (4 * RECORD)		/* plain bytes encrypted for one send */
#define FLIGHT_ROOM 2048
#define ANSWERS_MAX (64 * 1024)		/* what a peer may make us say without reading it (key updates) */

/* --- between OpenSSL and the transport below --- */

static bool below_may_read(const struct conn *c)
{
	return c->ev.ready & EV_SOURCE;
}

static int bio_read(BIO *b, char *buf, int n)
{
	struct tls *t = BIO_get_data(b);
	ssize_t r = IO_AGAIN;

	BIO_clear_retry_flags(b);
	if (t->eof)
		return 0;
	if (below_may_read(t->c))
		r = conn_recv_below(t->c, &t->t, buf, (size_t)n);
	if (r > 0)
		return (int)r;
	if (r == IO_AGAIN)
		BIO_set_retry_read(b);
	else if (r == IO_EOF)
		t->eof = true;
	return r == IO_EOF ? 0 : -1;
}

/* Ciphertext gathers; drain() sends it at the end of each call from above. */
static int bio_write(BIO *b, const char *buf, int n)
{
	struct tls *t = BIO_get_data(b);

	BIO_clear_retry_flags(b);
	if (!t->out) {
		t->out = pool_get(sizeof(*t->out));
		spanq_init(t->out);
	}
	if (t->out->bytes > OUT_MAX + ANSWERS_MAX)
		return -1;
	if (t->open)
		spanq_push_copy(t->out, buf, (size_t)n);
	else		/* what goes with it shall lie behind it */
		spanq_push_copy_room(t->out, buf, (size_t)n, FLIGHT_ROOM);
	return n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	return cmd == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static void make_method(void)
{
	method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "weir");
	BIO_meth_set_read(method, bio_read);
	BIO_meth_set_write(method, bio_write);
	BIO_meth_set_ctrl(method, bio_ctrl);
}

/* A handshake takes seven hundred blocks and gives them back. */
static void *take(size_t n, const char *file, int line)
{
	return pool_alloc(n);
}

static void *resize(void *p, size_t n, const char *file, int line)
{
	return pool_resize(p, n);
}

static void give(void *p, const char *file, int line)
{
	pool_free(p);
}

void tls_begin(void)
{
	CRYPTO_set_mem_functions(take, resize, give);
}

void tls_end(void)
{
	BIO_meth_free(method);
	method = NULL;
	OPENSSL_cleanup();
}

struct tls *tls_of(const SSL *ssl)
{
	return BIO_get_data(SSL_get_rbio(ssl));
}

static void drop_out(struct tls *t)
{
	if (!t->out)
		return;
	spanq_fini(t->out);
	pool_put(t->out, sizeof(*t->out));
	t->out = NULL;
}

/* 1: all of it is in the kernel. */
static int drain(struct conn *c, struct tls *t)
{
	while (t->out && !spanq_empty(t->out)) {
		struct iovec iov[16];
		int k = spanq_iov(t->out, iov, 16);
		ssize_t r = conn_writable(c) ? conn_send_below(c, &t->t, iov, k, false) : IO_AGAIN;

		if (r == IO_AGAIN)
			return IO_AGAIN;
		if (r <= 0)
			return IO_ERR;
		spanq_drop(t->out, (size_t)r);
	}
	drop_out(t);
	return 1;
}

/* --- handshake --- */

/* As HAProxy calls it: an end before there was a whole ClientHello is a client that closed, everything else failed. */
static int blame_cut(struct conn *c, struct tls *t)
{
	bool closed = t->front && t->eof && SSL_get_state(t->ssl) == TLS_ST_BEFORE;

	conn_blame(c, closed ? CERR_TLS_EMPTY : CERR_TLS_HANDSHAKE);
	c->os_errno = 0;
	if (t->front)
		t->ssl_err = 0;
	return IO_ERR;
}

static int handshake_failed(struct conn *c, struct tls *t)
{
	unsigned long e = ERR_peek_error();

	tls_clear_errors();
	t->ssl_err = e;
	drain(c, t);	/* the alert */
	if (t->eof || (c->flags & CONN_ERROR && c->err != CERR_TLS_CA && c->err != CERR_TLS_VERIFY))
		return blame_cut(c, t);
	return conn_fail(c, CERR_TLS_HANDSHAKE, 0);
}

/* A ticket of TLS 1.3, which nobody waits for, goes with the answer when a request came with the end of the handshake.
 * Nothing else may be left that nobody would send on. */
static bool may_hold(const struct tls *t)
{
	return t->front && SSL_has_pending(t->ssl) && SSL_version(t->ssl) == TLS1_3_VERSION;
}

static int opened(struct conn *c, struct tls *t)
{
	int r;

	t->held = may_hold(t);
	r = t->held ? 1 : drain(c, t);
	if (r == IO_ERR)
		return handshake_failed(c, t);
	if (r == IO_AGAIN)
		return IO_AGAIN;
	if (t->back && !tls_back_check(t))
		return IO_ERR;
	t->open = true;
	c->flags |= CONN_TLS;
	if (SSL_has_pending(t->ssl) || t->eof || t->early)
		c->ev.ready |= EV_ABOVE;
	return 1;
}

/* A request came with the ClientHello: the mux may have it while the handshake goes on. */
static int open_early(struct conn *c, struct tls *t)
{
	if (drain(c, t) == IO_ERR)
		return handshake_failed(c, t);
	t->open = t->unconfirmed = true;
	c->flags |= CONN_TLS | CONN_EARLY;
	c->ev.ready |= EV_ABOVE;
	return 1;
}

static int tls_open(struct conn *c, struct transport *tp)
{
	struct tls *t = container_of(tp, struct tls, t);
	int r;

	if (t->open)
		return 1;
	tls_clear_errors();
	if (t->back && t->early_on && tls_early_may_send(t)) {
		t->open = t->unconfirmed = true;
		c->flags |= CONN_TLS;
		return 1;
	}
	if (t->front && t->early_on && !t->early_over) {
		r = tls_early_read(t);
		if (r == IO_ERR)
			return handshake_failed(c, t);
		if (r == IO_AGAIN && !t->early)
			return drain(c, t) == IO_ERR ? handshake_failed(c, t) : IO_AGAIN;
		if (r == IO_AGAIN)
			return open_early(c, t);
	}
	r = SSL_do_handshake(t->ssl);
	if (r == 1)
		return opened(c, t);
	r = SSL_get_error(t->ssl, r);
	if (r != SSL_ERROR_WANT_READ && r != SSL_ERROR_WANT_WRITE)
		return handshake_failed(c, t);
	if (t->early)
		return open_early(c, t);
	return drain(c, t) == IO_ERR ? handshake_failed(c, t) : IO_AGAIN;
}

/* --- reading --- */

static ssize_t why_not(struct conn *c, struct tls *t, int r)
{
	switch (SSL_get_error(t->ssl, r)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return IO_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return IO_EOF;
	default:
		break;
	}
	if (!t->ssl_err)
		t->ssl_err = ERR_peek_error();
	tls_clear_errors();
	drain(c, t);
	if (t->eof)
		return IO_EOF;	/* no close_notify: a cut is seen by the framing of what was read */
	return c->flags & CONN_ERROR ? IO_ERR : conn_fail(c, CERR_TLS_FATAL, 0);
}

/* Whatever is to be read or written: first the handshake goes on if it was overtaken by early data. 1: it is done. */
static int confirm(struct conn *c, struct tls *t)
{
	int r = t->unconfirmed ? tls_early_advance(t) : 1;

	if (r == IO_ERR)
		return handshake_failed(c, t);
	if (r == 1 && t->unconfirmed) {
		t->unconfirmed = false;
		c->flags &= ~(uint32_t)CONN_EARLY;
		if (t->back && (!tls_back_check(t) || !tls_early_settle(t)))
			return c->flags & CONN_ERROR ? IO_ERR : conn_fail(c, CERR_TLS_FATAL, 0);
		c->ev.ready |= t->back ? EV_WRITE : 0;
	}
	return r;
}

int tls_confirm(struct conn *c)
{
	SSL *ssl = NULL;
	struct tls *t = conn_ask(c, ASK_SSL, &ssl) ? tls_of(ssl) : NULL;
	int r;

	if (!t)
		return 1;
	tls_clear_errors();
	r = confirm(c, t);
	drain(c, t);
	return r;
}

/* *why: what stopped it before n bytes, else 1. */
static size_t read_plain(struct conn *c, struct tls *t, char *buf, size_t n, ssize_t *why)
{
	size_t got;

	c->ev.ready &= ~(uint32_t)EV_ABOVE;
	*why = confirm(c, t);
	got = t->front && t->early ? tls_early_take(t, buf, n) : 0;
	if (*why != 1)
		return got;
	while (got < n) {
		int r = SSL_read(t->ssl, buf + got, (int)MIN(n - got, (size_t)INT32_MAX));

		if (r <= 0) {
			*why = why_not(c, t, r);
			break;
		}
		got += (size_t)r;
		if (!SSL_has_pending(t->ssl) && !below_may_read(c)) {	/* to ask again would be in vain */
			*why = IO_AGAIN;
			break;
		}
	}
	return got;
}

/* Decrypted or buffered records wait above the socket, and so may an end: its readiness does not know of them. */
static ssize_t read_done(struct conn *c, struct tls *t, size_t got, ssize_t why)
{
	t->held = t->held && got;
	if (t->out && !t->held)
		drain(c, t);
	if (!got)
		return why;
	if ((why == 1 && SSL_has_pending(t->ssl)) || (t->front && t->early) || why == IO_EOF || why == IO_ERR)
		c->ev.ready |= EV_ABOVE;
	return (ssize_t)got;
}

static ssize_t tls_recv(struct conn *c, struct transport *tp, void *buf, size_t n)
{
	struct tls *t = container_of(tp, struct tls, t);
	ssize_t why;
	size_t got;

	tls_clear_errors();
	got = read_plain(c, t, buf, n, &why);
	return read_done(c, t, got, why);
}

static ssize_t tls_recvv(struct conn *c, struct transport *tp, const struct iovec *iov, int niov)
{
	struct tls *t = container_of(tp, struct tls, t);
	ssize_t why = 1;
	size_t got = 0;

	tls_clear_errors();
	for (int i = 0; i < niov && why == 1; i++)
		got += read_plain(c, t, iov[i].iov_base, iov[i].iov_len, &why);
	return read_done(c, t, got, why);
}

/* --- writing --- */

static bool encrypt(struct tls *t, const char *p, size_t n)
{
	if (t->unconfirmed && t->back)
		return tls_early_encrypt(t, p, n);
	while (n) {
		size_t part = MIN(n, (size_t)RECORD), done;
		int r = t->unconfirmed ? SSL_write_early_data(t->ssl, p, part, &done)
				       : SSL_write_ex(t->ssl, p, part, &done);

		if (r != 1)
			return false;
		p += done;
		n -= done;
	}
	return true;
}

/* Small pieces are joined into records; whole records are taken where they lie. */
struct joiner { struct tls *t; size_t fill, done; char buf[RECORD]; };

static bool join(struct joiner *j, const char *p, size_t n)
{
	j->done += n;
	while (n) {
		size_t part = MIN(n, RECORD - j->fill);

		if (!j->fill && part == RECORD) {
			if (!encrypt(j->t, p, RECORD))
				return false;
		} else {
			memcpy(j->buf + j->fill, p, part);
			j->fill += part;
		}
		p += part;
		n -= part;
		if (j->fill == RECORD) {
			if (!encrypt(j->t, j->buf, RECORD))
				return false;
			j->fill = 0;
		}
	}
	return true;
}

/* Encrypts what lies behind the first `skip` bytes; false: broken. */
static bool encrypt_all(struct tls *t, const struct iovec *iov, int niov, size_t skip)
{
	size_t most = t->unconfirmed && t->back ? MIN(t->early_room, (size_t)OUT_MAX) : OUT_MAX;
	struct joiner j;
	bool ok = true;

	j.t = t;
	j.fill = j.done = 0;
	for (int i = 0; i < niov && j.done < most && ok; i++) {
		size_t pass = MIN(skip, iov[i].iov_len);

		skip -= pass;
		ok = join(&j, (const char *)iov[i].iov_base + pass, MIN(iov[i].iov_len - pass, most - j.done));
	}
	if (ok && j.fill)
		ok = encrypt(t, j.buf, j.fill);
	t->owed += j.done;
	return ok;
}

static size_t iov_bytes(const struct iovec *iov, int niov)
{
	size_t n = 0;

	for (int i = 0; i < niov; i++)
		n += iov[i].iov_len;
	return n;
}

/* Early data go first towards a server; when their time is over the handshake has to be done. */
static int may_write(struct conn *c, struct tls *t)
{
	int r;

	if (t->back && t->unconfirmed && !t->early_over && t->early_room)
		return 1;
	r = confirm(c, t);
	if (r == IO_AGAIN && t->back)
		c->ev.ready &= ~(uint32_t)EV_WRITE;
	return r == IO_AGAIN && t->front ? 1 : r;
}

static ssize_t tls_send(struct conn *c, struct transport *tp, const struct iovec *iov, int niov, bool more)
{
	struct tls *t = container_of(tp, struct tls, t);
	size_t n = iov_bytes(iov, niov);
	int r = t->held ? 1 : drain(c, t);

	t->held = false;
	if (r != 1)
		return r;
	if (t->owed < n) {
		tls_clear_errors();
		r = may_write(c, t);
		if (r != 1)
			return r;
		if (!encrypt_all(t, iov, niov, t->owed)) {
			if (!t->ssl_err)
				t->ssl_err = ERR_peek_error();
			tls_clear_errors();
			return conn_fail_write(c, CERR_TLS_FATAL, 0);
		}
		r = drain(c, t);
		if (r != 1)
			return r;
	}
	n = MIN(n, t->owed);
	t->owed -= n;
	return (ssize_t)n;
}

static void say_goodbye(struct conn *c, struct tls *t)
{
	if (!t->open || t->unconfirmed || c->flags & (CONN_ERROR | CONN_WR_FAILED) ||
	    SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN)
		return;
	tls_clear_errors();
	SSL_shutdown(t->ssl);
	tls_clear_errors();
	drain(c, t);
}

static void tls_shut(struct conn *c, struct transport *tp)
{
	struct transport *below = tp->below;

	say_goodbye(c, container_of(tp, struct tls, t));
	while (!below->ops->shut)
		below = below->below;
	below->ops->shut(c, below);
}

/* Who ended the transport without a word is not there any more, and would answer with a reset. */
static bool was_cut(const struct tls *t)
{
	return t->eof && !(SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN);
}

static void tls_fini(struct conn *c, struct transport *tp, bool silent)
{
	struct tls *t = container_of(tp, struct tls, t);

	if (!silent && !was_cut(t))
		say_goodbye(c, t);
	/* A session that was not ended by a broken connection may be taken up again. */
	SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(t->ssl);
	tls_clear_errors();
	drop_out(t);
	tls_early_free(t);
	tls_back_end(t);
	tls_kept_free(t);
	for (int k = 0; k < TLS_KINDS; k++)
		tls_cert_unref(t->show[k]);
	pool_put(t, sizeof(*t));
}

/* --- questions --- */

static struct str alpn_of(SSL *ssl)
{
	const unsigned char *p;
	unsigned n;

	SSL_get0_alpn_selected(ssl, &p, &n);
	return str_make((const char *)p, n);
}

static bool tls_ask(struct conn *c, struct transport *tp, int which, void *out)
{
	struct tls *t = container_of(tp, struct tls, t);

	switch (which) {
	case ASK_TLS:
		*(struct str *)out = str_c(SSL_get_version(t->ssl));
		return true;
	case ASK_ALPN:
		*(struct str *)out = t->back && t->unconfirmed ? t->early_alpn : alpn_of(t->ssl);
		return true;
	case ASK_SNI:
		*(struct str *)out = str_c(SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name));
		return true;
	case ASK_CIPHER:
		*(struct str *)out = str_c(SSL_get_cipher_name(t->ssl));
		return true;
	case ASK_SSL:
		*(SSL **)out = t->ssl;
		return true;
	case ASK_PENDING:
		*(size_t *)out = (size_t)SSL_pending(t->ssl);
		return true;
	}
	return false;
}

static const struct transport_ops tls_ops = {
	.name = "tls",
	.open = tls_open,
	.recv = tls_recv,
	.recvv = tls_recvv,
	.send = tls_send,
	.shut = tls_shut,
	.fini = tls_fini,
	.ask = tls_ask,
	.timeout = CERR_TLS_TIMEOUT,
};

static struct tls *tls_create(struct conn *c, SSL_CTX *ctx)
{
	struct tls *t = pool_zget(sizeof(*t));
	BIO *b;

	pthread_once(&method_once, make_method);
	b = BIO_new(method);
	t->ssl = b ? SSL_new(ctx) : NULL;
	if (!t->ssl) {
		BIO_free(b);
		tls_clear_errors();
		pool_put(t, sizeof(*t));
		return NULL;
	}
	t->t.ops = &tls_ops;
	t->c = c;
	BIO_set_data(b, t);
	BIO_set_init(b, 1);
	SSL_set_bio(t->ssl, b, b);
	return t;
}

bool tls_push_front(struct conn *c, struct tls_front *f)
{
	struct tls *t = tls_create(c, f->base->ctx);

	if (!t)
		return false;
	t->front = f;
	t->words = &f->base->c;
	t->early_on = f->early;
	SSL_set_accept_state(t->ssl);
	conn_push(c, &t->t);
	return true;
}

void tls_send_early(struct conn *c)
{
	SSL *ssl;

	if (conn_ask(c, ASK_SSL, &ssl))
		tls_of(ssl)->early_on = tls_of(ssl)->words->options & TLS_EARLY_DATA;
}

void tls_offer_alpn(struct conn *c, struct str wire)
{
	SSL *ssl;

	if (conn_ask(c, ASK_SSL, &ssl))
		SSL_set_alpn_protos(ssl, (const unsigned char *)wire.p, (unsigned)wire.n);
}

bool tls_push_back(struct conn *c, struct tls_back *b, struct str sni)
{
	struct tls *t = tls_create(c, b->ctx);

	if (!t)
		return false;
	t->back = b;
	SSL_set_connect_state(t->ssl);
	tls_back_begin(t, sni);
	conn_push(c, &t->t);
	return true;
}
