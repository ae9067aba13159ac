/* Converters that are pure functions of their input, arguments and variables: arrays of rows for
 * boot/builtin.c. */
#ifndef WEIR_EXPR_CONV_H
#define WEIR_EXPR_CONV_H

#include "weir/expr/sample.h"

#define CONV_INT_ROWS 15
#define CONV_TEXT_ROWS 12
#define CONV_FIELD_ROWS 4
#define CONV_BYTES_ROWS 7
#define CONV_ENC_ROWS 8
#define CONV_HASH_ROWS 8
#define CONV_CRYPTO_ROWS 9
#define CONV_X509_ROWS 1
#define CONV_ADDR_ROWS 4
#define CONV_FORWARDED_ROWS 4
#define CONV_DATE_ROWS 7
#define CONV_PROTOBUF_ROWS 2
#define CONV_MQTT_ROWS 2
#define CONV_FIX_ROWS 2
#define CONV_DEBUG_ROWS 1
#define CONV_PACKET_ROWS 28

extern const struct conv_row conv_int_rows[CONV_INT_ROWS];		/* arithmetic and bits */
extern const struct conv_row
	conv_text_rows[CONV_TEXT_ROWS]; /* case, trimming, joining, comparing, regsub */
extern const struct conv_row
	conv_field_rows[CONV_FIELD_ROWS]; /* pieces between delimiters, language */
extern const struct conv_row conv_bytes_rows[CONV_BYTES_ROWS]; /* bytes and their figures */
extern const struct conv_row conv_enc_rows[CONV_ENC_ROWS];		/* base64, URL, JSON */
extern const struct conv_row conv_hash_rows[CONV_HASH_ROWS]; /* hashes for tables and balancing */
extern const struct conv_row
	conv_crypto_rows[CONV_CRYPTO_ROWS]; /* digests, HMAC, AES (libcrypto) */
extern const struct conv_row conv_x509_rows[CONV_X509_ROWS];
/* "X509_V_ERR_CERT_HAS_EXPIRED" to its number. False: no such name. */
bool x509_err_number(struct str name, int64_t *out);
extern const struct conv_row conv_addr_rows[CONV_ADDR_ROWS]; /* addresses, hosts, domains */
extern const struct conv_row
	conv_forwarded_rows[CONV_FORWARDED_ROWS]; /* the Forwarded header, RFC 7239 */
extern const struct conv_row conv_date_rows[CONV_DATE_ROWS];
extern const struct conv_row conv_protobuf_rows[CONV_PROTOBUF_ROWS];
extern const struct conv_row conv_mqtt_rows[CONV_MQTT_ROWS];
extern const struct conv_row conv_fix_rows[CONV_FIX_ROWS];
extern const struct conv_row conv_packet_rows[CONV_PACKET_ROWS]; /* Ethernet, IP, TCP */
extern const struct conv_row conv_debug_rows[CONV_DEBUG_ROWS];

/* Where debug() writes besides stdout and stderr: rings, which a floor above knows by name. */
struct debug_sink {
	bool (*exists)(struct str name);
	void (*write)(struct str name, struct str line);	/* any thread; line without its end */
};
/* Set once by boot before any load; without it only "buf0" exists, and what goes there is lost. */
void conv_set_debug_sink(const struct debug_sink *s);

#endif
