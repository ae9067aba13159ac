/* The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt): header reader and writer, without I/O. */
#ifndef WEIR_HTTP_PROXY_PROTO_H
#define WEIR_HTTP_PROXY_PROTO_H

#include <stdbool.h>
#include <stdint.h>
#include "weir/base/addr.h"
#include "weir/base/sbuf.h"

#define PROXY_V1_MAX 107		/* a line of version 1 with its CRLF */
#define PROXY_V2_FIXED 16		/* what stands before the addresses in version 2 */
#define PROXY_HDR_MAX 16384		/* longer headers are refused */

enum proxy_tlv_type {
	PROXY_TLV_ALPN = 0x01, PROXY_TLV_AUTHORITY = 0x02, PROXY_TLV_CRC32C = 0x03, PROXY_TLV_NOOP = 0x04,
	PROXY_TLV_UNIQUE_ID = 0x05, PROXY_TLV_SSL = 0x20, PROXY_TLV_NETNS = 0x30,
	/* inside PROXY_TLV_SSL */
	PROXY_SSL_VERSION = 0x21, PROXY_SSL_CN = 0x22, PROXY_SSL_CIPHER = 0x23, PROXY_SSL_SIG_ALG = 0x24,
	PROXY_SSL_KEY_ALG = 0x25,
};
enum { PROXY_CLIENT_SSL = 1, PROXY_CLIENT_CERT_CONN = 2, PROXY_CLIENT_CERT_SESS = 4 };

/* ---- reading ------------------------------------------------------------------------------- */

struct proxy_hdr {
	uint8_t version;	/* 1 or 2 */
	bool local;		/* LOCAL or UNKNOWN: the connection's own addresses count; src and dst are unset */
	bool dgram;
	struct addr src, dst;
	struct str tlvs;	/* version 2, all of them as they came (walked once: they lie inside their bounds) */
};

enum proxy_result { PROXY_MORE, PROXY_DONE, PROXY_BAD };
/* Reads a header from the first bytes of a connection. DONE: *used bytes were the header, h->tlvs points into p (copy
 * them to keep them). BAD: *reason is a stable token; close. What is wrong is refused as soon as it can be seen. */
enum proxy_result proxy_read(const char *p, size_t n, struct proxy_hdr *h, size_t *used, const char **reason);

/* Walks TLVs: *rest starts as h->tlvs (or ssl.subs). */
bool proxy_tlv_next(struct str *rest, uint8_t *type, struct str *value);
/* First one of that type. */
bool proxy_tlv_find(struct str tlvs, uint8_t type, struct str *value);
struct proxy_tlv_ssl {
	uint8_t client;		/* PROXY_CLIENT_* */
	uint32_t verify;	/* 0: the client's certificate was verified */
	struct str subs;
};
bool proxy_tlv_find_ssl(struct str tlvs, struct proxy_tlv_ssl *ssl);

/* ---- writing ------------------------------------------------------------------------------- */

struct proxy_tlv {
	uint8_t type;
	struct str value;
};

struct proxy_say_ssl {
	uint8_t client;
	uint32_t verify;
	struct str version, cn, cipher, sig_alg, key_alg;	/* empty: not said */
};

struct proxy_say {
	const struct addr *src, *dst;		/* NULL or neither IPv4 nor IPv6: LOCAL (UNKNOWN in version 1) */
	const struct proxy_say_ssl *ssl;	/* NULL: not said */
	struct str alpn, authority, unique_id;	/* p = NULL: not said */
	const struct proxy_tlv *custom;		/* in this order, empty values too */
	int ncustom;
	bool crc32c;
};

/* False: b is full. Addresses of two families are both said as IPv6. */
bool proxy_write_v1(struct sbuf *b, const struct addr *src, const struct addr *dst);
/* False: b is full, or the TLVs are longer than 65535 bytes. */
bool proxy_write_v2(struct sbuf *b, const struct proxy_say *s);

#endif
