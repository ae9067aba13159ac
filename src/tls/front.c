/* The accepting side: from the words of a bind line to contexts. Certificates are no contexts of their own: a bind has
 * one SSL_CTX (and one for each crt-list line with options); which certificate it shows is set when the handshake
 * needs it. Ten thousand certificates cost ten thousand times a certificate and its names, no more. */
#include "tls_priv.h"
#include "front_priv.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "weir/base/hash.h"
#include "weir/base/pool.h"

/* --- sites --- */

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in,
		   unsigned inlen, void *arg)
{
	const struct tls_site *s = arg;

	/* Nothing in common is no error: it goes on without, in HTTP/1.1. */
	if (SSL_select_next_proto((unsigned char **)out, outlen, s->alpn, s->alpn_len, in, inlen) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	return SSL_TLSEXT_ERR_OK;
}

/* The one of the certificates chosen that OpenSSL chose to show. */
static const struct tls_cert *shown(SSL *ssl)
{
	const struct tls *t = tls_of(ssl);
	const X509 *own = SSL_get_certificate(ssl);

	for (int k = 0; k < TLS_KINDS; k++)
		if (t->show[k] && t->show[k]->leaf == own)
			return t->show[k];
	return NULL;
}

static int on_status(SSL *ssl, void *arg)
{
	pthread_rwlock_t *lock = &tls_of(ssl)->front->files->lock;
	const struct tls_cert *c = shown(ssl);
	unsigned char *copy = NULL;
	long n = 0;

	if (!c)
		return SSL_TLSEXT_ERR_NOACK;
	pthread_rwlock_rdlock(lock);
	if (c->ocsp) {
		copy = OPENSSL_memdup(c->ocsp, c->ocsp_len);
		n = (long)c->ocsp_len;
	}
	pthread_rwlock_unlock(lock);
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, n);
	return SSL_TLSEXT_ERR_OK;
}

/* Certificate transparency: what the certificate's .sctl file holds (RFC 6962, section 3.3.1). */
static int add_sctl(SSL *ssl, unsigned type, unsigned context, const unsigned char **out, size_t *n, X509 *x,
		    size_t chain_at, int *alert, void *arg)
{
	const struct tls_cert *c = shown(ssl);

	if (chain_at || !c || !c->sctl)
		return 0;
	*out = c->sctl;
	*n = c->sctl_len;
	return 1;
}

static int ask_sctl(SSL *ssl, unsigned type, unsigned context, const unsigned char *in, size_t n, X509 *x,
		    size_t chain_at, int *alert, void *arg)
{
	return 1;
}

static void send_sctl(struct tls_site *s)
{
	if (!s->sctl)
		SSL_CTX_add_custom_ext(s->ctx, TLSEXT_TYPE_signed_certificate_timestamp,
				       SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_CERTIFICATE,
				       add_sctl, NULL, NULL, ask_sctl, NULL);
	s->sctl = true;
}

/* A session must not be taken up where other certificates of clients are asked for. */
static void set_session_id(SSL_CTX *ctx, const struct tls_common *w)
{
	uint64_t id[2] = { hash_xxh3(w->ca_file, w->verify), hash_xxh3(w->crl_file, hash_xxh3(w->ca_verify_file, 1)) };

	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)id, sizeof(id));
}

static void set_sessions(SSL_CTX *ctx, const struct tls_global *g)
{
	if (g->cachesize) {
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_AUTO_CLEAR);
		SSL_CTX_sess_set_cache_size(ctx, (long)g->cachesize);
	} else {
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	}
	SSL_CTX_set_timeout(ctx, (long)g->lifetime);
	SSL_CTX_set_num_tickets(ctx, 1);
}

static void set_callbacks(SSL_CTX *ctx, struct tls_site *s)
{
	SSL_CTX_set_client_hello_cb(ctx, tls_on_hello, NULL);
	SSL_CTX_set_cert_cb(ctx, tls_on_cert, NULL);
	SSL_CTX_set_tlsext_servername_callback(ctx, tls_on_name);
	SSL_CTX_set_tlsext_status_cb(ctx, on_status);
	if (s->alpn_len)
		SSL_CTX_set_alpn_select_cb(ctx, on_alpn, s);
}

