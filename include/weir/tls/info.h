/* What can be asked about a TLS connection and its certificates, for fetches. Texts and bytes live in the arena given,
 * in the connection or in OpenSSL's static tables. */
#ifndef WEIR_TLS_INFO_H
#define WEIR_TLS_INFO_H

#include <openssl/x509.h>

#include "weir/base/arena.h"
#include "weir/net/conn.h"

/* --- the connection --- */

/* Is there TLS on it (perhaps not open yet)? */
bool tls_is_on(struct conn *c);

enum tls_number {
	TLS_N_ALG_KEYSIZE,
	TLS_N_USE_KEYSIZE,
	TLS_N_RESUMED,
	TLS_N_HAS_CRT,
	TLS_N_HAS_SNI,
	TLS_N_HAS_EARLY,
	TLS_N_EARLY_RCVD,
	TLS_N_VERIFY,
	TLS_N_CRT_ERR,
	TLS_N_CA_ERR,
	TLS_N_CA_DEPTH,
	TLS_N_USED,
	TLS_N_ERR,
	TLS_N_HELLO_ID,
	TLS_N_CIPHERS_XXH,
};
bool tls_number(struct conn *c, enum tls_number which, int64_t *out);

enum tls_text {
	TLS_T_ALPN,
	TLS_T_CIPHER,
	TLS_T_CURVE,
	TLS_T_PROTOCOL,
	TLS_T_SNI,
	TLS_T_ERR,
	TLS_T_CLIENT_RANDOM,
	TLS_T_SERVER_RANDOM,
	TLS_T_SESSION_ID,
	TLS_T_SESSION_KEY,
	TLS_T_UNIQUE_ID,
};
bool tls_text(struct conn *c, enum tls_text which, struct arena *mem, struct str *out);

/* Parts of the ClientHello that were kept (tune.ssl.capture-buffer-size). grease: without values of RFC 8701. */
enum tls_hello_part {
	TLS_H_CIPHERS, TLS_H_EXTENSIONS, TLS_H_GROUPS, TLS_H_FORMATS, TLS_H_SIGALGS, TLS_H_VERSIONS, TLS_H_PARTS,
};
bool tls_hello_part(struct conn *c, enum tls_hello_part which, bool no_grease, struct arena *mem, struct str *out);
/* Names of the ciphers, joined by commas. */
bool tls_hello_names(struct conn *c, bool no_grease, struct arena *mem, struct str *out);

/* Secrets of TLS 1.3 (tune.ssl.keylog), by their label in key log files. */
enum tls_secret {
	TLS_K_CLIENT_EARLY,
	TLS_K_CLIENT_HANDSHAKE,
	TLS_K_SERVER_HANDSHAKE,
	TLS_K_CLIENT_0,
	TLS_K_SERVER_0,
	TLS_K_EXPORTER,
	TLS_K_EARLY_EXPORTER,
	TLS_K_COUNT,
};
bool tls_secret(struct conn *c, enum tls_secret which, struct str *out);

/* --- certificates: NULL when there is none; the connection keeps them --- */

X509 *tls_peer_cert(struct conn *c);
X509 *tls_own_cert(struct conn *c);
/* The peer's chain as it was sent, DER, one behind the other; a client's without its own certificate, as OpenSSL has
 * it. Not after a resumption: nothing was sent. */
bool tls_peer_chain(struct conn *c, struct arena *mem, struct str *out);
/* The root that the peer's certificate was verified with. */
X509 *tls_root_cert(struct conn *c);

enum x509_part {
	X509_P_DER,
	X509_P_SERIAL,
	X509_P_SHA1,
	X509_P_KEY_ALG,
	X509_P_SIG_ALG,
	X509_P_NOTBEFORE,
	X509_P_NOTAFTER,
	X509_P_POLICIES,
};
/* Dates as YYMMDDHHMMSSZ; algorithms by OpenSSL's short names; policies joined by ", ". */
bool x509_part(X509 *x, enum x509_part which, struct arena *mem, struct str *out);
/* Kind and size of its key: "RSA2048", "EC256". */
struct str x509_key_words(X509 *x, struct arena *mem);
/* A name in slash form, or one entry ("CN") of it: occ > 0 counts from the front, < 0 from the back, 0: the first.
 * rfc2253: the form of LDAP. */
bool x509_name(const X509_NAME *n, struct str entry, int occ, bool rfc2253, struct arena *mem, struct str *out);

#endif
