/* Early data of TLS 1.3 (RFC 8446, section 2.3): a request that comes with the ClientHello. The connection opens on it
 * and the handshake goes on behind the mux's back, whenever something is read or written.
 *
 * Towards servers it is the same turned round: the request goes with the ClientHello where the session allows it.
 * What the server refuses was not looked at by it, so it is sent once more behind the handshake. */
#include "tls_priv.h"

#include "weir/base/pool.h"

#define PIECE 4096

static int stopped(struct tls *t, int r)
{
	r = SSL_get_error(t->ssl, r);
	return r == SSL_ERROR_WANT_READ || r == SSL_ERROR_WANT_WRITE ? IO_AGAIN : IO_ERR;
}

static void keep(struct tls *t, const char *p, size_t n)
{
	if (!n)
		return;
	if (!t->early) {
		t->early = pool_get(sizeof(*t->early));
		spanq_init(t->early);
	}
	spanq_push_copy(t->early, p, n);
}

size_t tls_early_take(struct tls *t, char *buf, size_t n)
{
	size_t got = spanq_copy(t->early, 0, buf, n);

	spanq_drop(t->early, got);
	if (spanq_empty(t->early))
		tls_early_free(t);
	return got;
}

void tls_early_free(struct tls *t)
{
	if (!t->early)
		return;
	spanq_fini(t->early);
	pool_put(t->early, sizeof(*t->early));
	t->early = NULL;
}

/* 1: no more will come. */
int tls_early_read(struct tls *t)
{
	char buf[PIECE];
	size_t n;

	while (!t->early_over) {
		switch (SSL_read_early_data(t->ssl, buf, sizeof(buf), &n)) {
		case SSL_READ_EARLY_DATA_SUCCESS:
			t->early_got |= n > 0;
			keep(t, buf, n);
			break;
		case SSL_READ_EARLY_DATA_FINISH:
			t->early_over = true;
			break;
		default:
			return stopped(t, 0);
		}
	}
	return 1;
}

int tls_early_advance(struct tls *t)
{
	int r;

	tls_clear_errors();
	if (t->front) {
		r = tls_early_read(t);
		if (r != 1)
			return r;
	} else if (!t->early) {
		return IO_AGAIN;	/* the handshake begins with what is to be sent */
	}
	t->early_over = true;
	r = SSL_do_handshake(t->ssl);
	return r == 1 ? 1 : stopped(t, r);
}

/* --- towards a server --- */

bool tls_early_may_send(struct tls *t)
{
	const SSL_SESSION *s = SSL_get0_session(t->ssl);
	const unsigned char *alpn;
	size_t n;

	t->early_room = s && SSL_SESSION_is_resumable(s) ? SSL_SESSION_get_max_early_data(s) : 0;
	if (!t->early_room)
		return false;
	SSL_SESSION_get0_alpn_selected(s, &alpn, &n);
	t->early_alpn = str_make((const char *)alpn, n);
	return true;
}

bool tls_early_encrypt(struct tls *t, const char *p, size_t n)
{
	size_t done;

	while (n) {
		if (SSL_write_early_data(t->ssl, p, n, &done) != 1)
			return false;
		keep(t, p, done);
		t->early_room -= MIN(done, t->early_room);
		p += done;
		n -= done;
	}
	return true;
}

/* The mux was chosen by the protocol of the session: another one now would read the request as something else. */
static bool same_protocol(const SSL *ssl, const struct str *before)
{
	const unsigned char *p;
	unsigned n;

	SSL_get0_alpn_selected(ssl, &p, &n);
	return str_eq(*before, str_make((const char *)p, n));
}

bool tls_early_settle(struct tls *t)
{
	bool refused = SSL_get_early_data_status(t->ssl) != SSL_EARLY_DATA_ACCEPTED;
	struct iovec iov[16];
	bool ok = true;
	size_t done;

	if (refused && !same_protocol(t->ssl, &t->early_alpn)) {
		conn_fail(t->c, CERR_TLS_EARLY, 0);
		return false;
	}
	while (ok && refused && !spanq_empty(t->early)) {
		spanq_iov(t->early, iov, 1);
		ok = SSL_write_ex(t->ssl, iov[0].iov_base, iov[0].iov_len, &done) == 1;
		if (ok)
			spanq_drop(t->early, done);
	}
	tls_early_free(t);
	return ok;
}
