#include "weir/net/conn_err.h"

#include <errno.h>
#include "weir/base/assert.h"

struct err_row {
	int code;
	const char *token, *text;
};

static const struct err_row rows[CERR_COUNT] = {
	[CERR_NONE] = { 0, "none", "Success" },
	[CERR_MAXCONN] = { 1, "maxconn", "Reached configured maxconn value" },
	[CERR_NO_FD] = { 2, "process-descriptors", "Too many sockets on the process" },
	[CERR_NO_SYS_FD] = { 3, "system-descriptors", "Too many sockets on the system" },
	[CERR_NO_BUFS] = { 4, "system-buffers", "Out of system buffers" },
	[CERR_FAMILY] = { 5, "address-family", "Protocol or address family not supported" },
	[CERR_SOCK] = { 6, "socket", "General socket error" },
	[CERR_PORT_RANGE] = { 7, "source-port-range", "Source port range exhausted" },
	[CERR_BIND] = { 8, "source-bind", "Can't bind to source address" },
	[CERR_NO_PORT] = { 9, "source-ports", "Out of local source ports on the system" },
	[CERR_ADDR_IN_USE] = { 10, "source-in-use", "Local source address already in use" },
	[CERR_PROXY_EMPTY] = { 11, "proxy-closed", "Connection closed while waiting for PROXY protocol header" },
	[CERR_PROXY_ABORT] = { 12, "proxy-aborted", "Connection error while waiting for PROXY protocol header" },
	[CERR_PROXY_TIMEOUT] = { 13, "proxy-timeout", "Timeout while waiting for PROXY protocol header" },
	[CERR_PROXY_CUT] = { 14, "proxy-truncated", "Truncated PROXY protocol header received" },
	[CERR_PROXY_BAD] = { 15, "proxy-not",
		"Received something which does not look like a PROXY protocol header" },
	[CERR_PROXY_LOCAL_BAD] = { 16, "proxy-invalid", "Received an invalid PROXY protocol header" },
	[CERR_PROXY_PROTO] = { 17, "proxy-protocol", "Received an unhandled protocol in the PROXY protocol header" },
	[CERR_TLS_EMPTY] = { 24, "tls-closed", "Connection closed during SSL handshake" },
	[CERR_TLS_ABORT] = { 25, "tls-aborted", "Connection error during SSL handshake" },
	[CERR_TLS_TIMEOUT] = { 26, "tls-timeout", "Timeout during SSL handshake" },
	[CERR_TLS_MAXCONN] = { 27, "tls-maxconn", "Too many SSL connections" },
	[CERR_TLS_MEMORY] = { 28, "tls-memory", "Out of memory when initializing an SSL connection" },
	[CERR_TLS_RENEG] = { 29, "tls-renegotiation", "Rejected a client-initiated SSL renegotiation attempt" },
	[CERR_TLS_CA] = { 30, "tls-client-ca", "SSL client CA chain cannot be verified" },
	[CERR_TLS_VERIFY] = { 31, "tls-client-certificate", "SSL client certificate not trusted" },
	[CERR_TLS_CERT_MISMATCH] = { 32, "tls-server-certificate",
		"Server presented an SSL certificate different from the configured one" },
	[CERR_TLS_CERT_UNEXPECTED] = { 33, "tls-server-name",
		"Server presented an SSL certificate different from the expected one" },
	[CERR_TLS_HANDSHAKE] = { 34, "tls-handshake", "SSL handshake failure" },
	[CERR_TLS_EARLY] = { 38, "tls-early-data", "Server refused early data" },
	[CERR_SOCKS4_SEND] = { 39, "socks4-write", "SOCKS4 Proxy write error during handshake" },
	[CERR_SOCKS4_RECV] = { 40, "socks4-read", "SOCKS4 Proxy read error during handshake" },
	[CERR_SOCKS4_DENY] = { 41, "socks4-denied", "SOCKS4 Proxy deny the request" },
	[CERR_SOCKS4_ABORT] = { 42, "socks4-aborted", "SOCKS4 Proxy handshake aborted by server" },
	[CERR_SOCKS4] = { 42, "socks4", "SOCKS4 Proxy handshake aborted by server" },
	[CERR_TLS_FATAL] = { 43, "tls-fatal", "SSL fatal error" },
	[CERR_TIMEOUT] = { 6, "connect-timeout", "General socket error" },
	[CERR_REFUSED] = { 46, "connect-refused", "ECONNREFUSED returned by OS" },
	[CERR_RESET] = { 47, "reset", "ECONNRESET returned by OS" },
	[CERR_UNREACH] = { 48, "unreachable", "ENETUNREACH returned by OS" },
	[CERR_PIPE] = { 56, "broken-pipe", "EPIPE returned by OS" },
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
