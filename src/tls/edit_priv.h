/* Shared by the files that change what is running. */
#ifndef SRC_TLS_EDIT_PRIV_H
#define SRC_TLS_EDIT_PRIV_H

#include "tls_priv.h"
#include "weir/tls/store.h"

struct tls_pending {
	char *name[TLS_STORE_KINDS];	/* what is being changed, or NULL */
	struct tls_cert *cert;		/* its next parts */
	struct tls_pem *pem[TLS_STORE_KINDS];
};
struct tls_pending *tls_pending_of(struct tls_files *f);
void tls_pending_drop(struct tls_pending *p, enum tls_store_kind kind);

static inline enum tls_pem_kind tls_pem_kind(enum tls_store_kind kind)
{
	return kind == TLS_STORE_CA ? TLS_PEM_CA : TLS_PEM_CRL;
}

#endif
