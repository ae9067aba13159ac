/* One `log` line, as conf_log.c reads it and send.c uses it. */
#ifndef WEIR_LOG_PRIV_H
#define WEIR_LOG_PRIV_H

#include "weir/log/log.h"

#define LOG_LEN_DEFAULT 1024
#define LOG_LEN_MIN 80
#define LOG_LEN_MAX 65535

/* Pieces of a header, in the order of the format's row. */
enum log_piece {
	LP_END, LP_PRI, LP_LEVEL,	/* <facility and level>, <level> */
	LP_DATE, LP_ISO,		/* "Nov  3 10:04:46 ", "2026-11-23T10:04:48.606080+00:00 " */
	LP_HOST, LP_HOST5424,
	LP_TAG_PID,			/* "haproxy[12]: " */
	LP_5424,			/* "1 " behind the priority */
	LP_TAG_PID_SD,			/* "haproxy 12 - [sd] " */
};
struct log_format {
	const char *name;
	uint8_t pieces[7];
	const char *help;
};
extern const struct log_format log_formats[];
extern const size_t log_formats_n;

struct log_range { unsigned lo, hi; };	/* 1-based, both included */

/* What changes while the configuration is sealed. */
struct log_state {
	uint64_t lines;			/* atomic: lines offered to a sampling target */
	int fd;				/* descriptor opened for this target alone, or -1 */
	uint32_t how;			/* atomic, enum log_how */
	struct ring *ring;		/* found at the first line; atomic */
};
enum log_how { HOW_UNKNOWN, HOW_ASKING, HOW_SOCKET, HOW_OWN, HOW_POLL, HOW_PLAIN };

struct log_target {
	struct list link;
	struct addr to;			/* datagram target, or unset */
	int fd;				/* fd@N, stdout, stderr, or -1 */
	bool stream;			/* `to` is spoken to over a connection: by a ring made for it */
	const char *file;
	int line;
	struct str ring;		/* name behind ring@, or empty */
	struct str backend;		/* name behind backend@, or empty */
	const struct log_outlet *outlet;	/* of that backend */
	struct str profile_name;
	const struct log_profile *profile;	/* or NULL */
	unsigned maxlen;		/* of the whole line, end of line included */
	const struct log_format *format;	/* NULL: local, or rfc3164 with log-send-hostname */
	unsigned facility, level, minlevel;
	struct log_range *ranges;	/* sorted, NULL: no sampling */
	unsigned nranges, period;
	struct log_state *state;
};

struct iovec;
/* --- datagram.c --- */
/* One datagram, or one write where the descriptor is a stream's socket. As send(). */
ssize_t log_send_now(int fd, const struct iovec *iov, int n);
/* Keeps a copy of the line until the end of this thread's turn. False: that is not done here, send it now. */
bool log_datagram_later(const struct addr *to, const char *line, size_t n);

struct kw_call;
/* The next word as an address into t->to or t->fd. False: an error was reported. */
bool log_take_address(struct kw_call *k, struct log_target *t);

struct log_head {			/* what a header is made of */
	const struct log_target *t;
	const struct log_list *global;
	enum log_level level;
	struct str tag, sd;
};
/* Writes the header in front of the text. */
void log_put_head(struct sbuf *out, const struct log_head *h);
void log_head_forget(void);		/* the process id changed */

#endif
