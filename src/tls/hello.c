/* The first thing in a handshake: which certificate answers to the name that the client asks for, and under which
 * options. Nothing is decided here about its kind when several kinds have the name: that follows from the algorithms
 * both sides know. */
#include "tls_priv.h"

/* The host name in a server_name extension (RFC 6066, section 3); empty: none or malformed. */
static struct str asked_name(SSL *ssl)
{
	const unsigned char *p;
	size_t n, list, len;

	if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &p, &n) || n < 5)
		return STR_NONE;
	list = (size_t)p[0] << 8 | p[1];
	len = (size_t)p[3] << 8 | p[4];
	if (list + 2 != n || p[2] != TLSEXT_NAMETYPE_host_name || len + 5 > n || !len || memchr(p + 5, 0, len))
		return STR_NONE;
	return str_make((const char *)p + 5, len);
}

static bool knows_ecdsa(SSL *ssl)
{
	const unsigned char *p;
	size_t n;

	if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_signature_algorithms, &p, &n))
		return false;
	for (size_t i = 2; i + 1 < n; i += 2)
		if ((p[i + 1] == 3 && p[i] >= 2 && p[i] <= 6))	/* ecdsa_sha1 ... ecdsa_secp521r1_sha512 */
			return true;
	return false;
}

struct choice { struct tls_entry *first, *kind[TLS_KINDS]; };

static void collect(struct tls_entry *e, void *arg)
{
	struct choice *ch = arg;

	if (!ch->first)
		ch->first = e;
	for (int k = 0; k < TLS_KINDS; k++)
		if (e->certs[k] && !ch->kind[k])
			ch->kind[k] = e;
}

static void keep(struct tls *t, int kind, struct tls_cert *c)
{
	if (c && !t->show[kind])
		t->show[kind] = tls_cert_ref(c);
}

static const struct tls_entry *choose(struct tls *t, const struct choice *ch)
{
	const struct tls_entry *best = ch->first;

	if (ch->kind[TLS_KIND_EC] && knows_ecdsa(t->ssl))
		best = ch->kind[TLS_KIND_EC];
	else if (ch->kind[TLS_KIND_RSA])
		best = ch->kind[TLS_KIND_RSA];
	/* Other kinds go along where the options are the same: the cipher decides. */
	for (int k = 0; k < TLS_KINDS; k++)
		if (ch->kind[k] && ch->kind[k]->site == best->site)
			keep(t, k, ch->kind[k]->certs[k]);
	return best;
}

/* Is what will be shown what the base context was made with? Then nothing needs to be set for this connection, whether
 * the client asked for a name or not. */
static bool has_default(const struct tls *t)
{
	const struct tls_entry *first = t->front->entries;

	if (!first || t->front->changed)
		return false;
	for (int k = 0; k < TLS_KINDS; k++)
		if (t->show[k] != first->certs[k])
			return false;
	return true;
}

static const struct tls_entry *take_default(struct tls *t)
{
	const struct tls_entry *e = t->front->entries;

	if (!e)
		return NULL;
	for (int k = 0; k < TLS_KINDS; k++)
		keep(t, k, e->certs[k]);
	return e;
}

/* From here on the connection is under the options of this site. */
static void enter_site(struct tls *t, struct tls_site *s)
{
	static const struct { unsigned opt; uint64_t op; } off[] = {
		{ TLS_NO_10, SSL_OP_NO_TLSv1 }, { TLS_NO_11, SSL_OP_NO_TLSv1_1 }, { TLS_NO_12, SSL_OP_NO_TLSv1_2 },
		{ TLS_NO_13, SSL_OP_NO_TLSv1_3 },
	};

	SSL_set_SSL_CTX(t->ssl, s->ctx);
	SSL_set_verify(t->ssl, SSL_CTX_get_verify_mode(s->ctx), SSL_CTX_get_verify_callback(s->ctx));
	SSL_set_min_proto_version(t->ssl, (int)SSL_CTX_get_min_proto_version(s->ctx));
	SSL_set_max_proto_version(t->ssl, (int)SSL_CTX_get_max_proto_version(s->ctx));
	for (size_t i = 0; i < ARRAY_LEN(off); i++)
		if (s->c.options & off[i].opt)
			SSL_set_options(t->ssl, off[i].op);
		else
			SSL_clear_options(t->ssl, off[i].op);
	if (s->c.curves.n || s->c.ecdhe.n)
		SSL_set1_groups_list(t->ssl, s->c.curves.n ? s->c.curves.p : s->c.ecdhe.p);
	SSL_set_max_early_data(t->ssl, s->c.options & TLS_EARLY_DATA ? TLS_EARLY_MAX : 0);
	t->words = &s->c;
}

