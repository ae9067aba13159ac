/* What is kept of a handshake for fetches: parts of the ClientHello, secrets for key logs. Only when asked for. */
#include "tls_priv.h"

#include <stdlib.h>

#include "weir/base/hash.h"
#include "weir/base/pool.h"

/* --- ClientHello --- */

struct taker { struct tls_hello *h; size_t left; };

static void take(struct taker *k, enum tls_hello_part which, const void *p, size_t n)
{
	char *to = k->h->data + (k->h->size - k->left);

	n = MIN(n, k->left);
	memcpy(to, p, n);
	k->h->parts[which] = str_make(to, n);
	k->left -= n;
}

/* A list behind its length, in `width` bytes. */
static void take_list(struct taker *k, SSL *ssl, unsigned type, size_t width, enum tls_hello_part which)
{
	const unsigned char *p;
	size_t n, len;

	if (!SSL_client_hello_get0_ext(ssl, type, &p, &n) || n < width)
		return;
	len = width == 2 ? (size_t)p[0] << 8 | p[1] : p[0];
	take(k, which, p + width, MIN(len, n - width));
}

static void take_types(struct taker *k, SSL *ssl)
{
	unsigned char bytes[256];
	int *types;
	size_t n;

	if (SSL_client_hello_get1_extensions_present(ssl, &types, &n) != 1)
		return;
	n = MIN(n, sizeof(bytes) / 2);
	for (size_t i = 0; i < n; i++) {
		bytes[2 * i] = (unsigned char)(types[i] >> 8);
		bytes[2 * i + 1] = (unsigned char)types[i];
	}
	OPENSSL_free(types);
	take(k, TLS_H_EXTENSIONS, bytes, 2 * n);
}

void tls_hello_keep(struct tls *t, size_t size)
{
	struct tls_hello *h = mem_zalloc(sizeof(*h) + size);
	struct taker k = { h, size };
	const unsigned char *p;
	size_t n;

	free(t->hello);
	t->hello = h;
	h->size = size;
	h->version = (uint16_t)SSL_client_hello_get0_legacy_version(t->ssl);
	n = SSL_client_hello_get0_ciphers(t->ssl, &p);
	h->ciphers_hash = hash_xxh64(str_make((const char *)p, n), 0);
	take(&k, TLS_H_CIPHERS, p, n);
	take_types(&k, t->ssl);
	take_list(&k, t->ssl, TLSEXT_TYPE_supported_groups, 2, TLS_H_GROUPS);
	take_list(&k, t->ssl, TLSEXT_TYPE_ec_point_formats, 1, TLS_H_FORMATS);
	take_list(&k, t->ssl, TLSEXT_TYPE_signature_algorithms, 2, TLS_H_SIGALGS);
	take_list(&k, t->ssl, TLSEXT_TYPE_supported_versions, 1, TLS_H_VERSIONS);
}

/* --- secrets --- */

/* "LABEL <client random> <secret>" */
void tls_on_keylog(const SSL *ssl, const char *line)
{
	static const char *const labels[TLS_K_COUNT] = {
		"CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
		"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "EXPORTER_SECRET", "EARLY_EXPORTER_SECRET",
	};
	struct str rest = str_c(line), label = str_cut(&rest, ' ');
	struct tls *t = tls_of(ssl);

	str_cut(&rest, ' ');
	for (int i = 0; i < TLS_K_COUNT; i++) {
		if (!rest.n || !str_eqz(label, labels[i]))
			continue;
		if (!t->secrets)
			t->secrets = mem_zalloc(sizeof(*t->secrets));
		free(t->secrets->hex[i]);
		t->secrets->hex[i] = mem_strdup(rest.p);
	}
}

void tls_kept_free(struct tls *t)
{
	free(t->hello);
	for (int i = 0; t->secrets && i < TLS_K_COUNT; i++) {
		if (t->secrets->hex[i])
			OPENSSL_cleanse(t->secrets->hex[i], strlen(t->secrets->hex[i]));
		free(t->secrets->hex[i]);
	}
	free(t->secrets);
}
