/* The runtime API about certificates: certificates, authorities, revocation lists, crt-lists, OCSP, ticket keys. */
#ifndef WEIR_FEATURE_CERTS_CERTS_H
#define WEIR_FEATURE_CERTS_CERTS_H

#include "weir/ctl/ctl.h"

extern const struct ctl_row certs_file_rows[];	/* ... ssl cert, ca-file, crl-file */
extern const struct ctl_row certs_list_rows[];	/* ... ssl crt-list, sni, ocsp-response, tls-keys */

#endif
