/* TLS contexts made from the words of a line, and the transports that use them. Contexts are built by the loader and
 * shared by all threads. */
#ifndef WEIR_TLS_CONTEXT_H
#define WEIR_TLS_CONTEXT_H

#include "weir/net/conn.h"
#include "weir/tls/words.h"

/* Why something could not be made: names the file and what is wrong with it. */
struct tls_fault { char text[600]; bool no_cert; /* a bind line that names none */ };

/* Files that were read already during this load: the same certificate on a hundred binds is read once. */
struct tls_files;
struct tls_files *tls_files_create(const struct tls_global *g);
void tls_files_destroy(struct tls_files *f);
/* From here on other threads use what was prepared: changes (tls/store.h) take locks. */
void tls_files_run(struct tls_files *f);

/* Reads certificates and keys and makes the contexts of a bind line (w->ctx, also on failure when part of it could be
 * made). alpn: wire-format list to choose from, or empty. */
bool tls_bind_prepare(struct tls_bind_words *w, struct tls_files *files, struct str alpn, struct tls_fault *why);
bool tls_server_prepare(struct tls_server_words *w, struct tls_files *files, struct str alpn, struct tls_fault *why);
/* Are the files there that a line names, whether it speaks TLS or not? */
bool tls_bind_readable(const struct tls_bind_words *w, const struct tls_global *g, struct tls_fault *why);
bool tls_server_readable(const struct tls_server_words *w, const struct tls_global *g, struct tls_fault *why);
bool tls_front_is_empty(const struct tls_front *t);	/* no certificate, nor one to make any with */
void tls_front_free(struct tls_front *t);		/* NULL is ignored */
void tls_back_free(struct tls_back *t);

/* A thread of its own fetches OCSP answers for certificates with ocsp-update, until the end. Without such certificates
 * nothing is started. */
void tls_ocsp_begin(struct tls_files *f);
void tls_ocsp_end(struct tls_files *f);

/* The first thing with OpenSSL in a process: its memory comes from the threads' pools. */
void tls_begin(void);
/* The end of the process: OpenSSL gives back what it holds, nothing of it can be used any more. */
void tls_end(void);

/* Looks into the session caches of the bind lines so far, and how many of them found nothing. */
void tls_cache_figures(struct tls_files *f, uint64_t *lookups, uint64_t *misses);

/* Puts TLS on a connection: the accepting side. False: out of memory in OpenSSL. The context has to outlive it. */
bool tls_push_front(struct conn *c, struct tls_front *t);
/* The connecting side; sni: name to send and to verify (empty, or an IP address: none is sent). Sessions are resumed
 * per server line and name. */
bool tls_push_back(struct conn *c, struct tls_back *t, struct str sni);
/* Behind tls_push_back: where the server line (allow-0rtt) and the session at hand permit it, the connection opens
 * before the handshake and what is sent first goes as early data; it has to bear being replayed. */
void tls_send_early(struct conn *c);
/* Is the handshake done that a connection overtook with early data? 1, IO_AGAIN, IO_ERR (the connection is broken). */
int tls_confirm(struct conn *c);
/* Behind tls_push_back: names these (wire format; empty: none) instead of what the server line says. */
void tls_offer_alpn(struct conn *c, struct str wire);

#endif
