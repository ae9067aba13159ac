/* Reading answers from the configuration: errorfile, http-error, and the arguments of return, deny, tarpit. */
#ifndef WEIR_MODEL_REPLY_H
#define WEIR_MODEL_REPLY_H

#include "weir/model/proxy.h"

/* A whole HTTP/1 answer from a file ("/dev/null": silence). NULL: err set. */
struct reply *reply_from_file(struct arena *mem, struct str path, int status, size_t max, struct load_err *err);
/* Bytes that a file may have: a buffer. */
struct tune;
size_t reply_file_max(const struct tune *t);
/* Is there a page for it without anything being said? */
bool reply_is_handled(int status);
/* Words of an answer from *at on: [status N] [content-type T] [default-errorfiles | errorfile F | errorfiles N | file
 * F | lf-file F | string S | lf-string S] [hdr N F]* up to if/unless or the end. default_status: without `status`
 * (`deny_status` is taken as `status`). set, what: the rule's (RS_HTTP_REQ, "return"), for messages; set 0: no rule.
 * Names of http-errors sections stay in errors_name until resolved. NULL: err set. */
struct reply *reply_parse(struct xscope *sc, uint32_t set, const char *what, int default_status,
			  const struct str *w, int n, int *at, struct load_err *err);

#endif
