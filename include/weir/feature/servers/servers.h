/* The runtime API about servers, frontends and exchanges in progress. */
#ifndef WEIR_FEATURE_SERVERS_SERVERS_H
#define WEIR_FEATURE_SERVERS_SERVERS_H

#include "weir/conf/diag.h"
#include "weir/ctl/ctl.h"
#include "weir/model/conf.h"

/* Server-state files, as the configuration asks for; behind live_adopt and check_adopt, before threads. */
void servers_load_states(const struct conf *c, struct diag *d);

extern const struct ctl_row server_show_rows[];	/* show servers ..., show backend, get weight */
extern const struct ctl_row server_set_rows[];	/* set server, enable/disable server, set weight ... */
extern const struct ctl_row server_dyn_rows[];	/* add server, del server, wait */
extern const struct ctl_row error_rows[];	/* show errors, set rate-limit */
extern const struct ctl_row server_cookie_rows[]; /* enable/disable dynamic-cookie, set dynamic-cookie-key */
extern const struct ctl_row frontend_rows[];	/* enable/disable/shutdown frontend, set maxconn */
extern const struct ctl_row session_rows[];	/* show sess, shutdown session(s) */

#endif
