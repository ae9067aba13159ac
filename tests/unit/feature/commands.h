/* Commands of the runtime API without a connection, run to their end on this thread. */
#ifndef TESTS_UNIT_FEATURE_COMMANDS_H
#define TESTS_UNIT_FEATURE_COMMANDS_H

#include "tests/unit/unit.h"

#include "weir/ctl/ctl.h"
#include "weir/loop/loop.h"

static inline void command_woken(struct ctl_req *r)
{
	(void)r;
}

/* What it says; commands that wait do so in turns of the loop, which must have been entered for them. */
static inline const char *say_with(const char *line, const char *payload, enum ctl_level level)
{
	static struct str w[64];
	static struct sbuf out;
	struct arena mem;
	struct ctl_req r = { .w = w, .out = &out, .mem = &mem, .level = level, .wake = command_woken };
	struct str rest = str_c(line);
	const struct ctl_row *row;
	enum ctl_result how;

	arena_init(&mem, 4096);
	sbuf_fini(&out);
	out = sbuf_grow();
	if (payload)
		r.payload = str_c(payload);
	while (rest.p)
		w[r.n++] = str_cut(&rest, ' ');
	for (how = ctl_run(&r, &row); how == CTL_MORE || how == CTL_WAIT; how = row->run(&r))
		if (how == CTL_WAIT)
			loop_turn((int)r.wait_ms);
	arena_fini(&mem);
	return sbuf_z(&out);
}

static inline const char *say(const char *line, enum ctl_level level)
{
	return say_with(line, NULL, level);
}

/* By an administrator, with exactly this answer; the line feed at its end need not be written. */
static inline void answers(const char *line, const char *text)
{
	const char *got = say(line, CTL_ADMIN);
	size_t n = strlen(text);

	ck_assert_msg(!strncmp(got, text, n) && (!got[n] || !strcmp(got + n, "\n")), "%s\nsays: %s", line, got);
}

#endif
