/* Keywords about TLS. Rows of bind see k->obj as struct tls_bind_words, those of servers as struct tls_server_words,
 * those of global as struct tls_global: the tables are listed with the offset of that struct in the object above. */
#ifndef WEIR_TLS_CONF_TLS_H
#define WEIR_TLS_CONF_TLS_H

#include "weir/conf/kw.h"
#include "weir/tls/words.h"

/* Words that bind and server lines share, as rows of struct tls_common inside both. */
#define TLS_COMMON_KWS 19
extern const struct kw tls_common_kws[TLS_COMMON_KWS];
#define TLS_OPTION_KWS 3
extern const struct kw tls_option_kws[TLS_OPTION_KWS];
/* The same of one side each. */
#define TLS_BIND_OPTION_KWS 9
extern const struct kw tls_bind_option_kws[TLS_BIND_OPTION_KWS];
#define TLS_SERVER_OPTION_KWS 6
extern const struct kw tls_server_option_kws[TLS_SERVER_OPTION_KWS];

#define TLS_BIND_KWS 9
extern const struct kw tls_bind_kws[TLS_BIND_KWS];
#define TLS_SERVER_KWS 7
extern const struct kw tls_server_kws[TLS_SERVER_KWS];
#define TLS_GLOBAL_KWS 45
extern const struct kw tls_global_kws[TLS_GLOBAL_KWS];
#define TLS_STORE_KWS 3
extern const struct kw tls_store_kws[TLS_STORE_KWS];	/* inside a crt-store section */
/* `ssl-f-use crt <file> [<option>...]` of a frontend: adds to the lines. */
bool tls_parse_use(struct kw_call *k, struct tls_line **lines);
/* The first line of one: sets k->ld->obj. */
bool tls_store_begin(struct kw_call *k, struct tls_global *g);

#endif
