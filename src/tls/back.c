/* The connecting side: one context per server line; the last session of each name is offered again,
 * whichever thread it was made on: a lock for some nanoseconds saves a full handshake. */
#include "tls_priv.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "weir/base/hash.h"
#include "weir/base/pool.h"

#define SNI_MAX 255

void tls_back_end(struct tls *t)
{
	free(t->sni);
}

/* --- sessions --- */

/* Under the lock. */
static struct tls_saved *slot_of(struct tls_back *b, const char *name)
{
	if (!b->saved)
		b->saved = mem_zalloc(sizeof(*b->saved) * TLS_SESSIONS);
	return &b->saved[hash_xxh3(str_c(name), 0) % TLS_SESSIONS];
}

/* Takes over the reference when it returns 1. */
static int on_session(SSL *ssl, SSL_SESSION *s)
{
	struct tls *t = tls_of(ssl);
	struct tls_saved *at;
	SSL_SESSION *old;

	if (!t->back->reuse || strlen(t->sni) >= sizeof(at->name))
		return 0;
	pthread_mutex_lock(&t->back->lock);
	at = slot_of(t->back, t->sni);
	old = at->session;
	at->session = s;
	strcpy(at->name, t->sni);
	pthread_mutex_unlock(&t->back->lock);
	SSL_SESSION_free(old);
	return 1;
}

static void offer_session(struct tls *t)
{
	struct tls_saved *at;
	SSL_SESSION *s = NULL;

	if (!t->back->reuse)
		return;
	pthread_mutex_lock(&t->back->lock);
	at = slot_of(t->back, t->sni);
	if (at->session && !strcmp(at->name, t->sni) && SSL_SESSION_up_ref(at->session))
		s = at->session;
	pthread_mutex_unlock(&t->back->lock);
	if (s)
		SSL_set_session(t->ssl, s);
	SSL_SESSION_free(s);
}

/* --- names --- */

static bool is_address(const char *name)
{
	unsigned char bin[16];

	return inet_pton(AF_INET, name, bin) == 1 || inet_pton(AF_INET6, name, bin) == 1;
}

/* A session stands for the certificates that were looked at when it was made. */
static void forget_sessions(struct tls_back *b, unsigned version)
{
	pthread_mutex_lock(&b->lock);
	for (int k = 0; b->saved && k < TLS_SESSIONS; k++) {
		SSL_SESSION_free(b->saved[k].session);
		b->saved[k].session = NULL;
	}
	atom_set(&b->version, version);
	pthread_mutex_unlock(&b->lock);
}

/* What commands replaced since the context was made. */
static void catch_up(struct tls *t)
{
	struct tls_back *b = t->back;
	unsigned version;

	pthread_rwlock_rdlock(&b->files->lock);
	version = (b->crt ? b->crt->version : 0) + (b->trust ? b->trust->version : 0);
	if (version != atom_get(&b->version))
		forget_sessions(b, version);
	if (b->crt && b->crt->version)
		SSL_use_cert_and_key(t->ssl, b->crt->cert->leaf, b->crt->cert->key, b->crt->cert->chain, 1);
	if (b->trust && b->trust->version)
		SSL_set1_verify_cert_store(t->ssl, b->trust->store);
	pthread_rwlock_unlock(&b->files->lock);
}

void tls_back_begin(struct tls *t, struct str sni)
{
	t->words = &t->back->c;
	catch_up(t);
	if (sni.n > SNI_MAX || (sni.n && memchr(sni.p, 0, sni.n)))
		sni = STR_NONE;
	t->sni = mem_alloc(sni.n + 1);
	str_z(sni, t->sni, sni.n + 1);
	if (sni.n && !is_address(t->sni))
		SSL_set_tlsext_host_name(t->ssl, t->sni);
	offer_session(t);
}

static bool named(X509 *x, const char *name)
{
	if (is_address(name))
		return X509_check_ip_asc(x, name, 0) == 1;
	return X509_check_host(x, name, strlen(name), 0, NULL) == 1;
}

bool tls_back_check(struct tls *t)
{
	const char *name = t->back->verifyhost ? t->back->verifyhost : t->sni;
	X509 *x;

	if (SSL_get_verify_mode(t->ssl) == SSL_VERIFY_NONE || !*name)
		return true;
	x = SSL_get0_peer_certificate(t->ssl);
	if (x && named(x, name))
		return true;
	conn_fail(t->c, t->back->verifyhost ? CERR_TLS_CERT_MISMATCH : CERR_TLS_CERT_UNEXPECTED, 0);
	return false;
}

/* --- the server line --- */

static bool use_crt(struct tls_back *b, const struct tls_server_words *w, struct tls_files *files,
		    struct tls_fault *why)
{
	struct tls_where where;

	if (!w->crt.n)
		return true;
	tls_where_init(&where, files, w->crt, &(struct tls_paths){ .crt = NULL });
	b->crt = tls_files_slot(files, &where.p, why);
	tls_where_fini(&where);
	if (!b->crt)
		return false;
	b->crt->servers++;
	return tls_cert_use(b->ctx, b->crt->cert, why);
}

bool tls_server_prepare(struct tls_server_words *w, struct tls_files *files, struct str alpn, struct tls_fault *why)
{
	struct tls_back *b = w->ctx = mem_zalloc(sizeof(*b));
	struct tls_common c = w->c;

	ERR_clear_error();
	if (c.verify == TLS_VERIFY_UNSET && files->g->server_verify_none)
		c.verify = TLS_VERIFY_NONE;
	pthread_mutex_init(&b->lock, NULL);
	b->c = c;
	b->files = files;
	b->reuse = !(c.options & TLS_NO_REUSE);
	if (w->verifyhost.n)
		b->verifyhost = mem_strdup(w->verifyhost.p);
	b->ctx = SSL_CTX_new(TLS_client_method());
	if (!b->ctx) {
		tls_fault_set(why, "out of memory.");
		return false;
	}
	SSL_CTX_set_session_cache_mode(b->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(b->ctx, on_session);
	if (alpn.n)
		SSL_CTX_set_alpn_protos(b->ctx, (const unsigned char *)alpn.p, (unsigned)alpn.n);
	return tls_common_apply(b->ctx, &c, false, files, &b->trust, why) && use_crt(b, w, files, why);
}

void tls_back_free(struct tls_back *b)
{
	if (!b)
		return;
	for (int k = 0; b->saved && k < TLS_SESSIONS; k++)
		SSL_SESSION_free(b->saved[k].session);
	free(b->saved);
	pthread_mutex_destroy(&b->lock);
	SSL_CTX_free(b->ctx);
	free(b->verifyhost);
	free(b);
}