static bool use_dh(SSL_CTX *ctx, EVP_PKEY *dh)
{
	if (!dh || SSL_CTX_set0_tmp_dh_pkey(ctx, dh) != 1) {
		EVP_PKEY_free(dh);
		return false;
	}
	SSL_CTX_set_dh_auto(ctx, 0);	/* it would win */
	return true;
}

static EVP_PKEY *named_group(const char *name)
{
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)name, 0),
				 OSSL_PARAM_construct_end() };
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *out = NULL;

	if (c && EVP_PKEY_fromdata_init(c) == 1)
		EVP_PKEY_fromdata(c, &out, EVP_PKEY_KEY_PARAMETERS, params);
	EVP_PKEY_CTX_free(c);
	ERR_clear_error();
	return out;
}

/* Groups of RFC 7919; OpenSSL makes one of 1024 bits itself. */
static void set_dh_size(SSL_CTX *ctx, unsigned bits)
{
	static const struct { unsigned bits; const char *name; } groups[] = {
		{ 8192, "ffdhe8192" }, { 6144, "ffdhe6144" }, { 4096, "ffdhe4096" }, { 3072, "ffdhe3072" },
		{ 2048, "ffdhe2048" },
	};

	SSL_CTX_set_dh_auto(ctx, bits && bits < 2048 ? 2 : 1);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (bits >= groups[i].bits) {
			use_dh(ctx, named_group(groups[i].name));
			return;
		}
}

static bool set_dh(struct front_load *l, SSL_CTX *ctx)
{
	const struct tls_global *g = l->files->g;
	BIO *b = g->dh_file.n ? BIO_new_file(g->dh_file.p, "r") : NULL;
	char buf[160];
	bool ok;

	if (!g->dh_file.n) {
		set_dh_size(ctx, g->dh_bits);
		return true;
	}
	ok = b && use_dh(ctx, PEM_read_bio_Parameters(b, NULL));
	if (!ok)
		tls_fault_set(l->why, "unable to load DH parameters from file '%s': %s.", g->dh_file.p,
			      tls_error(buf, sizeof(buf)));
	BIO_free(b);
	ERR_clear_error();
	return ok;
}

struct tls_site *front_site(struct front_load *l, const struct tls_common *w, struct str alpn)
{
	struct tls_site *s = mem_zalloc(sizeof(*s));
	const struct tls_global *g = l->files->g;

	s->next = l->front->sites;
	l->front->sites = s;
	s->c = *w;
	s->ctx = SSL_CTX_new(TLS_server_method());
	if (!s->ctx) {
		tls_fault_set(l->why, "out of memory.");
		return NULL;
	}
	if (w->options & TLS_EARLY_DATA) {	/* OpenSSL takes each ticket once: nothing is replayed here */
		SSL_CTX_set_max_early_data(s->ctx, TLS_EARLY_MAX);
		l->front->early = true;
	}
	if (alpn.n) {
		s->alpn = OPENSSL_memdup(alpn.p, alpn.n);
		s->alpn_len = (unsigned)alpn.n;
	}
	if (!(w->options & TLS_PREFER_CLIENT))
		SSL_CTX_set_options(s->ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	set_sessions(s->ctx, g);
	set_session_id(s->ctx, w);
	set_callbacks(s->ctx, s);
	if (g->key_log)
		SSL_CTX_set_keylog_callback(s->ctx, tls_on_keylog);
	return set_dh(l, s->ctx) && tls_common_apply(s->ctx, w, true, l->files, &s->trust, l->why) ? s : NULL;
}

/* --- entries --- */

struct tls_entry *front_entry(struct front_load *l, struct tls_site *site)
{
	struct tls_front *f = l->front;
	struct tls_entry *e = mem_zalloc(sizeof(*e));

