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
	struct tls_fault *why;
};

/* A context with these options. NULL: l->why. */
struct tls_site *front_site(struct front_load *l, const struct tls_common *w, struct str alpn);
/* A new entry without certificates, the last of the bind. */
struct tls_entry *front_entry(struct front_load *l, struct tls_site *site);
bool front_entry_add(struct front_load *l, struct tls_entry *e, const struct tls_paths *p);
bool front_entry_load(struct front_load *l, struct tls_entry *e, const struct tls_paths *p);
/* What a `crt` argument or a list's first word means: a file, a bundle, or a name from a crt-store. said: parts named
 * beside it. */
bool front_load_crt(struct front_load *l, struct tls_entry *e, struct str path, const struct tls_paths *said);
bool front_crt_list(struct front_load *l, const struct tls_crt *c);
/* The entry of a line of a list for this bind; not shown yet, in the list's order. file: for messages. NULL: l->why. */
struct tls_entry *front_list_entry(struct front_load *l, struct tls_list_line *line, const char *file);
/* A line of a list, taken apart; text is changed. NULL: l->why; *empty: there is nothing in it. */
struct tls_list_line *front_list_line(struct front_load *l, char *text, const char *file, int line, bool *empty);
void front_list_line_free(struct tls_list_line *line);

#endif
