/* The rows of this floor, for boot/builtin.c: fetches, converters, actions, commands, keywords. */
#ifndef WEIR_EXPR_ROWS_H
#define WEIR_EXPR_ROWS_H

#include "weir/conf/kw.h"
#include "weir/ctl/ctl.h"
#include "weir/expr/rule.h"
#include "weir/expr/sample.h"

#define FETCH_INTERN_ROWS 24
#define FETCH_HEAD_ROWS 20
#define FETCH_HDR_ROWS 26
#define FETCH_COOK_ROWS 16
#define FETCH_PARAM_ROWS 10
#define FETCH_AUTH_ROWS 6
#define FETCH_PAYLOAD_ROWS 15
#define FETCH_HELLO_ROWS 15
extern const struct fetch_row fetch_head_rows[FETCH_HEAD_ROWS];		/* start lines */
extern const struct fetch_row fetch_hdr_rows[FETCH_HDR_ROWS];		/* fields */
extern const struct fetch_row fetch_cook_rows[FETCH_COOK_ROWS];		/* cookies */
extern const struct fetch_row fetch_param_rows[FETCH_PARAM_ROWS];	/* parameters and bodies */
extern const struct fetch_row fetch_auth_rows[FETCH_AUTH_ROWS];		/* credentials */
extern const struct fetch_row fetch_payload_rows[FETCH_PAYLOAD_ROWS];	/* bytes in buffers */
extern const struct fetch_row fetch_hello_rows[FETCH_HELLO_ROWS];	/* TLS hellos in buffers */
extern const struct fetch_row fetch_intern_rows[FETCH_INTERN_ROWS];	/* the process, literals, variables */

#define ACT_MSG_ROWS 7
#define ACT_BIN_ROWS 3
#define ACT_URI_ROWS 9
#define ACT_VAR_ROWS 3
#define ACT_MAP_ROWS 4
extern const struct action_row act_msg_rows[ACT_MSG_ROWS];	/* fields, status, strict-mode */
extern const struct action_row act_bin_rows[ACT_BIN_ROWS];	/* fields in binary lists */
extern const struct action_row act_uri_rows[ACT_URI_ROWS];	/* target and method */
extern const struct action_row act_var_rows[ACT_VAR_ROWS];	/* variables */
extern const struct action_row act_map_rows[ACT_MAP_ROWS];	/* maps and ACL files */

#define CONV_VAR_ROWS 2
#define CONV_MAP_ROWS 38
extern const struct conv_row conv_var_rows[CONV_VAR_ROWS];	/* set-var, unset-var */
extern const struct conv_row conv_map_rows[CONV_MAP_ROWS];	/* maps */

extern const struct ctl_row ctl_pat_rows[], ctl_var_rows[];	/* ended by a row without name */

/* What the process knows about itself and this floor has to ask for. Set once by boot, before any thread; until then
 * there is one thread, which is not stopping. */
struct expr_process {
	int (*thread)(void);		/* number of the calling thread */
	bool (*stopping)(void);
};
void expr_set_process(const struct expr_process *p);

#endif
