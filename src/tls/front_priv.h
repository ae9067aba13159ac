/* Loading what a bind line shows: shared by front.c and crt_list.c. */
#ifndef SRC_TLS_FRONT_PRIV_H
#define SRC_TLS_FRONT_PRIV_H

#include <openssl/pem.h>

#include "tls_priv.h"

struct front_load {
	struct tls_front *front;
	struct tls_files *files;
	const struct tls_bind_words *words;
	struct str alpn;		/* of the bind, wire format */
	struct hmap seen;		/* options of crt-list lines -> struct tls_site * */
	struct tls_fault *why;
};

/* A context with these options. NULL: l->why. */
struct tls_site *front_site(struct front_load *l, const struct tls_common *w, struct str alpn);
/* A new entry without certificates. */
struct tls_entry *front_entry(struct front_load *l, struct tls_site *site, const char *path, int line);
bool front_entry_add(struct front_load *l, struct tls_entry *e, const struct tls_paths *p);
bool front_entry_load(struct front_load *l, struct tls_entry *e, const struct tls_paths *p);
/* The certificates' own names. */
void front_entry_names(struct front_load *l, struct tls_entry *e);
/* What a `crt` argument or a list's first word means: a file, a bundle, or a name from a crt-store. key, ocsp: files
 * named beside it, or NULL. */
bool front_load_crt(struct front_load *l, struct tls_entry *e, struct str path, const char *key, const char *ocsp);
bool front_crt_list(struct front_load *l, struct str path);

#endif
