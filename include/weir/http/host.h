/* Host against the authority of the target (RFC 9110 section 7.2, RFC 9112 section 3.2): they name the same place or
 * the request is refused; a port that is the scheme's default is cut, so that rules see one spelling. */
#ifndef WEIR_HTTP_HOST_H
#define WEIR_HTTP_HOST_H

#include "weir/http/fault.h"
#include "weir/http/msg.h"

/* Called by framing_request(). Leaves exactly one Host, or none (HTTP/1.0 with an origin target). What it does:
 *  - several Hosts: equal ones become one, others are refused ("h1-hosts-differ");
 *  - none: made from the authority (MSG_HOST_FROM_URI), else refused in HTTP/1.1 ("h1-no-host");
 *  - bytes no host has, user-info, a port that is no number: refused ("h1-bad-host"); empty is legal with a path;
 *  - absolute target: host (any case) and port must agree, user-info of the target is not compared; a default or empty
 *    port in the target is cut from it and Host is rewritten alike, else Host stays as it came;
 *  - CONNECT: the same, ports 80 and 443 may be missing in Host; the target stays, a default port in Host is cut.
 * unsafe: a Host with strange bytes passes, one that differs is replaced by what the target says. */
bool host_check(struct msg *m, bool unsafe, struct fault *f);

#endif
