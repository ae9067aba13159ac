/* Counters and facts as rows: one row is one field of show info, show stat, the statistics page and Prometheus. The
 * writers print rows in the forms that HAProxy's tools read. */
#ifndef WEIR_CTL_COUNTER_H
#define WEIR_CTL_COUNTER_H

#include <stdint.h>
#include "weir/base/arena.h"
#include "weir/base/sbuf.h"
#include "weir/base/str.h"

enum cnt_type { CNT_EMPTY, CNT_S32, CNT_U32, CNT_S64, CNT_U64, CNT_STR, CNT_FLT };
struct cnt_val {
	uint8_t type;			/* enum cnt_type */
	union {
		uint64_t u;
		int64_t i;
		double f;
		struct str s;
	};
};

/* Whose fields: letter of typed output. */
enum cnt_kind { CNT_FRONTEND = 'F', CNT_BACKEND = 'B', CNT_SERVER = 'S', CNT_LISTENER = 'L', CNT_PROCESS = 'P' };

struct cnt_row {
	const char *name;		/* "scur" */
	/* Origin, nature and scope as typed output has them: "MGP" = metric, gauge, process. */
	const char *tags;
	const char *help;
	const char *metric;		/* Prometheus name without "haproxy_<kind>_", or NULL: not exported */
	/* Fills *out (CNT_EMPTY on entry: left so where the field has no meaning for that kind). mem: for texts. */
	void (*get)(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem);
	int priv;
	uint8_t flags;			/* CNT_F_* */
};
enum {
	CNT_F_DETAIL = 1,		/* of the configuration: not for the level `user` */
	CNT_F_MS = 2,			/* milliseconds; a metric shows seconds */
	CNT_F_PLAIN = 8,		/* of a backend it is a plain gauge, "MGP", whatever the tags say */
	CNT_F_COUNTER = 4,		/* a metric calls it a counter whatever the tags say */
};
/* Upper half of cnt_row.priv: the kinds of object that have the field (a metric then shows NaN where it is
 * empty). The lower half is the getter's. */
enum { CNT_FE = 1 << 16, CNT_BE = 2 << 16, CNT_SRV = 4 << 16, CNT_LI = 8 << 16 };
static inline int cnt_kind_bit(enum cnt_kind kind)
{
	return kind == CNT_FRONTEND ? CNT_FE : kind == CNT_BACKEND ? CNT_BE : kind == CNT_SERVER ? CNT_SRV : CNT_LI;
}
/* Rows of several origins in one order: those of `base` first; a row of `more` (NULL-ended array of arrays)
 * that has the name of an earlier one gives it its getter, other rows follow behind. All arrays end by name ==
 * NULL; so does the result, which is on the heap. */
struct cnt_row *cnt_merge(const struct cnt_row *base, const struct cnt_row *const *more, size_t *n);

static inline void cnt_u32(struct cnt_val *v, uint64_t u)
{
	*v = (struct cnt_val){ .type = CNT_U32, .u = (uint32_t)u };
}
static inline void cnt_u64(struct cnt_val *v, uint64_t u)
{
	*v = (struct cnt_val){ .type = CNT_U64, .u = u };
}
static inline void cnt_s32(struct cnt_val *v, int64_t i)
{
	*v = (struct cnt_val){ .type = CNT_S32, .i = i };
}
static inline void cnt_flt(struct cnt_val *v, double f)
{
	*v = (struct cnt_val){ .type = CNT_FLT, .f = f };
}
static inline void cnt_str(struct cnt_val *v, struct str s)
{
	*v = (struct cnt_val){ .type = CNT_STR, .s = s };
}

/* The value as text ("" when empty). Floats: as short as they can be, at most 6 digits behind the point. */
void cnt_put_value(struct sbuf *out, const struct cnt_val *v);
/* The same as a CSV field: quoted when it holds a comma, a quote or a line end. */
void cnt_put_csv(struct sbuf *out, const struct cnt_val *v);
/* "MGP:u32:3", without a line end. */
void cnt_put_typed(struct sbuf *out, const struct cnt_row *row, const struct cnt_val *v);
/* {"field":{"pos":2,"name":"qcur"},"processNum":1,"tags":{...},"value":{...}}; `before`: members in front, or empty. */
void cnt_put_json(struct sbuf *out, const struct cnt_row *row, int pos, struct str before, const struct cnt_val *v);

#endif
