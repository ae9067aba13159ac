/* Answers about a connection. */
#include "tls_priv.h"
#include "weir/tls/info.h"

#include <stdio.h>

#include "weir/base/hash.h"

static struct tls *asked(struct conn *c)
{
	SSL *ssl = NULL;

	return c && conn_ask(c, ASK_SSL, &ssl) ? tls_of(ssl) : NULL;
}

bool tls_is_on(struct conn *c)
{
	return asked(c) != NULL;
}

static int64_t key_size(const SSL *ssl, bool used)
{
	const SSL_CIPHER *ci = SSL_get_current_cipher(ssl);
	int alg = 0, bits = ci ? SSL_CIPHER_get_bits(ci, &alg) : 0;

	return used ? bits : alg;
}

bool tls_number(struct conn *c, enum tls_number which, int64_t *out)
{
	struct tls *t = asked(c);

	*out = 0;
	if (!t)
		return false;
	switch (which) {
	case TLS_N_ALG_KEYSIZE:
	case TLS_N_USE_KEYSIZE:
		*out = key_size(t->ssl, which == TLS_N_USE_KEYSIZE);
		return *out;
	case TLS_N_RESUMED:
		*out = SSL_session_reused(t->ssl);
		break;
	case TLS_N_HAS_CRT:
		*out = t->verified;
		break;
	case TLS_N_HAS_SNI:
		*out = SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name) != NULL;
		break;
	case TLS_N_HAS_EARLY:
		*out = c->flags & CONN_EARLY && !SSL_is_init_finished(t->ssl);
		break;
	case TLS_N_EARLY_RCVD:
		*out = t->early_got;
		break;
	case TLS_N_VERIFY:
		*out = SSL_get_verify_result(t->ssl);
		break;
	case TLS_N_CRT_ERR:
		*out = t->crt_err;
		break;
	case TLS_N_CA_ERR:
		*out = t->ca_err;
		break;
	case TLS_N_CA_DEPTH:
		*out = t->ca_depth;
		break;
	case TLS_N_USED:
		*out = SSL_get0_peer_certificate(t->ssl) != NULL;
		break;
	case TLS_N_ERR:
		*out = (int64_t)t->ssl_err;
		break;
	case TLS_N_HELLO_ID:
		*out = t->hello ? t->hello->version : 0;
		return t->hello;
	case TLS_N_CIPHERS_XXH:
		*out = t->hello ? (int64_t)t->hello->ciphers_hash : 0;
		return t->hello;
	}
	return true;
}

/* --- texts and bytes --- */

static struct str random_of(const SSL *ssl, struct arena *mem, bool server)
{
	unsigned char *p = arena_alloc(mem, 32);

	return str_make((char *)p, server ? SSL_get_server_random(ssl, p, 32) : SSL_get_client_random(ssl, p, 32));
}

static struct str session_key(const SSL *ssl, struct arena *mem)
{
	unsigned char *p = arena_alloc(mem, SSL_MAX_MASTER_KEY_LENGTH);
	SSL_SESSION *s = SSL_get_session(ssl);

	return str_make((char *)p, s ? SSL_SESSION_get_master_key(s, p, SSL_MAX_MASTER_KEY_LENGTH) : 0);
}

static struct str session_id(const SSL *ssl)
{
	SSL_SESSION *s = SSL_get_session(ssl);
	unsigned n = 0;
	const unsigned char *p = s ? SSL_SESSION_get_id(s, &n) : NULL;

	return str_make((const char *)p, n);
}

/* RFC 5929, section 3: the first Finished of the last handshake. */
static struct str unique_id(const SSL *ssl, struct arena *mem, bool front)
{
	unsigned char *p = arena_alloc(mem, EVP_MAX_MD_SIZE);
	bool ours = front == (SSL_session_reused(ssl) == 1);

	return str_make((char *)p, ours ? SSL_get_finished(ssl, p, EVP_MAX_MD_SIZE)
					: SSL_get_peer_finished(ssl, p, EVP_MAX_MD_SIZE));
}

static struct str curve(SSL *ssl)
{
	int nid = (int)SSL_get_negotiated_group(ssl);

	return nid > 0 ? str_c(OBJ_nid2sn(nid)) : STR_NONE;
}

static struct str error_text(const struct tls *t, struct arena *mem)
{
	char buf[256];

	if (!t->ssl_err)
		return STR_NONE;
	ERR_error_string_n(t->ssl_err, buf, sizeof(buf));
	return arena_str(mem, str_c(buf));
}

