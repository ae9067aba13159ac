/* Server lines that come while running (`add server`). */
#ifndef WEIR_MODEL_DYNAMIC_H
#define WEIR_MODEL_DYNAMIC_H

#include "weir/base/sbuf.h"
#include "weir/model/proxy.h"

/* Parses "<address>[:<port>] [<word>...]" for a new server of p, with no default-server's words, and gets it ready to
 * be used, in memory of its own. `track` is left to the caller (a name in line->track), and so is the number when it is
 * 0. It is not put into p's list: no other thread may run, or none look at p's files of TLS. NULL: why is in `said`. */
struct server_line *server_line_add(struct proxy *p, struct str name, const struct str *w, int n, struct sbuf *said);
/* A line of server_line_add that nobody uses any more. */
void server_line_free(struct server_line *line);

#endif
