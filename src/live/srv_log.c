/* What is said when a server changes: lines in HAProxy's words, to the `log` lines of its backend. */
#include "weir/live/live.h"
#include "live_priv.h"

#include "weir/base/sbuf.h"

void srv_say_begin(struct srv_say *y, const struct srv *s)
{
	y->text = sbuf_fixed(y->mem, sizeof(y->mem));
	sbuf_printf(&y->text, "%sServer " STR_FMT "/" STR_FMT " ", s->line->flags & SRV_BACKUP ? "Backup " : "",
		    STR_ARG(s->px->name), STR_ARG(s->name));
}

static void say(struct px_live *p, enum log_level level, struct str line)
{
	live_px_log(p, level, line);
	if (live_get()->say)
		live_get()->say(level, line);
}

/* Whom it follows, why it changed, and what is left. */
void srv_say_end(struct srv_say *y, struct srv *s, const char *why, enum srv_say_more more, unsigned moved,
		 enum log_level level)
{
	const struct px_live *p = s->px;
	const char *backup = !p->nact && p->nbck ? " Running on backup." : "";
	bool counts = more & SRV_SAY_LEFT;

	if (s->tracks && more & SRV_SAY_VIA)
		sbuf_printf(&y->text, " via " STR_FMT "/" STR_FMT, STR_ARG(s->tracks->px->name),
			    STR_ARG(s->tracks->name));
	if (why && *why)
		sbuf_printf(&y->text, ", %s", why);
	if (counts && (s->state == SRV_ST_STOPPED || s->admin & SRV_ADM_MAINT))
		sbuf_printf(&y->text,
			    ". %u active and %u backup servers left.%s %u sessions active, %u requeued, %u remaining "
			    "in queue", p->nact, p->nbck, backup, atom_get(&s->cnt.cur), moved, atom_get(&s->queued));
	else if (counts)
		sbuf_printf(&y->text,
			    ". %u active and %u backup servers online.%s %u sessions requeued, %u total in queue",
			    p->nact, p->nbck, backup, moved, atom_get(&s->queued));
	sbuf_putc(&y->text, '.');
	say(s->px, level, sbuf_str(&y->text));
}

void srv_say_none_left(struct px_live *p)
{
	const char *kind = p->caps & PR_FE ? "proxy" : "backend";
	char mem[256];
	struct sbuf text = sbuf_fixed(mem, sizeof(mem));

	sbuf_printf(&text, "%s " STR_FMT " has no server available!", kind, STR_ARG(p->name));
	live_px_log(p, LOGL_EMERG, sbuf_str(&text));
	if (!live_get()->say)
		return;
	sbuf_clear(&text);
	sbuf_printf(&text, "%s '" STR_FMT "' has no server available!", kind, STR_ARG(p->name));
	live_get()->say(LOGL_EMERG, sbuf_str(&text));
}
