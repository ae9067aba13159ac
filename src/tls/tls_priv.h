/* Shared by the files of the tls floor. */
#ifndef SRC_TLS_TLS_PRIV_H
#define SRC_TLS_TLS_PRIV_H

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "weir/base/atomic.h"
#include "weir/base/chunk.h"
#include "weir/base/hmap.h"
#include "weir/loop/loop.h"
#include "weir/tls/context.h"
#include "weir/tls/info.h"

/* --- files (pem.c, files.c) --- */

/* A certificate with its key and chain. Immutable after load. */
struct tls_cert {
	X509 *leaf;
	EVP_PKEY *key;
	STACK_OF(X509) *chain;		/* what is sent behind the leaf */
	EVP_PKEY *dh;			/* DH parameters found beside them, or NULL */
	unsigned char *ocsp;		/* DER of an answer to staple, or NULL */
	size_t ocsp_len;
	char *path;			/* where it was read */
};

/* Where the parts of a certificate are; what is NULL is looked for beside crt. */
struct tls_paths { const char *crt, *key, *ocsp, *issuer; };

struct tls_files {
	const struct tls_global *g;
	struct hmap certs;		/* path -> struct tls_cert * */
	struct hmap stores;		/* CA and CRL files -> X509_STORE * */
};

void tls_fault_set(struct tls_fault *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The oldest error in OpenSSL's queue in words; empties the queue. */
const char *tls_error(char *buf, size_t size);
void tls_cert_free(struct tls_cert *c);
/* NULL: fault. */
struct tls_cert *tls_cert_load(const struct tls_paths *p, const struct tls_global *g, struct tls_fault *f);
/* The same, once for each path. Belongs to files. */
struct tls_cert *tls_files_cert(struct tls_files *f, const struct tls_paths *p, struct tls_fault *why);
/* Trusted authorities and revocation lists (empty: none). Belongs to files. */
X509_STORE *tls_files_store(struct tls_files *f, struct str ca, struct str ca_verify, struct str crl,
			    struct tls_fault *why);
/* path below base, unless it is absolute or begins with '@'; in malloc'd memory. */
char *tls_path(struct str path, struct str base);
/* Names that a client certificate's issuer may have, for the handshake: those of a ca-file. */
STACK_OF(X509_NAME) *tls_ca_names(const char *path);

/* --- what both sides share (common.c) --- */

/* Versions, ciphers, curves, signature algorithms, verification. */
bool tls_common_apply(SSL_CTX *ctx, const struct tls_common *w, bool server, struct tls_files *files,
		      struct tls_fault *f);
bool tls_cert_use(SSL_CTX *ctx, const struct tls_cert *c, struct tls_fault *f);
int tls_version_number(enum tls_version v);	/* 0x0303 ..., 0: any */
int tls_verify_mode(const struct tls_common *w, bool server);
bool tls_errs_has(const struct tls_errs *e, int err);
/* What verification stumbled on or passed over is noted in the connection. */
int tls_verify_callback(int ok, X509_STORE_CTX *store);

/* --- the accepting side (front.c, names.c, hello.c, tickets.c) --- */

/* A context: the bind's own, or that of a crt-list line with options. */
struct tls_site {
	struct tls_site *next;
	SSL_CTX *ctx;
	struct tls_common c;
	unsigned char *alpn;		/* list to choose from, wire format */
	unsigned alpn_len;
	char *text;			/* what strings of c may point into, or NULL */
};

#define TLS_KINDS 3			/* RSA, ECDSA, others: what a name can have at once */
/* One crt argument or crt-list line. */
struct tls_entry {
	struct tls_site *site;
	struct tls_cert *certs[TLS_KINDS];	/* by kind, first one given: see tls_cert_kind */
	const char *path;		/* as named in the configuration or the list */
	int line;			/* of the list, or 0 */
};
enum { TLS_KIND_RSA, TLS_KIND_EC, TLS_KIND_OTHER };
int tls_cert_kind(const struct tls_cert *c);

/* Who answers to a name, in the order of declaration. */
struct tls_named { struct tls_named *next; struct tls_entry *entry; bool neg; };

struct tls_names {
	struct hmap exact, wild;	/* lower case -> struct tls_named *; wildcards by what follows the star */
};
/* name: "example.com", "*.example.com", "!no.example.com", any case. */
void tls_names_add(struct tls_names *n, struct str name, struct tls_entry *e);
/* The subject and alternative names of a certificate. */
void tls_names_add_cert(struct tls_names *n, const struct tls_cert *c, struct tls_entry *e);
/* Calls fn for each entry that answers to name (lower case): exact ones, or else wildcards. False: none. */
bool tls_names_find(const struct tls_names *n, struct str name, void (*fn)(struct tls_entry *e, void *arg), void *arg);
void tls_names_fini(struct tls_names *n);

struct tls_tickets;
struct tls_tickets *tls_tickets_load(const char *path, struct tls_fault *f);
void tls_tickets_apply(SSL_CTX *ctx);
void tls_tickets_free(struct tls_tickets *t);

struct tls_signer;
/* NULL: fault. */
struct tls_signer *tls_signer_load(struct str path, struct str pass, struct tls_fault *f);
/* Shows a certificate for the name that the client asks for. */
bool tls_signer_use(struct tls_signer *s, SSL *ssl);
void tls_signer_free(struct tls_signer *s);

struct tls_front {
	struct tls_site *base, *sites;	/* sites: all, base included */
	struct tls_entry **entries;
	size_t n;
	struct tls_names names;
	struct tls_tickets *tickets;
	struct tls_signer *signer;	/* generate-certificates, or NULL */
	bool strict;
	bool early;			/* some site takes early data */
	size_t capture;			/* bytes of a ClientHello to keep */
};
/* Acknowledges the name, so that sessions remember it. */
int tls_on_name(SSL *ssl, int *alert, void *arg);
/* Choice of the certificate, first thing in a handshake, and its use when it is needed. */
int tls_on_hello(SSL *ssl, int *alert, void *arg);
int tls_on_cert(SSL *ssl, void *arg);

/* --- the connecting side (back.c) --- */

#define TLS_SESSIONS 256		/* names remembered per server line and thread */
struct tls_saved { SSL_SESSION *session; char name[64]; };
struct tls_back {
	SSL_CTX *ctx;
	struct tls_common c;
	bool reuse;
	char *verifyhost;
	struct tls_saved *saved[THR_MAX];	/* tables of TLS_SESSIONS, each its thread's */
};

/* --- a connection (transport.c) --- */

struct tls_hello {
	uint16_t version;
	uint64_t ciphers_hash;
	struct str parts[TLS_H_PARTS];	/* in data */
	size_t size;
	char data[];
};
struct tls_secrets { char *hex[TLS_K_COUNT]; };

struct tls {
	struct transport t;
	SSL *ssl;
	struct conn *c;
	struct tls_front *front;	/* one of the two */
	struct tls_back *back;
	const struct tls_common *words;	/* that apply to it: site or server */
	struct tls_entry *entry;	/* front: chosen, NULL: the default */
	struct tls_entry *more[TLS_KINDS];	/* others with the same name, by kind of certificate */
	bool open, eof;
	bool verified;			/* the peer showed a certificate in this handshake */
	bool early_got;			/* early data came */
	bool early_on, early_over;	/* front: early data are looked for; no more will come */
	bool unconfirmed;		/* open, but the handshake goes on */
	struct spanq *early;		/* early data not taken yet (at most TLS_EARLY_MAX), or NULL */
	bool met;			/* bytes came from the peer */
	unsigned long ssl_err;		/* OpenSSL's code of a failed handshake */
	struct spanq out;		/* encrypted, not yet in the kernel */
	size_t owed;			/* plain bytes in `out` that were not yet reported as sent */
	uint8_t crt_err, ca_err, ca_depth;	/* X509_V_ERR_ of the leaf, of an authority and how far up; 0: none */
	struct tls_hello *hello;	/* kept parts, or NULL */
	struct tls_secrets *secrets;
	char *sni;			/* back: name asked for, never NULL; private to back.c */
};
/* What a client may send before the handshake is done. */
#define TLS_EARLY_MAX 15360
struct tls *tls_of(const SSL *ssl);
int tls_early_read(struct tls *t);
/* Moves what came early to buf; t->early is not NULL. */
size_t tls_early_take(struct tls *t, char *buf, size_t n);
void tls_early_free(struct tls *t);
/* Goes on with the handshake of a connection that opened on early data: 1 done, IO_AGAIN, IO_ERR (ERR queue set). */
int tls_early_advance(struct tls *t);
/* Keeps parts of the ClientHello that is being read, `size` bytes in all. */
void tls_hello_keep(struct tls *t, size_t size);
void tls_on_keylog(const SSL *ssl, const char *line);
void tls_kept_free(struct tls *t);
void tls_back_end(struct tls *t);
void tls_back_begin(struct tls *t, struct str sni);
/* The handshake is done: is it the server that was meant? False: conn_fail was called. */
bool tls_back_check(struct tls *t);

#endif