	e->front = f;
	e->site = site;
	e->seq = f->seq++;
	list_init(&e->list_link);
	*f->last = e;
	f->last = &e->next;
	return e;
}

void tls_entry_hide(struct tls_entry *e)
{
	tls_names_remove(&e->front->names, e);
	memset(e->certs, 0, sizeof(e->certs));
}

static void show_names(struct tls_entry *e)
{
	char *copy = e->names ? mem_strdup(e->names) : NULL;
	struct str rest = copy ? str_c(copy) : STR_NONE;
	bool any = false;

	while (rest.p) {
		struct str name = str_cut(&rest, ' ');

		if (!name.n)
			continue;
		tls_names_add(&e->front->names, name, e);
		any |= name.p[0] != '!';
	}
	for (int k = 0; k < TLS_KINDS && !any; k++)
		if (e->certs[k])
			tls_names_add_cert(&e->front->names, e->certs[k], e);
	free(copy);
}

void tls_entry_show(struct tls_entry *e)
{
	for (int i = 0; i < e->nuses; i++) {
		struct tls_cert *c = e->uses[i].slot->cert;
		int kind = tls_cert_kind(c);

		if (!e->certs[kind])
			e->certs[kind] = c;
	}
	show_names(e);
}

void tls_entry_free(struct tls_entry *e)
{
	for (int i = 0; i < e->nuses; i++)
		list_del(&e->uses[i].link);
	list_del(&e->list_link);
	free(e->names);
	free(e);
}

bool front_entry_add(struct front_load *l, struct tls_entry *e, const struct tls_paths *p)
{
	struct tls_slot *s = tls_files_slot(l->files, p, l->why);
	struct tls_use *u;

	if (!s)
		return false;
	if (e->nuses == TLS_KINDS)
		return true;
	u = &e->uses[e->nuses++];
	u->entry = e;
	u->slot = s;
	list_push(&s->entries, &u->link);
	if (s->cert->sctl && !l->files->running) {	/* contexts are not changed any more once they are used */
		send_sctl(e->site);
		send_sctl(e->front->base);
	}
	return true;
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* One certificate or a bundle: path.rsa, path.ecdsa, path.dsa. False: nothing usable (why). */
bool front_entry_load(struct front_load *l, struct tls_entry *e, const struct tls_paths *p)
{
	static const char *const kinds[] = { "rsa", "ecdsa", "dsa" };
	bool ok = true, any = false;
	char path[4096];

	if (!(l->files->g->extra & TLS_EXTRA_BUNDLE) || hmap_has(&l->files->slots, str_c(p->name ? p->name : p->crt)) ||
	    exists(p->crt))
		return front_entry_add(l, e, p);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		snprintf(path, sizeof(path), "%s.%s", p->crt, kinds[i]);
		if (!exists(path))
			continue;
		any = true;
		ok = ok && front_entry_add(l, e, &(struct tls_paths){ .crt = path });
	}
	if (!any)
		tls_fault_set(l->why, "unable to stat SSL certificate from file '%s' : %s.", p->crt, strerror(ENOENT));
	return any && ok;
}

static bool add_file(struct front_load *l, const char *path)
{
	struct tls_entry *e = front_entry(l, l->front->base);

	if (!front_entry_load(l, e, &(struct tls_paths){ .crt = path }))
		return false;
	tls_entry_show(e);
	return true;
}

/* --- directories --- */

static bool ends(const char *name, const char *with)
{
	return str_ends(str_c(name), str_c(with));
}

static int wanted(const struct dirent *d)
{
	static const char *const not[] = { ".issuer", ".ocsp", ".sctl", ".key" };

	if (d->d_name[0] == '.')
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(not); i++)
		if (ends(d->d_name, not[i]))
			return 0;
	return 1;
}

static bool is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Files of one bundle come next to each other, in this order of names: the bundle is their beginning. */
static size_t bundle_length(const char *name)
{
	static const char *const kinds[] = { ".rsa", ".ecdsa", ".dsa" };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (ends(name, kinds[i]))
			return strlen(name) - strlen(kinds[i]);
	return 0;
}

static bool add_one_of(struct front_load *l, const char *dir, const char *name, char *last, size_t size)
{
	size_t n = l->files->g->extra & TLS_EXTRA_BUNDLE ? bundle_length(name) : 0;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!is_regular(path))
		return true;
	if (!n)
		return add_file(l, path);
	snprintf(path, sizeof(path), "%s/%.*s", dir, (int)n, name);
	if (!strcmp(path, last))
		return true;
	snprintf(last, size, "%s", path);
	return exists(path) ? true : add_file(l, path);
}

static bool add_dir(struct front_load *l, const char *dir)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, wanted, alphasort);
	char last[4096] = "";
	bool ok = true;

	if (n < 0) {
		tls_fault_set(l->why, "unable to scan directory '%s' : %s.", dir, strerror(errno));
		return false;
	}
	for (int i = 0; i < n; i++) {
		ok = ok && add_one_of(l, dir, names[i]->d_name, last, sizeof(last));
		free(names[i]);
	}
	free(names);
	return ok;
}

/* --- the bind line --- */

