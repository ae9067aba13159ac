#include "weir/net/conn_err.h"

#include <errno.h>
#include "weir/base/assert.h"

struct err_row {
	int code;
	const char *name, *token, *text;
};

static const struct err_row rows[CERR_COUNT] = {
	[CERR_NONE] = { 0, "NONE", "none", "Success" },
	[CERR_MAXCONN] = { 1, "CONF_FDLIM", "maxconn", "Reached configured maxconn value" },
	[CERR_NO_FD] = { 2, "PROC_FDLIM", "process-descriptors", "Too many sockets on the process" },
	[CERR_NO_SYS_FD] = { 3, "SYS_FDLIM", "system-descriptors", "Too many sockets on the system" },
	[CERR_NO_BUFS] = { 4, "SYS_MEMLIM", "system-buffers", "Out of system buffers" },
	[CERR_FAMILY] = { 5, "NOPROTO", "address-family", "Protocol or address family not supported" },
	[CERR_SOCK] = { 6, "SOCK_ERR", "socket", "General socket error" },
	[CERR_PORT_RANGE] = { 7, "PORT_RANGE", "source-port-range", "Source port range exhausted" },
	[CERR_BIND] = { 8, "CANT_BIND", "source-bind", "Can't bind to source address" },
	[CERR_NO_PORT] = { 9, "FREE_PORTS", "source-ports", "Out of local source ports on the system" },
	[CERR_ADDR_IN_USE] = { 10, "ADDR_INUSE", "source-in-use", "Local source address already in use" },
	[CERR_PROXY_EMPTY] = { 11, "PRX_EMPTY", "proxy-closed",
		"Connection closed while waiting for PROXY protocol header" },
	[CERR_PROXY_ABORT] = { 12, "PRX_ABORT", "proxy-aborted",
		"Connection error while waiting for PROXY protocol header" },
	[CERR_PROXY_TIMEOUT] = { 13, "PRX_TIMEOUT", "proxy-timeout",
		"Timeout while waiting for PROXY protocol header" },
	[CERR_PROXY_CUT] = { 14, "PRX_TRUNCATED", "proxy-truncated", "Truncated PROXY protocol header received" },
	[CERR_PROXY_BAD] = { 15, "PRX_NOT_HDR", "proxy-not",
		"Received something which does not look like a PROXY protocol header" },
	[CERR_PROXY_LOCAL_BAD] = { 16, "PRX_BAD_HDR", "proxy-invalid", "Received an invalid PROXY protocol header" },
	[CERR_PROXY_PROTO] = { 17, "PRX_BAD_PROTO", "proxy-protocol",
		"Received an unhandled protocol in the PROXY protocol header" },
	[CERR_CIP_EMPTY] = { 18, "CIP_EMPTY", "cip-closed",
		"Connection closed while waiting for NetScaler Client IP header" },
	[CERR_CIP_ABORT] = { 19, "CIP_ABORT", "cip-aborted",
		"Connection error while waiting for NetScaler Client IP header" },
	[CERR_CIP_TIMEOUT] = { 20, "CIP_TIMEOUT", "cip-timeout",
		"Timeout while waiting for a NetScaler Client IP header" },
	[CERR_CIP_CUT] = { 21, "CIP_TRUNCATED", "cip-truncated", "Truncated NetScaler Client IP header received" },
	[CERR_CIP_MAGIC] = { 22, "CIP_BAD_MAGIC", "cip-magic",
		"Received an invalid NetScaler Client IP magic number" },
	[CERR_CIP_PROTO] = { 23, "CIP_BAD_PROTO", "cip-protocol",
		"Received an unhandled protocol in the NetScaler Client IP header" },
	[CERR_TLS_EMPTY] = { 24, "SSL_EMPTY", "tls-closed", "Connection closed during SSL handshake" },
	[CERR_TLS_ABORT] = { 25, "SSL_ABORT", "tls-aborted", "Connection error during SSL handshake" },
	[CERR_TLS_TIMEOUT] = { 26, "SSL_TIMEOUT", "tls-timeout", "Timeout during SSL handshake" },
	[CERR_TLS_MAXCONN] = { 27, "SSL_TOO_MANY", "tls-maxconn", "Too many SSL connections" },
	[CERR_TLS_MEMORY] = { 28, "SSL_NO_MEM", "tls-memory", "Out of memory when initializing an SSL connection" },
	[CERR_TLS_RENEG] = { 29, "SSL_RENEG", "tls-renegotiation",
		"Rejected a client-initiated SSL renegotiation attempt" },
	[CERR_TLS_CA] = { 30, "SSL_CA_FAIL", "tls-client-ca", "SSL client CA chain cannot be verified" },
	[CERR_TLS_VERIFY] = { 31, "SSL_CRT_FAIL", "tls-client-certificate", "SSL client certificate not trusted" },
	[CERR_TLS_CERT_MISMATCH] = { 32, "SSL_MISMATCH", "tls-server-certificate",
		"Server presented an SSL certificate different from the configured one" },
	[CERR_TLS_CERT_UNEXPECTED] = { 33, "SSL_MISMATCH_SNI", "tls-server-name",
		"Server presented an SSL certificate different from the expected one" },
	[CERR_TLS_HANDSHAKE] = { 34, "SSL_HANDSHAKE", "tls-handshake", "SSL handshake failure" },
	[CERR_TLS_EARLY] = { 38, "SSL_EARLY_FAILED", "tls-early-data", "Server refused early data" },
	[CERR_SOCKS4_SEND] = { 39, "SOCKS4_SEND", "socks4-write", "SOCKS4 Proxy write error during handshake" },
	[CERR_SOCKS4_RECV] = { 40, "SOCKS4_RECV", "socks4-read", "SOCKS4 Proxy read error during handshake" },
	[CERR_SOCKS4_DENY] = { 41, "SOCKS4_DENY", "socks4-denied", "SOCKS4 Proxy deny the request" },
	[CERR_SOCKS4_ABORT] = { 42, "SOCKS4_ABORT", "socks4-aborted", "SOCKS4 Proxy handshake aborted by server" },
	[CERR_SOCKS4] = { 42, "SOCKS4_ABORT", "socks4", "SOCKS4 Proxy handshake aborted by server" },
	[CERR_TLS_FATAL] = { 43, "SSL_FATAL", "tls-fatal", "SSL fatal error" },
	[CERR_TIMEOUT] = { 6, "SOCK_ERR", "connect-timeout", "General socket error" },
	[CERR_REFUSED] = { 46, "ECONNREFUSED", "connect-refused", "ECONNREFUSED returned by OS" },
	[CERR_RESET] = { 47, "ECONNRESET", "reset", "ECONNRESET returned by OS" },
	[CERR_UNREACH] = { 48, "ENETUNREACH", "unreachable", "ENETUNREACH returned by OS" },
	[CERR_PIPE] = { 56, "EPIPE", "broken-pipe", "EPIPE returned by OS" },
};

