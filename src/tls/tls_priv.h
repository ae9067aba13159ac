/* Shared by the files of the tls floor. */
#ifndef SRC_TLS_TLS_PRIV_H
#define SRC_TLS_TLS_PRIV_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>

#include "weir/base/atomic.h"
#include "weir/base/chunk.h"
#include "weir/base/hmap.h"
#include "weir/base/list.h"
#include "weir/loop/loop.h"
#include "weir/tls/context.h"
#include "weir/tls/info.h"

/* --- certificates (pem.c, cert.c) --- */

/* A certificate with its key and chain, counted: connections keep the one they show. Once complete nothing of it
 * changes but the answer to staple, which is read and replaced under the lock of struct tls_files. */
struct tls_cert {
	uint32_t refs;			/* atomic */
	X509 *leaf;
	EVP_PKEY *key;
	STACK_OF(X509) *chain;		/* what is sent behind the leaf; before tls_cert_complete the leaf is in it */
	X509 *issuer;			/* as far as known, or NULL */
	EVP_PKEY *dh;			/* DH parameters found beside them, or NULL */
	unsigned char *ocsp;		/* DER of an answer to staple, or NULL */
	size_t ocsp_len;
	bool wants_ocsp;		/* there is a place for one: a file (perhaps empty), or updates */
	unsigned char *ocsp_id;		/* DER of the CertID that answers are about; NULL: the issuer is not known */
	size_t ocsp_id_len;
	unsigned char *sctl;		/* SignedCertificateTimestampList (RFC 6962, section 3.3), or NULL */
	size_t sctl_len;
	char *path;			/* where it was read, for messages */
};

/* Where the parts of a certificate are; what is NULL is looked for beside crt. */
struct tls_paths {
	const char *name;		/* of the certificate: path, or "@store/alias"; NULL: crt */
	const char *crt, *key, *ocsp, *issuer, *sctl;
	int8_t update;			/* ocsp-update: 1 on, -1 off, 0 not said */
};

