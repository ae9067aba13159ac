/* What bind, server and global lines say about TLS. Embedded by value in the lines of the model; parsed by
 * tls/conf_*.c; made into contexts by tls/context.h when the whole file was read. */
#ifndef WEIR_TLS_WORDS_H
#define WEIR_TLS_WORDS_H

#include <stdint.h>
#include "weir/base/list.h"
#include "weir/base/str.h"

struct tls_front;	/* tls/context.h */
struct tls_back;

enum tls_verify { TLS_VERIFY_UNSET, TLS_VERIFY_NONE, TLS_VERIFY_OPTIONAL, TLS_VERIFY_REQUIRED };
enum tls_version { TLS_ANY, TLS_SSL3, TLS_10, TLS_11, TLS_12, TLS_13 };
enum tls_option {
	TLS_NO_TICKETS = 1 << 0, TLS_PREFER_CLIENT = 1 << 1, TLS_EARLY_DATA = 1 << 2, TLS_STRICT_SNI = 1 << 3,
	TLS_NO_REUSE = 1 << 4, TLS_GENERATE = 1 << 5, TLS_NO_10 = 1 << 6, TLS_NO_11 = 1 << 7, TLS_NO_12 = 1 << 8,
	TLS_NO_13 = 1 << 9, TLS_NO_CA_NAMES = 1 << 10, TLS_NO_SNI_AUTO = 1 << 11,
	TLS_RENEGOTIATE = 1 << 12,
};
/* Not looked at beside ssl-min-ver and ssl-max-ver. */
#define TLS_NO_VERSIONS (TLS_NO_10 | TLS_NO_11 | TLS_NO_12 | TLS_NO_13)

/* Verification errors to pass over (crt-ignore-err, ca-ignore-err): one bit for each X509_V_ERR_ number. */
#define TLS_ERRS 128
struct tls_errs { uint64_t bits[TLS_ERRS / 64]; };

/* Words that both sides share. Texts live in the generation's arena, with a NUL behind them. */
struct tls_common {
	struct str ciphers, ciphersuites, curves, ecdhe, sigalgs, client_sigalgs;
	struct str ca_file, ca_verify_file, crl_file;
	struct tls_errs crt_ignore, ca_ignore;
	uint8_t min, max;		/* enum tls_version, TLS_ANY: not said */
	uint8_t verify;			/* enum tls_verify */
	unsigned options;		/* enum tls_option */
	unsigned said;			/* options that this line switched on or off: defaults do not touch them */
};

/* A line of the configuration that stands for one of a crt-list: ssl-f-use. */
struct tls_line { struct tls_line *next; struct str text; const char *file; int line; };
/* One `crt` or `crt-list` argument, in the order written. */
struct tls_crt {
	struct tls_crt *next;
	struct str path;
	bool list;
	const struct tls_line *lines;	/* the list's, when it is not a file */
};

struct tls_bind_words {
	bool on;			/* `ssl` */
	struct tls_common c;
	struct tls_crt *crts;		/* newest last */
	struct str ca_sign_file, ca_sign_pass, ticket_keys;
	int8_t ocsp_update;		/* 1 on, -1 off, 0 not said */
	const char *owner, *file;	/* frontend and place of the line */
	int line;
	struct tls_front *ctx;		/* once the file was read; released with the generation */
};

struct tls_server_words {
	bool on;			/* `ssl` */
	bool off;			/* `no-ssl` was written */
	struct tls_common c;
	struct str crt, verifyhost;
	struct str sni_text;		/* `sni`: expression as written */
	const char *sni_file;		/* and where */
	int sni_line;
	void *sni;			/* struct expr *, compiled by the model */
	struct tls_back *ctx;
};

/* One `load` line of a crt-store section, or an entry made from it. */
struct tls_store_crt {
	struct tls_store_crt *next;
	struct str store, alias;	/* names: "@store/alias"; store empty: the nameless one */
	struct str crt, key, ocsp, issuer, sctl, update;
	struct str crt_base, key_base;	/* where relative paths begin */
	const char *file;
	int line;
};

enum tls_extra {
	TLS_EXTRA_KEY = 1,
	TLS_EXTRA_OCSP = 2,
	TLS_EXTRA_ISSUER = 4,
	TLS_EXTRA_BUNDLE = 8,
	TLS_EXTRA_SCTL = 16,
	TLS_EXTRA_ALL = 31
};

/* global: ssl-default-*, crt-base ..., tune.ssl.*. The defaults are copied into a line when it was parsed. */
struct tls_global {
	struct tls_common bind, server;
	struct str crt_base, ca_base, key_base, dh_file, issuers_path, ocsp_proxy;
	unsigned ocsp_min, ocsp_max;	/* s between updates */
	unsigned cachesize, lifetime;	/* sessions; seconds */
	unsigned dh_bits, capture, max_record, signer_cache;
	uint8_t security_level;		/* + 1; 0: OpenSSL's default */
	unsigned extra;			/* enum tls_extra */
	bool server_verify_none, key_log, private_cache, skip_self_issued, del_ext, ocsp_update,
		no_cert_compression, ocsp_disable;
	struct tls_store_crt *store;
};

void tls_global_init(struct tls_global *g);
/* What a line did not say itself comes from the ssl-default-* lines before it. */
void tls_bind_words_defaults(struct tls_bind_words *w, const struct tls_global *g);
void tls_server_words_defaults(struct tls_server_words *w, const struct tls_global *g);

#endif