/* Authorities that a command replaced since the context was made. */
static void catch_up(struct tls *t, const struct tls_site *s)
{
	uint64_t id[2];

	if (!s->trust || !s->trust->version)
		return;
	/* Sessions of clients that were looked at with what was trusted before are not taken up any more. */
	id[0] = s->trust->version;
	id[1] = (uint64_t)(uintptr_t)s->trust;
	SSL_set_session_id_context(t->ssl, (const unsigned char *)id, sizeof(id));
	SSL_set1_verify_cert_store(t->ssl, s->trust->store);
	if (s->c.ca_file.n && !(s->c.options & TLS_NO_CA_NAMES))
		SSL_set_client_CA_list(t->ssl, SSL_dup_CA_list(s->trust->names));
}

/* Under the lock. False: nobody answers to the name. */
static bool select_entry(struct tls *t, struct str name)
{
	struct tls_site *base = t->front->base, *s = base;
	const struct tls_entry *e = NULL;
	struct choice ch = { 0 };
	char lower[256];

	if (name.n && name.n <= sizeof(lower)) {
		memcpy(lower, name.p, name.n);
		str_lower(lower, name.n);
		tls_names_find(&t->front->names, str_make(lower, name.n), collect, &ch);
	}
	if (ch.first) {
		e = choose(t, &ch);
	} else if (!name.n || !t->front->signer) {	/* else it is made when it is needed: tls_on_cert */
		if (t->front->strict)
			return false;
		e = take_default(t);
	}
	if (e)
		s = e->site;
	t->preset = e && s == base && has_default(t);
	if (s != base)
		enter_site(t, s);
	catch_up(t, s);
	return true;
}

int tls_on_hello(SSL *ssl, int *alert, void *arg)
{
	struct tls *t = tls_of(ssl);
	pthread_rwlock_t *lock = &t->front->files->lock;
	bool ok;

	if (t->front->capture)
		tls_hello_keep(t, t->front->capture);
	pthread_rwlock_rdlock(lock);
	ok = select_entry(t, asked_name(ssl));
	pthread_rwlock_unlock(lock);
	if (ok)
		return SSL_CLIENT_HELLO_SUCCESS;
	*alert = SSL_AD_UNRECOGNIZED_NAME;
	return SSL_CLIENT_HELLO_ERROR;
}

int tls_on_name(SSL *ssl, int *alert, void *arg)
{
	return SSL_TLSEXT_ERR_OK;
}

static bool use(SSL *ssl, const struct tls_cert *c)
{
	return SSL_use_cert_and_key(ssl, c->leaf, c->key, c->chain, 1) == 1;
}

/* Only full handshakes come here: resumed ones show no certificate. */
int tls_on_cert(SSL *ssl, void *arg)
{
	struct tls *t = tls_of(ssl);
	bool ok = true, any = t->preset;

	if (t->preset)
		return 1;
	for (int k = 0; k < TLS_KINDS; k++) {
		if (!t->show[k])
			continue;
		if (!any)
			SSL_certs_clear(ssl);
		any = true;
		ok = ok && use(ssl, t->show[k]);
	}
	if (!any && t->front->signer)
		return tls_signer_use(t->front->signer, ssl);
	tls_clear_errors();
	return ok;
}
