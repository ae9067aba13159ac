/* Shared by the files with TLS keywords. */
#ifndef SRC_TLS_CONF_PRIV_H
#define SRC_TLS_CONF_PRIV_H

#include "weir/conf/load.h"
#include "weir/tls/conf_tls.h"

/* The next word, or "'kw' : missing <what>". */
bool conf_text(struct kw_call *k, const char *what, struct str *out);
/* The words of ssl-default-*-options up to the end of the line. */
bool conf_options(struct kw_call *k, struct tls_common *c);
/* "TLSv1.2" */
bool conf_version(struct str text, uint8_t *out);

#endif
