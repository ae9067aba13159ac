/* Why a connection failed. One table gives each its number and text in fc_err / bc_err and its token in logs. */
#ifndef WEIR_NET_CONN_ERR_H
#define WEIR_NET_CONN_ERR_H

enum conn_err {
	CERR_NONE, CERR_SOCK, CERR_REFUSED, CERR_TIMEOUT, CERR_UNREACH, CERR_RESET, CERR_NO_FD, CERR_NO_PORT, CERR_BIND,
	CERR_PROXY_EMPTY, CERR_PROXY_ABORT, CERR_PROXY_TIMEOUT, CERR_PROXY_BAD, CERR_PROXY_LOCAL_BAD,
	CERR_SOCKS4, CERR_TLS_EMPTY, CERR_TLS_ABORT, CERR_TLS_TIMEOUT, CERR_TLS_HANDSHAKE,
	CERR_TLS_VERIFY, CERR_TLS_EARLY,
	/* finer ones */
	CERR_NO_SYS_FD, CERR_NO_BUFS, CERR_FAMILY, CERR_PORT_RANGE, CERR_ADDR_IN_USE,
	CERR_PROXY_CUT, CERR_PROXY_PROTO, CERR_SOCKS4_SEND, CERR_SOCKS4_RECV, CERR_SOCKS4_DENY, CERR_SOCKS4_ABORT,
	CERR_TLS_MEMORY, CERR_TLS_RENEG, CERR_TLS_CA, CERR_TLS_CERT_MISMATCH, CERR_TLS_CERT_UNEXPECTED, CERR_TLS_FATAL,
	CERR_MAXCONN, CERR_TLS_MAXCONN, CERR_PIPE,
	CERR_CIP_EMPTY, CERR_CIP_ABORT, CERR_CIP_TIMEOUT, CERR_CIP_CUT, CERR_CIP_MAGIC, CERR_CIP_PROTO,
	CERR_COUNT,
};

int conn_err_code(enum conn_err e);		/* as fc_err prints it */
const char *conn_err_name(enum conn_err e);	/* as fc_err_name prints it: "SSL_HANDSHAKE" */
const char *conn_err_text(enum conn_err e);	/* as fc_err_str prints it */
const char *conn_err_token(enum conn_err e);	/* stable word for logs: "connect-refused" */
/* What an errno of socket, bind, connect, recv or send means. */
enum conn_err conn_err_of_errno(int e);

#endif
