/* Watching traffic instead of checks alone (`observe`): errors in a row count, and the limit acts as `on-error` says.
 * What acts is the module of checks; it is told by the ops left in struct live. */
#include "weir/live/live.h"

#include <stdio.h>

enum verdict { IGNORED, BAD, GOOD };
static const struct seen_row {
	const char *text;
	uint8_t verdict[2];	/* layer4, layer7 */
} rows[] = {
	[SEEN_CONNECTED] = { "L4 successful connection", { GOOD, IGNORED } },
	[SEEN_NOT_CONNECTED] = { "L4 unsuccessful connection", { BAD, BAD } },
	[SEEN_ANSWER] = { "Correct http response", { IGNORED, GOOD } },
	[SEEN_FAILURE] = { "Wrong http response", { IGNORED, BAD } },
	[SEEN_GARBAGE] = { "Invalid http response (headers)", { IGNORED, BAD } },
	[SEEN_RESET] = { "Read error (http)", { IGNORED, BAD } },
	[SEEN_LATE] = { "Read timeout (http)", { IGNORED, BAD } },
	[SEEN_CLOSE] = { "Close from server (http)", { IGNORED, BAD } },
};

void srv_observed(struct srv *s, enum srv_seen what)
{
	const struct server_line *l = s->line;
	const struct live *live = live_get();
	unsigned limit = l->error_limit ? l->error_limit : OBSERVE_LIMIT, n;
	enum verdict v;
	char text[96];

	OBJ_CHECK(s, SRV_MAGIC);
	if (!s->check_on || !live->too_many_errors)
		return;
	v = rows[what].verdict[l->observe == OBSERVE_LAYER7];
	if (v == GOOD && atom_get(&s->errors))
		atom_set(&s->errors, 0);
	if (v != BAD)
		return;
	n = atom_add(&s->errors, 1) + 1;
	if (n < limit)
		return;
	atom_set(&s->errors, 0);
	cnt_add(&s->cnt, C_FAILED_HANA, 1);
	snprintf(text, sizeof(text), "Detected %u consecutive errors, last one was: %s", n, rows[what].text);
	live->too_many_errors(s, text);
}