void tls_fault_set(struct tls_fault *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The oldest error in OpenSSL's queue in words; empties the queue. */
const char *tls_error(char *buf, size_t size);
/* Around each call: what it leaves in the queue is what it had to say. To look is cheaper than to clear. */
static inline void tls_clear_errors(void)
{
	if (ERR_peek_error())
		ERR_clear_error();
}

/* An empty one: parts are put into it, then it is completed. */
struct tls_cert *tls_cert_create(const char *path);
struct tls_cert *tls_cert_ref(struct tls_cert *c);	/* NULL is passed through */
void tls_cert_unref(struct tls_cert *c);
/* Parts from memory; `from` is the file for messages. The PEM may hold certificates, a key, DH parameters. */
bool tls_cert_take_pem(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f);
bool tls_cert_take_key(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f);
bool tls_cert_take_issuer(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f);
bool tls_cert_take_ocsp(struct tls_cert *c, struct str der, const char *from, struct tls_fault *f);
bool tls_cert_take_sctl(struct tls_cert *c, struct str bytes, const char *from, struct tls_fault *f);
/* The parts of `from` that `to` does not have: a change that replaces some of them. */
void tls_cert_inherit(struct tls_cert *to, const struct tls_cert *from);
/* Finds the leaf, its issuer, the rest of the chain; checks that the parts belong together. */
bool tls_cert_complete(struct tls_cert *c, struct tls_files *files, struct tls_fault *f);
/* From files. NULL: fault. */
struct tls_cert *tls_cert_load(const struct tls_paths *p, struct tls_files *files, struct tls_fault *f);
/* Is this DER a good answer about c? Its times are looked at unless `any_age`. */
bool tls_ocsp_good(const struct tls_cert *c, const unsigned char *der, size_t n, bool any_age, const char *from,
		   struct tls_fault *f);

/* --- files by name (files.c): what the lines of a generation refer to, and what commands may replace --- */

/* A certificate by its name. The lock of tls_files guards `cert` and `entries` once there are threads. */
struct tls_slot {
	char *name;
	struct tls_cert *cert;		/* NULL: announced by `new ssl cert` */
	struct tls_paths p;		/* own memory */
	struct list entries;		/* struct tls_use of bind lines */
	unsigned servers;		/* server lines that show it */
	unsigned version;		/* how often it was replaced since contexts were made */
};

/* A file of authorities and revocation lists. */
enum tls_pem_kind { TLS_PEM_CA, TLS_PEM_CRL, TLS_PEM_KINDS };
struct tls_pem {
	char *name;
	STACK_OF(X509) *certs;
	STACK_OF(X509_CRL) *crls;
	unsigned users;			/* struct tls_trust that it is part of */
};

/* What verification goes by: a ca-file, a ca-verify-file, a crl-file; each may be missing. */
struct tls_trust {
	struct tls_trust *next;
	struct tls_pem *ca, *verify, *crl;
	X509_STORE *store;
	STACK_OF(X509_NAME) *names;	/* that clients are told: those of ca */
	unsigned version;		/* how often it was replaced since contexts were made */
};

/* A crt-list file and its lines. */
struct tls_list { char *name; struct list lines; int last; };
struct tls_list_line {
	struct list link;		/* in tls_list.lines */
	struct list uses;		/* struct tls_entry.list_link: one for each bind line with the list */
	char *crt, *options, *names;	/* options, names: as written, or NULL */
	int line;
};

struct tls_pending;			/* changes that wait for their commit */
struct tls_files {
	const struct tls_global *g;
	pthread_mutex_t edit;		/* one change at a time; guards what handshakes do not read */
	pthread_rwlock_t lock;		/* what they do read: names, certificates of entries, trust, tickets */
	struct hmap slots;		/* name -> struct tls_slot * */
	struct hmap pems[TLS_PEM_KINDS];	/* name -> struct tls_pem * */
	struct hmap lists;		/* name -> struct tls_list * */
	struct hmap tickets;		/* file name -> struct tls_tickets * */
	struct tls_trust *trusts;
	struct tls_front *fronts;
	STACK_OF(X509) *issuers;	/* issuers-chain-path, or NULL */
	struct tls_pending *pending;	/* edit.c */
	struct tls_updater *updater;	/* ocsp_update.c; NULL: nothing to fetch */
	bool running;			/* tls_files_run: changes need the lock */
};

/* The certificate of that name, read at the first time. Belongs to files. NULL: fault; also when the same name comes
 * with other parts than before. */
struct tls_slot *tls_files_slot(struct tls_files *f, const struct tls_paths *p, struct tls_fault *why);
/* By commands: one without a certificate yet; one that nobody uses is forgotten. */
struct tls_slot *tls_slot_create_empty(struct tls_files *f, const char *name);
void tls_slot_destroy(struct tls_files *f, struct tls_slot *s);
/* What verification with these files goes by (empty: none). Belongs to files. */
struct tls_trust *tls_files_trust(struct tls_files *f, struct str ca, struct str ca_verify, struct str crl,
				  struct tls_fault *why);
/* What a word on a bind or server line or in a crt-list means: a file, or a name from a crt-store. said: parts named
 * beside it. */
struct tls_where { struct tls_paths p; char *name, *crt, *key, *ocsp, *issuer, *sctl; };
void tls_where_init(struct tls_where *w, const struct tls_files *f, struct str path, const struct tls_paths *said);
void tls_where_fini(struct tls_where *w);
/* path below base, unless it is absolute or begins with '@'; in malloc'd memory. */
char *tls_path(struct str path, struct str base);
struct tls_pem *tls_pem_create(const char *name);
void tls_pem_free(struct tls_pem *p);
/* Adds what is in text; false: nothing, or something else than certificates and lists. */
bool tls_pem_take(struct tls_pem *p, enum tls_pem_kind kind, struct str text);
/* What t's files hold now. False: OpenSSL refused (why). */
bool tls_trust_build(struct tls_trust *t, struct tls_fault *why);
/* All chains below a directory of issuers. */
STACK_OF(X509) *tls_issuers_load(const char *dir, struct tls_fault *why);
void tls_pending_free(struct tls_pending *p);

/* --- what both sides share (common.c) --- */

/* Versions, ciphers, curves, signature algorithms, verification. */
bool tls_common_apply(SSL_CTX *ctx, const struct tls_common *w, bool server, struct tls_files *files,
		      struct tls_trust **trust, struct tls_fault *f);	/* *trust: NULL without verification */
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
	struct tls_trust *trust;	/* or NULL */
	unsigned char *alpn;		/* list to choose from, wire format */
	unsigned alpn_len;
	char *options;			/* of the crt-list line that it was made for, or NULL */
	char *text;			/* what strings of c may point into, or NULL */
	bool sctl;			/* sends timestamps of certificates that have them */
};

