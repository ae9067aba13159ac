/* Results of checks, as show stat and the logs name them. */
#ifndef WEIR_FEATURE_CHECK_STATUS_H
#define WEIR_FEATURE_CHECK_STATUS_H

#include <stdbool.h>
#include <stdint.h>

enum chk_status {
	CHK_INI, CHK_SOCKERR, CHK_L4OK, CHK_L4TOUT, CHK_L4CON, CHK_L6OK, CHK_L6TOUT, CHK_L6RSP, CHK_L7TOUT, CHK_L7RSP,
	CHK_L7OK, CHK_L7OKC, CHK_L7STS, CHK_PROCERR, CHK_PROCTOUT, CHK_PROCOK, CHK_HANA, CHK_CHECKED, CHK_STATUSES,
};
/* number: HAProxy's, for show servers state. */
struct chk_status_row { const char *token, *text; bool passed; uint8_t number; };
extern const struct chk_status_row chk_statuses[CHK_STATUSES];
/* Statuses that come with a code, be it 0. */
static inline bool chk_has_code(enum chk_status s) { return chk_statuses[s].number >= 15; }

#endif
