#include "weir/tls/proxy_say.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "weir/tls/info.h"

static struct str common_name(X509 *cert, struct arena *mem)
{
	char name[256];
	int n = X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof(name));

	return n > 0 ? arena_str(mem, str_make(name, (size_t)n)) : STR_NONE;
}

/* The client's certificate: when it was shown on this very connection the session is new. */
static void say_client(SSL *ssl, unsigned options, struct arena *mem, struct proxy_say_ssl *out)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);

	out->verify = (uint32_t)SSL_get_verify_result(ssl);
	if (!cert) {
		out->verify = 1;
		return;
	}
	out->client |= PROXY_CLIENT_CERT_SESS | (SSL_session_reused(ssl) ? 0 : PROXY_CLIENT_CERT_CONN);
	if (options & PPO_SSL_CN)
		out->cn = common_name(cert, mem);
}

bool tls_proxy_say(struct conn *c, unsigned options, struct arena *mem, struct proxy_say_ssl *out)
{
	SSL *ssl;
	X509 *own;

	memset(out, 0, sizeof(*out));
	if (!conn_ask(c, ASK_SSL, &ssl))
		return false;
	own = SSL_get_certificate(ssl);
	out->client = PROXY_CLIENT_SSL;
	out->version = str_c(SSL_get_version(ssl));
	say_client(ssl, options, mem, out);
	if (options & PPO_SSL_CIPHER)
		out->cipher = str_c(SSL_get_cipher_name(ssl));
	if (own && options & PPO_CERT_SIG)
		out->sig_alg = str_c(OBJ_nid2sn(X509_get_signature_nid(own)));
	if (own && options & PPO_CERT_KEY)
		out->key_alg = x509_key_words(own, mem);
	return true;
}