#define TLS_KINDS 3			/* RSA, ECDSA, others: what a name can have at once */
struct tls_entry;
/* That an entry shows the certificate of a slot. */
struct tls_use { struct list link; struct tls_entry *entry; struct tls_slot *slot; };
/* One crt argument or crt-list line. */
struct tls_entry {
	struct tls_entry *next;		/* of the bind line, in the order written */
	unsigned seq;			/* that order */
	struct tls_front *front;
	struct tls_site *site;
	struct tls_use uses[TLS_KINDS];	/* several when a bundle was named */
	int nuses;
	struct tls_cert *certs[TLS_KINDS];	/* what the slots hold, by kind, the first of each; see tls_cert_kind */
	char *names;			/* that a crt-list line gives, cut by blanks; NULL: those of the certificates */
	struct tls_list_line *line;	/* or NULL */
	struct list list_link;		/* in line->uses */
};
enum { TLS_KIND_RSA, TLS_KIND_EC, TLS_KIND_OTHER };
int tls_cert_kind(const struct tls_cert *c);

/* Who answers to a name, in the order of declaration. */
struct tls_named { struct tls_named *next; struct tls_entry *entry; bool neg; };

struct tls_names {
	struct hmap exact, wild;	/* lower case -> struct tls_named *; wildcards by what follows the star */
};
/* An entry answers to nothing any more. */
void tls_names_remove(struct tls_names *n, const struct tls_entry *e);
/* name: "example.com", "*.example.com", "!no.example.com", any case. */
void tls_names_add(struct tls_names *n, struct str name, struct tls_entry *e);
/* The subject and alternative names of a certificate. */
void tls_names_add_cert(struct tls_names *n, const struct tls_cert *c, struct tls_entry *e);
/* Calls fn for each entry that answers to name (lower case): exact ones, or else wildcards. False: none. Under the
 * lock. */
bool tls_names_find(const struct tls_names *n, struct str name, void (*fn)(struct tls_entry *e, void *arg), void *arg);
void tls_names_fini(struct tls_names *n);

struct tls_tickets;
/* Shared by all lines that name the file; belongs to files. */
struct tls_tickets *tls_tickets_load(struct tls_files *files, const char *path, struct tls_fault *f);
void tls_tickets_apply(SSL_CTX *ctx);
void tls_tickets_free(struct tls_tickets *t);

struct tls_signer;
/* NULL: fault. */
struct tls_signer *tls_signer_load(const struct tls_bind_words *w, unsigned keep, struct tls_fault *f);
/* Shows a certificate for the name that the client asks for. */
bool tls_signer_use(struct tls_signer *s, SSL *ssl);
void tls_signer_free(struct tls_signer *s);

