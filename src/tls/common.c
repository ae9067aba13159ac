/* What contexts of both sides have in common. */
#include "tls_priv.h"

#include <stdlib.h>

#include "weir/base/pool.h"

int tls_version_number(enum tls_version v)
{
	static const int numbers[] = { [TLS_SSL3] = SSL3_VERSION, [TLS_10] = TLS1_VERSION, [TLS_11] = TLS1_1_VERSION,
				       [TLS_12] = TLS1_2_VERSION, [TLS_13] = TLS1_3_VERSION };

	return v == TLS_ANY ? 0 : numbers[v];
}

int tls_verify_mode(const struct tls_common *w, bool server)
{
	switch (w->verify) {
	case TLS_VERIFY_REQUIRED:
		return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	case TLS_VERIFY_OPTIONAL:
		return SSL_VERIFY_PEER;
	case TLS_VERIFY_UNSET:
		return server ? SSL_VERIFY_NONE : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	default:
		return SSL_VERIFY_NONE;
	}
}

bool tls_errs_has(const struct tls_errs *e, int err)
{
	return err >= 0 && err < TLS_ERRS && e->bits[err / 64] >> (err % 64) & 1;
}

static bool refused(struct tls_fault *f, const char *word, struct str value)
{
	char buf[160];

	tls_fault_set(f, "unable to set %s to '%.*s': %s.", word, STR_ARG(value), tls_error(buf, sizeof(buf)));
	return false;
}

static bool apply_ciphers(SSL_CTX *ctx, const struct tls_common *w, struct tls_fault *f)
{
	struct str groups = w->curves.n ? w->curves : w->ecdhe;

	if (w->ciphers.n && SSL_CTX_set_cipher_list(ctx, w->ciphers.p) != 1)
		return refused(f, "SSL cipher list", w->ciphers);
	if (w->ciphersuites.n && SSL_CTX_set_ciphersuites(ctx, w->ciphersuites.p) != 1)
		return refused(f, "TLS 1.3 cipher suites", w->ciphersuites);
	if (groups.n && SSL_CTX_set1_groups_list(ctx, groups.p) != 1)
		return refused(f, w->curves.n ? "SSL curves list" : "elliptic named curve", groups);
	if (w->sigalgs.n && SSL_CTX_set1_sigalgs_list(ctx, w->sigalgs.p) != 1)
		return refused(f, "SSL Signature Algorithm list", w->sigalgs);
	if (w->client_sigalgs.n && SSL_CTX_set1_client_sigalgs_list(ctx, w->client_sigalgs.p) != 1)
		return refused(f, "SSL Client Signature Algorithm list", w->client_sigalgs);
	return true;
}

/* As with HAProxy single versions are left out only where no range is said, and some must remain. */
static bool apply_versions(SSL_CTX *ctx, const struct tls_common *w, struct tls_fault *f)
{
	static const struct { unsigned opt; uint64_t op; } rows[] = {
		[TLS_10] = { TLS_NO_10, SSL_OP_NO_TLSv1 }, [TLS_11] = { TLS_NO_11, SSL_OP_NO_TLSv1_1 },
		[TLS_12] = { TLS_NO_12, SSL_OP_NO_TLSv1_2 }, [TLS_13] = { TLS_NO_13, SSL_OP_NO_TLSv1_3 },
	};
	unsigned without = w->min || w->max ? 0 : w->options & TLS_NO_VERSIONS;
	/* TLS 1.2 is the least unless asked otherwise; a lower maximum asks otherwise. */
	unsigned min = w->min ? w->min : w->max && w->max < TLS_12 ? w->max : TLS_12;
	bool any = false;

	for (unsigned v = TLS_10; v <= TLS_13; v++) {
		any |= v >= min && (!w->max || v <= w->max) && !(without & rows[v].opt);
		if (without & rows[v].opt)
			SSL_CTX_set_options(ctx, rows[v].op);
	}
	SSL_CTX_set_min_proto_version(ctx, tls_version_number((enum tls_version)min));
	SSL_CTX_set_max_proto_version(ctx, tls_version_number(w->max));
	if (min < TLS_12)	/* their signatures use SHA-1, which level 1 and above refuses */
		SSL_CTX_set_security_level(ctx, 0);
	if (!any)
		tls_fault_set(f, "all SSL/TLS versions are disabled.");
	return any;
}

