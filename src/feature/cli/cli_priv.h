/* A connection to the runtime API. */
#ifndef WEIR_CLI_PRIV_H
#define WEIR_CLI_PRIV_H

#include "weir/base/obj.h"
#include "weir/base/sbuf.h"
#include "weir/ctl/ctl.h"
#include "weir/net/conn.h"

#define CLI_LINE_MAX (16 * 1024)
#define CLI_PAYLOAD_MAX (1024 * 1024)
#define CLI_WORDS_MAX 128
#define CLI_OUT_HIGH (32 * 1024)	/* a command is not called again while this much waits to be sent */
#define CLI_TIMEOUT_MS 10000

/* ---- what was received, cut into commands ---- */
struct cli_input {
	struct sbuf buf;
	size_t at;			/* consumed */
	bool eof;
	bool in_line;			/* a command of this line was taken, more of it follows */
};
enum cli_next {
	CLI_NEXT_NONE,			/* not complete yet; with eof: nothing more */
	CLI_NEXT_COMMAND,
	CLI_NEXT_PAYLOAD,		/* the command is complete but for its payload: not consumed */
	CLI_NEXT_TOO_LONG,
};
struct cli_words {
	struct str w[CLI_WORDS_MAX];
	int n;
	struct str payload;
	bool last;			/* nothing follows on the same line */
};
/* The next command, its words (without backslashes) in mem. */
enum cli_next cli_input_next(struct cli_input *in, struct cli_words *out, struct arena *mem);
/* Is there anything left to take? */
bool cli_input_pending(const struct cli_input *in);

/* ---- the connection ---- */
#define CLI_MAGIC OBJ_MAGIC('c', 'l', 'i', ' ')
enum cli_state { CLI_READING, CLI_RUNNING, CLI_ENDING /* flush, then shut */, CLI_LINGERING };
struct cli {
	uint32_t magic;
	uint8_t state;			/* enum cli_state */
	bool prompt, timed, interactive;
	bool expert, experimental, master;
	bool expose_fd;
	bool no_line_feed;		/* the answer ends without one */
	bool line_done;			/* the line's last command was answered */
	int payload_lines;		/* of those that are here already, for each the prompt was shown */
	uint8_t level, prefix;
	int target;			/* master: process id that commands without a prefix go to, 0: the master */
	bool waiting;			/* CTL_WAIT */
	bool woken;			/* while the command ran: it does not wait after all */
	uint64_t timeout_ms;
	uint64_t started_us;		/* of the process, for the timed prompt */
	struct list link;		/* of its thread's */
	struct conn *conn;
	struct cli_input in;
	struct sbuf out;
	size_t sent;
	struct arena mem;		/* of the command that runs */
	struct ctl_req req;
	struct cli_words words;
	const struct ctl_row *row;
	struct timer wait;		/* CTL_WAIT */
	struct task more;		/* goes on in the next turn */
};
/* Master: takes care of @ in front of the words. True: the command is another process's, run `cli_relay_row`.
 * Otherwise, with words left, it is the master's own; without words it was about the target only. */
bool cli_relay_wanted(struct cli *c);
extern const struct ctl_row cli_relay_row;
struct cli *cli_create(struct conn *c, enum ctl_level level, enum ctl_prefix prefix);
static inline struct cli *cli_of(struct ctl_req *r) { return r->conn; }

#endif