bool front_load_crt(struct front_load *l, struct tls_entry *e, struct str path, const struct tls_paths *said)
{
	struct tls_where where;
	bool ok;

	tls_where_init(&where, l->files, path, said);
	ok = front_entry_load(l, e, &where.p);
	tls_where_fini(&where);
	return ok;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool add_crt(struct front_load *l, const struct tls_crt *c)
{
	struct tls_paths said = { .update = l->words->ocsp_update };
	struct tls_entry *e;
	char *path;
	bool ok;

	if (c->list)
		return front_crt_list(l, c);
	path = tls_path(c->path, l->files->g->crt_base);
	if (is_dir(path)) {
		ok = add_dir(l, path);
	} else {
		e = front_entry(l, l->front->base);
		ok = front_load_crt(l, e, c->path, &said);
		if (ok)
			tls_entry_show(e);
	}
	free(path);
	return ok;
}

bool tls_front_is_empty(const struct tls_front *t)
{
	return !t->entries && !t->signer;
}

/* Who asks for no name gets the first certificate; the context holds it from the start. */
static bool set_default(struct front_load *l)
{
	struct tls_front *f = l->front;

	if (!f->entries) {
		if (f->strict || f->signer)
			return true;
		tls_fault_set(l->why, "no SSL certificate specified (use 'crt').");
		l->why->no_cert = true;
		return false;
	}
	for (int k = 0; k < TLS_KINDS; k++)
		if (f->entries->certs[k] && !tls_cert_use(f->base->ctx, f->entries->certs[k], l->why))
			return false;
	return true;
}

static bool load_tickets(struct front_load *l, struct str path)
{
	if (!path.n)
		return true;
	l->front->tickets = tls_tickets_load(l->files, path.p, l->why);
	if (l->front->tickets)
		tls_tickets_apply(l->front->base->ctx);
	return l->front->tickets;
}

bool tls_bind_prepare(struct tls_bind_words *w, struct tls_files *files, struct str alpn, struct tls_fault *why)
{
	struct tls_front *f = w->ctx = mem_zalloc(sizeof(*f));
	struct front_load l = { .front = f, .files = files, .words = w, .alpn = alpn, .why = why };
	bool ok = true;

	ERR_clear_error();
	f->last = &f->entries;
	f->files = files;
	f->words = w;
	f->next = files->fronts;
	files->fronts = f;
	f->alpn = str_make(OPENSSL_memdup(alpn.p, alpn.n), alpn.n);
	f->capture = MIN(files->g->capture, 16384u);
	f->strict = w->c.options & TLS_STRICT_SNI;
	f->base = front_site(&l, &w->c, alpn);
	if (!f->base || !load_tickets(&l, w->ticket_keys))
		return false;
	if (w->c.options & TLS_GENERATE && !(f->signer = tls_signer_load(w, files->g->signer_cache, why)))
		return false;
	for (const struct tls_crt *c = w->crts; c && ok; c = c->next)
		ok = add_crt(&l, c);
	return ok && set_default(&l);
}

void tls_cache_figures(struct tls_files *f, uint64_t *lookups, uint64_t *misses)
{
	*lookups = *misses = 0;
	pthread_mutex_lock(&f->edit);
	for (const struct tls_front *t = f->fronts; t; t = t->next)
		for (const struct tls_site *s = t->sites; s; s = s->next) {
			bool cached = s->c.options & (TLS_NO_TICKETS | TLS_EARLY_DATA);	/* else tickets hit */
			uint64_t miss = (uint64_t)SSL_CTX_sess_misses(s->ctx) + (uint64_t)SSL_CTX_sess_timeouts(s->ctx);

			*misses += miss;
			*lookups += miss + (cached ? (uint64_t)SSL_CTX_sess_hits(s->ctx) : 0);
		}
	pthread_mutex_unlock(&f->edit);
}

void tls_front_free(struct tls_front *f)
{
	if (!f)
		return;
	for (struct tls_site *s = f->sites, *next; s; s = next) {
		next = s->next;
		SSL_CTX_free(s->ctx);
		OPENSSL_free(s->alpn);
		free(s->options);
		free(s->text);
		free(s);
	}
	for (struct tls_entry *e = f->entries, *next; e; e = next) {
		next = e->next;
		tls_entry_free(e);
	}
	tls_names_fini(&f->names);
	tls_signer_free(f->signer);
	OPENSSL_free((char *)f->alpn.p);
	free(f);
}
