/* Why an exchange ended: HAProxy's termination letters and a stable token, in one table. The token is what the log
 * (%[txn.reason]), the counters and the debugging tools show. */
#ifndef WEIR_STREAM_TERM_H
#define WEIR_STREAM_TERM_H

/* First letter of %ts: who ended it. */
enum term_who {
	TERM_NONE = '-',
	TERM_CLIENT = 'C',
	TERM_SERVER = 'S',
	TERM_PROXY = 'P',
	TERM_LOCAL = 'L',
	TERM_RESOURCE = 'R',
	TERM_INTERNAL = 'I',
	TERM_DOWN = 'D',
	TERM_UP = 'U',
	TERM_KILL = 'K',
	TERM_CLI_TO = 'c',
	TERM_SRV_TO = 's'
};
/* Second letter: in which phase. */
enum term_when {
	TERM_AT_NONE = '-',
	TERM_AT_REQUEST = 'R',
	TERM_AT_QUEUE = 'Q',
	TERM_AT_CONNECT = 'C',
	TERM_AT_HEADERS = 'H',
	TERM_AT_DATA = 'D',
	TERM_AT_LAST = 'L',
	TERM_AT_TARPIT = 'T'
};

enum term_reason {
	TR_NONE,
	TR_CLIENT_ABORT,
	TR_CLIENT_TIMEOUT,
	TR_BAD_REQUEST,
	TR_REQUEST_TIMEOUT,
	TR_RULE,
	TR_TARPIT,
	TR_RETURN,
	TR_REDIRECT,
	TR_NO_SERVER,
	TR_QUEUE_FULL,
	TR_QUEUE_TIMEOUT,
	TR_CONNECT_REFUSED,
	TR_CONNECT_TIMEOUT,
	TR_CONNECT_ERROR,
	TR_SERVER_TIMEOUT,
	TR_SERVER_CLOSED_BEFORE_HEADERS,
	TR_SERVER_RESET,
	TR_BAD_RESPONSE,
	TR_SERVER_CLOSED_IN_BODY,
	TR_UNASKED_101,
	TR_REWRITE_FULL,
	TR_INTERNAL,
	TR_KILLED,
	TR_SERVER_DOWN,
	TR_RESOURCE,
	TR_TUNNEL_TIMEOUT,
	TR_UPGRADE_FAILED,
	TR_COUNT,
};
const char *term_token(enum term_reason r);

#endif