static bool apply_verify(SSL_CTX *ctx, const struct tls_common *w, bool server, struct tls_files *files,
			 struct tls_trust **trust, struct tls_fault *f)
{
	int mode = tls_verify_mode(w, server);

	SSL_CTX_set_verify(ctx, mode, mode == SSL_VERIFY_NONE ? NULL : tls_verify_callback);
	if (mode == SSL_VERIFY_NONE)
		return true;
	if (!w->ca_file.n && !w->ca_verify_file.n) {
		tls_fault_set(f, "%s",
			      server ? "verify is enabled but no CA file specified."
				     : "verify is enabled by default but no CA file specified. If you're running on "
				       "a LAN where you're certain "
				       "to trust the server's certificate, please set an explicit 'verify none' "
				       "statement on the 'server' line, "
				       "or use 'ssl-server-verify none' in the global section to disable server-side "
				       "verifications by default.");
		return false;
	}
	*trust = tls_files_trust(files, w->ca_file, w->ca_verify_file, w->crl_file, f);
	if (!*trust)
		return false;
	SSL_CTX_set1_cert_store(ctx, (*trust)->store);
	if (server && w->ca_file.n && !(w->options & TLS_NO_CA_NAMES))
		SSL_CTX_set_client_CA_list(ctx, SSL_dup_CA_list((*trust)->names));
	return true;
}

bool tls_common_apply(SSL_CTX *ctx, const struct tls_common *w, bool server, struct tls_files *files,
		      struct tls_trust **trust, struct tls_fault *f)
{
	*trust = NULL;
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	if (!(w->options & TLS_RENEGOTIATE))
		SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(ctx, 1);
	if (w->options & TLS_NO_TICKETS)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	if (files->g->max_record)
		SSL_CTX_set_max_send_fragment(ctx, MAX(files->g->max_record, 512));
	if (!apply_versions(ctx, w, f))
		return false;
	if (files->g->security_level)
		SSL_CTX_set_security_level(ctx, files->g->security_level - 1);
#ifdef SSL_OP_NO_TX_CERTIFICATE_COMPRESSION
	if (files->g->no_cert_compression)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TX_CERTIFICATE_COMPRESSION | SSL_OP_NO_RX_CERTIFICATE_COMPRESSION);
#endif
	return apply_ciphers(ctx, w, f) && apply_verify(ctx, w, server, files, trust, f);
}

bool tls_cert_use(SSL_CTX *ctx, const struct tls_cert *c, struct tls_fault *f)
{
	char buf[160];

	ERR_clear_error();
	if (SSL_CTX_use_cert_and_key(ctx, c->leaf, c->key, c->chain, 1) == 1) {
		if (c->dh && EVP_PKEY_up_ref(c->dh)) {
			if (SSL_CTX_set0_tmp_dh_pkey(ctx, c->dh) == 1)
				SSL_CTX_set_dh_auto(ctx, 0);	/* it would win */
			else
				EVP_PKEY_free(c->dh);
		}
		ERR_clear_error();
		return true;
	}
	tls_fault_set(f, "unable to use certificate from file '%s': %s.", c->path, tls_error(buf, sizeof(buf)));
	return false;
}

/* --- verification --- */

int tls_verify_callback(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	int err = X509_STORE_CTX_get_error(store), depth = X509_STORE_CTX_get_error_depth(store);
	struct tls *t = tls_of(ssl);
	bool ca = depth > 0;

	t->verified = true;
	if (ok)
		return 1;
	if (ca && (!t->ca_err || depth > t->ca_depth)) {
		t->ca_err = (uint8_t)err;
		t->ca_depth = (uint8_t)MIN(depth, 15);
	} else if (!ca && !t->crt_err) {
		t->crt_err = (uint8_t)err;
	}
	if (tls_errs_has(ca ? &t->words->ca_ignore : &t->words->crt_ignore, err))
		return 1;
	conn_fail(t->c, ca ? CERR_TLS_CA : CERR_TLS_VERIFY, 0);
	return 0;
}