struct tls_front {
	struct tls_front *next;		/* of files */
	struct tls_files *files;
	const struct tls_bind_words *words;	/* live as long as the generation */
	struct str alpn;		/* wire format, own memory */
	struct tls_site *base, *sites;	/* sites: all, base included */
	struct tls_entry *entries;	/* the first one is the default */
	struct tls_entry **last;	/* where the next one goes */
	unsigned seq;
	struct tls_names names;
	struct tls_tickets *tickets;
	struct tls_signer *signer;	/* generate-certificates, or NULL */
	bool strict;
	bool early;			/* some site takes early data */
	bool changed;			/* the default is not what the base context was made with */
	size_t capture;			/* bytes of a ClientHello to keep */
};
/* Puts the certificates of its slots and its names into force, or takes the names away. With the lock held for writing
 * once there are threads. */
void tls_entry_show(struct tls_entry *e);
void tls_entry_hide(struct tls_entry *e);
void tls_entry_free(struct tls_entry *e);
/* Acknowledges the name, so that sessions remember it. */
int tls_on_name(SSL *ssl, int *alert, void *arg);
/* Choice of the certificate, first thing in a handshake, and its use when it is needed. */
int tls_on_hello(SSL *ssl, int *alert, void *arg);
int tls_on_cert(SSL *ssl, void *arg);

/* --- the connecting side (back.c) --- */

#define TLS_SESSIONS 256		/* names remembered per server line */
struct tls_saved { SSL_SESSION *session; char name[64]; };
struct tls_back {
	SSL_CTX *ctx;
	struct tls_common c;
	struct tls_files *files;
	struct tls_slot *crt;		/* certificate to show, or NULL */
	struct tls_trust *trust;	/* or NULL */
	bool reuse;
	char *verifyhost;
	unsigned version;		/* of crt and trust, when sessions were saved; atomic */
	pthread_mutex_t lock;		/* of saved */
	struct tls_saved *saved;	/* TLS_SESSIONS of them, once there is one */
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
	struct tls_cert *show[TLS_KINDS];	/* front: chosen for the name, each a reference; all NULL: none */
	bool preset;			/* front: the context has them already */
	bool open, eof;
	bool held;			/* front: `out` has a ticket that goes with the answer */
	bool verified;			/* the peer showed a certificate in this handshake */
	bool early_got;			/* early data came */
	bool early_on, early_over;	/* front: early data are looked for; no more will come. back: may be
					 * sent; no more may be */
	bool unconfirmed;		/* open, but the handshake goes on */
	uint8_t crt_err, ca_err, ca_depth;	/* X509_V_ERR_ of the leaf, of an authority and how far up; 0: none */
	struct spanq *early;		/* front: early data not taken yet (at most TLS_EARLY_MAX), or NULL; back:
					 * what was sent as such, until the server has it for sure */
	struct str early_alpn;		/* back: protocol of the session offered; OpenSSL's memory */
	size_t early_room;		/* back: bytes that may still be sent early */
	unsigned long ssl_err;		/* OpenSSL's code of a failed handshake */
	struct spanq *out;		/* encrypted, not yet in the kernel; NULL: nothing */
	size_t owed;			/* plain bytes in `out` that were not yet reported as sent */
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
/* Back: the session offered takes early data, and some may be sent. */
bool tls_early_may_send(struct tls *t);
/* Encrypts as early data and keeps a copy. False: broken. */
bool tls_early_encrypt(struct tls *t, const char *p, size_t n);
/* The handshake is done: what the server refused is sent again. False: it cannot be (conn_fail was called). */
bool tls_early_settle(struct tls *t);
/* Keeps parts of the ClientHello that is being read, `size` bytes in all. */
void tls_hello_keep(struct tls *t, size_t size);
void tls_on_keylog(const SSL *ssl, const char *line);
void tls_kept_free(struct tls *t);
void tls_back_end(struct tls *t);
void tls_back_begin(struct tls *t, struct str sni);
/* The handshake is done: is it the server that was meant? False: conn_fail was called. */
bool tls_back_check(struct tls *t);

#endif
