/* Early data of TLS 1.3 (RFC 8446, section 2.3): a request that comes with the ClientHello. The connection opens on it
 * and the handshake goes on behind the mux's back, whenever something is read or written. */
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

	ERR_clear_error();
	r = tls_early_read(t);
	if (r != 1)
		return r;
	r = SSL_do_handshake(t->ssl);
	return r == 1 ? 1 : stopped(t, r);
}