bool tls_text(struct conn *c, enum tls_text which, struct arena *mem, struct str *out)
{
	struct tls *t = asked(c);
	const unsigned char *p;
	unsigned n;

	*out = STR_NONE;
	if (!t)
		return false;
	switch (which) {
	case TLS_T_ALPN:
		SSL_get0_alpn_selected(t->ssl, &p, &n);
		*out = str_make((const char *)p, n);
		break;
	case TLS_T_CIPHER:
		*out = SSL_get_current_cipher(t->ssl) ? str_c(SSL_get_cipher_name(t->ssl)) : STR_NONE;
		break;
	case TLS_T_CURVE:
		*out = curve(t->ssl);
		break;
	case TLS_T_PROTOCOL:
		*out = str_c(SSL_get_version(t->ssl));
		break;
	case TLS_T_SNI:
		*out = str_c(SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name));
		break;
	case TLS_T_ERR:
		*out = error_text(t, mem);
		break;
	case TLS_T_CLIENT_RANDOM:
	case TLS_T_SERVER_RANDOM:
		*out = random_of(t->ssl, mem, which == TLS_T_SERVER_RANDOM);
		break;
	case TLS_T_SESSION_ID:
		*out = session_id(t->ssl);
		break;
	case TLS_T_SESSION_KEY:
		*out = session_key(t->ssl, mem);
		break;
	case TLS_T_UNIQUE_ID:
		*out = unique_id(t->ssl, mem, t->front);
		break;
	}
	return out->n;
}

/* --- what was kept of the ClientHello --- */

static bool is_grease(const unsigned char *p)
{
	return p[0] == p[1] && (p[0] & 0x0f) == 0x0a;
}

bool tls_hello_part(struct conn *c, enum tls_hello_part which, bool no_grease, struct arena *mem, struct str *out)
{
	struct tls *t = asked(c);
	struct str part;
	char *to;

	if (!t || !t->hello)
		return false;
	part = t->hello->parts[which];
	*out = part;
	if (!no_grease || which == TLS_H_FORMATS)
		return true;
	*out = str_make(to = arena_bytes(mem, part.n + 1), 0);
	for (size_t i = 0; i + 1 < part.n; i += 2) {
		if (is_grease((const unsigned char *)part.p + i))
			continue;
		memcpy(to + out->n, part.p + i, 2);
		out->n += 2;
	}
	return true;
}

bool tls_hello_names(struct conn *c, bool no_grease, struct arena *mem, struct str *out)
{
	struct str ids;
	char *to;
	size_t room;

	if (!tls_hello_part(c, TLS_H_CIPHERS, no_grease, mem, &ids))
		return false;
	room = ids.n / 2 * 48 + 1;
	*out = str_make(to = arena_bytes(mem, room), 0);
	for (size_t i = 0; i + 1 < ids.n; i += 2) {
		const SSL_CIPHER *ci = SSL_CIPHER_find(asked(c)->ssl, (const unsigned char *)ids.p + i);
		const char *name = ci ? SSL_CIPHER_get_name(ci) : NULL;

		if (name)
			out->n += (size_t)snprintf(to + out->n, room - out->n, "%s%.40s", i ? "," : "", name);
		else
			out->n += (size_t)snprintf(to + out->n, room - out->n, "%sUNKNOWN(%02x%02x)", i ? "," : "",
			                           (unsigned char)ids.p[i], (unsigned char)ids.p[i + 1]);
	}
	return true;
}

bool tls_secret(struct conn *c, enum tls_secret which, struct str *out)
{
	struct tls *t = asked(c);

	if (!t || !t->secrets || !t->secrets->hex[which])
		return false;
	*out = str_c(t->secrets->hex[which]);
	return true;
}

/* --- certificates --- */

X509 *tls_peer_cert(struct conn *c)
{
	struct tls *t = asked(c);

	return t ? SSL_get0_peer_certificate(t->ssl) : NULL;
}

X509 *tls_own_cert(struct conn *c)
{
	struct tls *t = asked(c);

	/* A resumed session shows none: it is the one that belongs to the name. */
	for (int k = 0; t && SSL_session_reused(t->ssl) && k < TLS_KINDS; k++)
		if (t->show[k])
			return t->show[k]->leaf;
	return t ? SSL_get_certificate(t->ssl) : NULL;
}

X509 *tls_root_cert(struct conn *c)
{
	struct tls *t = asked(c);
	STACK_OF(X509) *chain = t ? SSL_get0_verified_chain(t->ssl) : NULL;
	int n = chain ? sk_X509_num(chain) : 0;

	return n ? sk_X509_value(chain, n - 1) : NULL;
}

bool tls_peer_chain(struct conn *c, struct arena *mem, struct str *out)
{
	struct tls *t = asked(c);
	STACK_OF(X509) *chain = t ? SSL_get_peer_cert_chain(t->ssl) : NULL;
	int n = chain ? sk_X509_num(chain) : 0;
	unsigned char *p;
	size_t size = 0;

	for (int i = 0; i < n; i++)
		size += (size_t)MAX(i2d_X509(sk_X509_value(chain, i), NULL), 0);
	if (!size)
		return false;
	p = arena_alloc(mem, size);
	*out = str_make((char *)p, size);
	for (int i = 0; i < n; i++)
		i2d_X509(sk_X509_value(chain, i), &p);
	return true;
}