static const struct err_row *row(enum conn_err e)
{
	WASSERT((unsigned)e < CERR_COUNT && rows[e].text);
	return &rows[e];
}

int conn_err_code(enum conn_err e)
{
	return row(e)->code;
}

const char *conn_err_name(enum conn_err e)
{
	return row(e)->name;
}

const char *conn_err_text(enum conn_err e)
{
	return row(e)->text;
}

const char *conn_err_token(enum conn_err e)
{
	return row(e)->token;
}

enum conn_err conn_err_of_errno(int e)
{
	switch (e) {
	case 0:
		return CERR_NONE;
	case EMFILE:
		return CERR_NO_FD;
	case ENFILE:
		return CERR_NO_SYS_FD;
	case ENOBUFS:
	case ENOMEM:
		return CERR_NO_BUFS;
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
		return CERR_FAMILY;
	case EADDRNOTAVAIL:
	case EAGAIN:		/* connect without a free port; a full backlog of a unix socket */
		return CERR_NO_PORT;
	case EADDRINUSE:
		return CERR_ADDR_IN_USE;
	case ECONNREFUSED:
	case ENOENT:		/* a unix socket that is not there */
		return CERR_REFUSED;
	case ETIMEDOUT:
		return CERR_TIMEOUT;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
		return CERR_UNREACH;
	case ECONNRESET:
	case ECONNABORTED:
		return CERR_RESET;
	case EPIPE:
		return CERR_PIPE;
	}
	return CERR_SOCK;
}
