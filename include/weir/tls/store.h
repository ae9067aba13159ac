/* Certificates, authorities, revocation lists, crt-lists, OCSP answers and ticket keys of a running generation, as
 * commands see and change them. Any thread may call; changes come one at a time. What runs goes on: a connection keeps
 * the certificate that it shows, new handshakes see the new one.
 *
 * Replacing takes two steps: parts are put into the one pending change (of each kind), then it is committed. */
#ifndef WEIR_TLS_STORE_H
#define WEIR_TLS_STORE_H

#include "weir/base/arena.h"
#include "weir/base/sbuf.h"
#include "weir/tls/context.h"

enum tls_store_kind { TLS_STORE_CERT, TLS_STORE_CA, TLS_STORE_CRL, TLS_STORE_KINDS };

/* Names, sorted; the pending change first. */
void tls_store_list(struct tls_files *f, enum tls_store_kind kind, struct sbuf *out);
/* One of them; name "*x": as the pending change has it. index: of one certificate or list, 0: all. False: unknown. */
bool tls_store_show(struct tls_files *f, enum tls_store_kind kind, struct str name, int index, struct arena *mem,
		    struct sbuf *out);
/* An empty one. False: there is one already. */
bool tls_store_new(struct tls_files *f, enum tls_store_kind kind, struct str name);
/* False: why. */
bool tls_store_del(struct tls_files *f, enum tls_store_kind kind, struct str name, struct tls_fault *why);
/* Puts the payload into the pending change. A name with ".key", ".ocsp", ".issuer" or ".sctl" behind that of a
 * certificate is that part of it (.ocsp and .sctl in base64). add: to the certificates of a CA file that are there.
 * *changed: name that the change is about, in mem; *created: it has begun with this. */
bool tls_store_set(struct tls_files *f, enum tls_store_kind kind, struct str name, struct str payload, bool add,
		   struct arena *mem, struct str *changed, bool *created, struct tls_fault *why);
/* *uses: in how many places it is in force now. */
bool tls_store_commit(struct tls_files *f, enum tls_store_kind kind, struct str name, unsigned *uses,
		      struct tls_fault *why);
bool tls_store_abort(struct tls_files *f, enum tls_store_kind kind, struct str name, struct tls_fault *why);

/* crt-lists: their names, or the lines of one (numbers: with their place). False: unknown. */
bool tls_store_show_list(struct tls_files *f, struct str name, bool numbers, struct sbuf *out);
/* A line as in the file, or the name of a certificate alone. *crt: the certificate's name, in mem. */
bool tls_store_add_line(struct tls_files *f, struct str list, struct str line, struct arena *mem, struct str *crt,
			struct tls_fault *why);
/* crt: "name" or "name:line"; the line is cut off. */
bool tls_store_del_line(struct tls_files *f, struct str list, struct str *crt, struct tls_fault *why);
/* Who answers to which name: bind lines, names and certificates. */
void tls_store_show_sni(struct tls_files *f, struct str front, bool by_front, struct sbuf *out);

/* OCSP: identifiers of all answers, or one in words. False: unknown. */
bool tls_store_show_ocsp(struct tls_files *f, struct str id_or_path, struct arena *mem, struct sbuf *out);
/* DER of one, in mem. */
bool tls_store_ocsp_der(struct tls_files *f, struct str id_or_path, struct arena *mem, struct str *der);
bool tls_store_set_ocsp(struct tls_files *f, struct str der, struct tls_fault *why);

/* What ocsp-update has done and will do; or does it now. False: nothing is to be fetched for that certificate. */
void tls_store_show_updates(struct tls_files *f, struct sbuf *out);
bool tls_store_update_ocsp(struct tls_files *f, struct str name);

/* Ticket keys: ref "" for the list of files, "*" for all keys, "#<id>" or a file. False: unknown. */
bool tls_store_show_keys(struct tls_files *f, struct str ref, struct sbuf *out);
enum tls_key_set { TLS_KEY_SET, TLS_KEY_NO_FILE, TLS_KEY_BAD, TLS_KEY_SIZE };
enum tls_key_set tls_store_set_key(struct tls_files *f, struct str ref, struct str base64);

#endif
