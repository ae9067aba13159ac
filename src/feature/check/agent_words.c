/* The language of agents. */
#include "agent.h"

static bool is_break(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

static bool one_of(struct str w, const char *const *words)
{
	for (; *words; words++)
		if (str_ieq(w, str_c(*words)))
			return true;
	return false;
}

static bool is_percent(struct str w)
{
	return w.n > 1 && w.p[0] >= '0' && w.p[0] <= '9' && w.p[w.n - 1] == '%';
}

static void take_word(struct str w, struct agent_says *says)
{
	static const char *const healths[] = { "up", "down", "stopped", "fail", NULL };
	static const char *const admins[] = { "ready", "drain", "maint", NULL };
	struct str maxconn = STR("maxconn:");

	if (one_of(w, healths))
		says->health = w;
	else if (one_of(w, admins))
		says->admin = w;
	else if (is_percent(w))
		says->weight = w;
	else if (w.n >= maxconn.n && str_ieq(str_make(w.p, maxconn.n), maxconn))
		says->maxconn = str_skip(w, maxconn.n);
	else if (!says->unknown.n)
		says->unknown = w;
}

void agent_read(struct str line, struct agent_says *says)
{
	size_t i = 0, from;

	*says = (struct agent_says){ .health = STR_NONE };
	for (;;) {
		while (i < line.n && is_break(line.p[i]))
			i++;
		if (i == line.n)
			return;
		if (line.p[i] == '#')
			break;
		from = i;
		while (i < line.n && !is_break(line.p[i]) && line.p[i] != '#')
			i++;
		take_word(str_make(line.p + from, i - from), says);
	}
	for (i++; i < line.n && is_break(line.p[i]);)
		i++;
	says->remark = str_make(line.p + i, line.n - i);
}
