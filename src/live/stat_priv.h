/* Getters of the columns. The upper half of a row's number says which kinds of object have the column, the lower
 * which figure it is. */
#ifndef WEIR_LIVE_STAT_PRIV_H
#define WEIR_LIVE_STAT_PRIV_H

#include "weir/live/stats.h"

enum { NAME_PROXY, NAME_OBJECT };
enum { QUEUE_NOW, QUEUE_MAX, QUEUE_LIMIT };
enum { SESS_NOW, SESS_MAX, SESS_LIMIT };
enum { SRV_WEIGHT, SRV_ACTIVE, SRV_BACKUPS, SRV_USER_WEIGHT, SRV_THROTTLE };
enum { AGE_CHANGE, AGE_DOWN, AGE_SESSION };
enum { ID_PROCESS, ID_PROXY, ID_OBJECT, ID_TYPE };
enum { TEXT_TRACKED, TEXT_ADDR, TEXT_COOKIE, TEXT_MODE, TEXT_ALGO, TEXT_PROTO };
enum { RATE_NOW = 0, RATE_MOST = 16, RATE_LIMIT = 32 };	/* and enum rate */
enum { POOL_IDLE, POOL_UNSAFE, POOL_SAFE, POOL_USED, POOL_NEED, POOL_LIMIT };

/* The counter behind a row of stat_counter: a listener's sessions are all connections that it took. */
static inline enum cnt stat_which(int priv, enum cnt_kind kind)
{
	return (priv & 0xffff) == C_SESS && kind == CNT_LISTENER ? C_CONN : (enum cnt)(priv & 0xffff);
}

typedef void cnt_get_f(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem);
cnt_get_f stat_name, stat_queue, stat_sessions, stat_counter, stat_http, stat_other, stat_status, stat_server_figure,
	stat_age, stat_ids, stat_text, stat_rate, stat_average, stat_longest, stat_pool, stat_summed;

#endif
