/* Socket addresses of every family that weir speaks. */
#ifndef WEIR_BASE_ADDR_H
#define WEIR_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "weir/base/str.h"

struct addr {
	socklen_t len;		/* 0: unset */
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
};

#define ADDR_TEXT_MAX 128
#define ADDR_IP4_TEXT 16	/* with room for a NUL */
static inline bool addr_isset(const struct addr *a) { return a->len != 0; }
static inline int addr_family(const struct addr *a) { return a->len ? a->sa.sa_family : AF_UNSPEC; }
void addr_set4(struct addr *a, const void *ip4, uint16_t port);
void addr_set6(struct addr *a, const void *ip6, uint16_t port);
/* Path; abstract when `abstract` (abns pads with NUL to the whole length, abnsz does not). False: too long. */
bool addr_set_unix(struct addr *a, struct str path, bool abstract, bool padded);
uint16_t addr_port(const struct addr *a);		/* host order, 0 for unix */
void addr_set_port(struct addr *a, uint16_t port);
/* Literal IPv4 or IPv6 (brackets allowed) without port. */
bool addr_parse_ip(struct addr *a, struct str text);
/* An IPv4 address (network order) in dotted form, without a NUL; how long it is. */
size_t addr_ip4_text(const void *ip4, char buf[ADDR_IP4_TEXT]);
/* IP text without port; "unix" for unix sockets. */
struct str addr_ip_text(const struct addr *a, char buf[ADDR_TEXT_MAX]);
/* ip:port, [ip6]:port in HAProxy's form, or the unix path (abns@...). */
struct str addr_text(const struct addr *a, char buf[ADDR_TEXT_MAX]);
/* Same family, address and port (unix: path). */
bool addr_eq(const struct addr *a, const struct addr *b);
/* Same address, any port. */
bool addr_ip_eq(const struct addr *a, const struct addr *b);
/* Is the wildcard address (0.0.0.0, ::)? */
bool addr_is_any(const struct addr *a);

/* A network: address + prefix length. IPv4 is compared with v4-mapped IPv6 too. */
struct addr_net {
	int family;
	int bits;
	unsigned char ip[16];
};
bool addr_net_parse(struct addr_net *n, struct str text); /* 10.0.0.0/8, 10.0.0.0/255.0.0.0, ::1/128, bare address */
bool addr_net_has(const struct addr_net *n, const struct addr *a);

#endif
