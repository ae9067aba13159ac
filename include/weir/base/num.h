/* Numbers and units as the configuration language writes them. */
#ifndef WEIR_BASE_NUM_H
#define WEIR_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>
#include "weir/base/str.h"

/* Whole decimal text or false; a sign is for num_i64 only. */
bool num_u64(struct str s, uint64_t *out);
bool num_i64(struct str s, int64_t *out);

enum num_result { NUM_OK, NUM_BAD, NUM_OVER };

enum time_unit { TIME_US, TIME_MS, TIME_S, TIME_M, TIME_H, TIME_D };
/* "10", "10s", "500us" ... into `out` counted in units of `unit`, rounded up; a bare number is in `dflt`.
 * Over 2147483647 of them is NUM_OVER (out is set where it could be counted). bad: set to the first character that is
 * wrong when NUM_BAD. */
enum num_result num_time(struct str s, enum time_unit dflt, enum time_unit unit, uint64_t *out, const char **bad);
/* "16k", "1m", "2g" (binary). */
enum num_result num_size(struct str s, uint64_t *out, const char **bad);

#endif
