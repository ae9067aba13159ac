/* `observe`: when exchanges saw too many errors in a row, the server is judged as if a check had failed, and checks
 * hurry. What exchanges saw comes by mail to the thread of the server's check. */
#include "check_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include "weir/base/pool.h"

struct report {
	struct mail mail;
	struct check *check;
	char text[96];
};

/* The health from which one failure more does what `on-error` wants. */
static void lower_health(struct srv *s)
{
	unsigned health = atom_get(&s->health);

	if (s->line->on_error == ONERR_SUDDEN_DEATH && health > s->rise)
		atom_set(&s->health, s->rise + 1);
	else if (s->line->on_error == ONERR_MARK_DOWN && health >= s->rise)
		atom_set(&s->health, s->rise);
}

static void hurry(struct check *c)
{
	unsigned fast = c->srv->line->check.fastinter;
	uint64_t at = loop_ms() + fast;

	if (fast && timer_armed(&c->next) && c->next.at > at)
		timer_set(&c->next, fast);
}

static void on_report(struct mail *m)
{
	struct report *rep = container_of(m, struct report, mail);
	struct check *c = rep->check;
	struct chk_result r = { .status = CHK_HANA, .took_ms = CHK_NO_TIME };

	if (c->srv->check_on && !(c->srv->admin & SRV_ADM_MAINT)) {
		if (c->srv->line->on_error != ONERR_FASTINTER) {
			lower_health(c->srv);
			snprintf(r.info, sizeof(r.info), "%s", rep->text);
			chk_judge_server(c, &r);
		}
		hurry(c);
	}
	free(rep);
}

void check_too_many_errors(struct srv *s, const char *text)
{
	struct check *c = s->check;
	struct report *rep;

	if (!c || c->thread < 0)
		return;
	rep = mem_alloc(sizeof(*rep));
	*rep = (struct report){ .mail.deliver = on_report, .check = c };
	snprintf(rep->text, sizeof(rep->text), "%s", text);
	mail_send(c->thread, &rep->mail);
}
