/* NetScaler's Client IP header (netscaler-client-ip-insertion-protocol.txt): a magic number that both sides agreed
 * on, lengths, and the IP and TCP headers of the client's last packet of the handshake. Both forms: the old one, and
 * that of NetScaler 10.5 and later, which has a type in front. Without I/O. */
#ifndef WEIR_HTTP_CIP_H
#define WEIR_HTTP_CIP_H

#include <stddef.h>
#include <stdint.h>
#include "weir/base/addr.h"

/* MAGIC: not the magic number. PROTO: no TCP over IPv4 or IPv6, or lengths that contradict each other. */
enum cip_result { CIP_MORE, CIP_DONE, CIP_BAD_MAGIC, CIP_BAD_PROTO };

#define CIP_HDR_MAX 512		/* longer headers are refused; the greatest IP and TCP headers make 120 bytes */

/* Reads a header from the first bytes of a connection. DONE: *used bytes were the header. What is wrong is refused as
 * soon as it can be seen. */
enum cip_result cip_read(const char *p, size_t n, uint32_t magic, struct addr *src, struct addr *dst, size_t *used);

#endif
