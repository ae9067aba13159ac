/* Commands about the connection itself: how it prompts, what it may do, how answers look. */
#include <stdlib.h>
#include <unistd.h>

#include "cli_priv.h"
#include "weir/base/num.h"
#include "weir/base/version.h"
#include "weir/feature/cli/cli.h"

extern char **environ;

static struct str word(const struct ctl_req *r, int i)
{
	return r->at + i < r->n ? r->w[r->at + i] : STR_NONE;
}

static enum ctl_result cmd_help(struct ctl_req *r)
{
	ctl_help(r, STR("The following commands are valid at this level:\n"), r->w + r->at, r->n - r->at);
	return CTL_DONE;
}

static enum ctl_result cmd_quit(struct ctl_req *r)
{
	return CTL_QUIT;
}

static enum ctl_result prompt_usage(struct ctl_req *r)
{
	return ctl_say(r, CTL_INFO, "Usage: prompt [help | n | i | p | timed]*\n"
	               "   n      non-interactive: the connection closes after the line\n"
	               "   i      interactive: further lines may follow\n"
	               "   p      interactive, with a prompt\n"
	               "   timed  toggles the process's age in the prompt\n"
	               "Without a word: switches between p and n.");
}

/* On the master's CLI a change of mode has no answer, not even an empty line. */
static enum ctl_result mode_changed(struct ctl_req *r)
{
	cli_of(r)->no_line_feed = r->master;
	return CTL_DONE;
}

static enum ctl_result cmd_prompt(struct ctl_req *r)
{
	struct cli *c = cli_of(r);

	if (r->at == r->n)
		c->prompt = c->interactive = !c->prompt;
	for (int i = 0; r->at + i < r->n; i++) {
		struct str w = word(r, i);

		if (str_eq(w, STR("timed"))) {
			c->timed = !c->timed;
			c->prompt = c->interactive = true;
		} else if (str_eq(w, STR("n")) && !c->master) {
			c->prompt = c->interactive = false;
		} else if (str_eq(w, STR("i")) || str_eq(w, STR("p"))) {
			c->interactive = true;
			c->prompt = w.p[0] == 'p';
		} else {
			return prompt_usage(r);
		}
	}
	return mode_changed(r);
}

static enum ctl_result cmd_severity(struct ctl_req *r)
{
	static const char *const words[] = { "none", "number", "string" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eqz(word(r, 0), words[i])) {
			cli_of(r)->prefix = (uint8_t)i;
			return CTL_DONE;
		}
	return ctl_fail(r, "one of 'none', 'number', 'string' is a required argument");
}

static enum ctl_result cmd_timeout(struct ctl_req *r)
{
	uint64_t ms;
	const char *bad;

	if (!str_eq(word(r, 0), STR("cli")))
		return ctl_fail(r, "'set timeout' only supports 'cli'.");
	if (!word(r, 1).n)
		return ctl_fail(r, "Expects an integer value.");
	if (num_time(word(r, 1), TIME_S, TIME_MS, &ms, &bad) != NUM_OK || ms == 0)
		return ctl_fail(r, "Invalid timeout value.");
	cli_of(r)->timeout_ms = ms;
	return CTL_DONE;
}

enum { MODE_EXPERT, MODE_EXPERIMENTAL };

static enum ctl_result cmd_mode(struct ctl_req *r, bool *mode, const char *name)
{
	if (!word(r, 0).n)
		return ctl_say(r, CTL_INFO, "%s is %s", name, *mode ? "ON" : "OFF");
	*mode = str_eq(word(r, 0), STR("on"));
	return mode_changed(r);
}

static enum ctl_result cmd_expert(struct ctl_req *r)
{
	return cmd_mode(r, &cli_of(r)->expert, "expert-mode");
}

static enum ctl_result cmd_experimental(struct ctl_req *r)
{
	return cmd_mode(r, &cli_of(r)->experimental, "experimental-mode");
}

static enum ctl_result cmd_user(struct ctl_req *r)
{
	cli_of(r)->level = CTL_USER;
	return mode_changed(r);
}

static enum ctl_result cmd_operator(struct ctl_req *r)
{
	cli_of(r)->level = CTL_OPERATOR;
	return mode_changed(r);
}

static enum ctl_result cmd_show_level(struct ctl_req *r)
{
	return ctl_say(r, CTL_INFO, "%s", ctl_level_name(r->level));
}

static enum ctl_result cmd_version(struct ctl_req *r)
{
	return ctl_say(r, CTL_INFO, "%s", WEIR_COMPAT_VERSION);
}

static enum ctl_result show_variable(struct ctl_req *r, struct str name)
{
	for (char **e = environ; *e; e++) {
		struct str text = str_c(*e);

		if (text.n > name.n && str_starts(text, name) && text.p[name.n] == '=') {
			sbuf_printf(r->out, "%s\n", *e);
			return CTL_DONE;
		}
	}
	return ctl_fail(r, "Variable not found");
}

static enum ctl_result cmd_env(struct ctl_req *r)
{
	if (word(r, 0).n)
		return show_variable(r, word(r, 0));
	for (char **e = environ; *e; e++)
		sbuf_printf(r->out, "%s\n", *e);
	return CTL_DONE;
}

const struct ctl_row cli_rows[] = {
	{ "help", CTL_USER, cmd_help, "[<command>]", "list matching or all commands", CTL_F_BOTH },
	{ "prompt", CTL_USER, cmd_prompt, "[help | n | i | p | timed]*", "toggle interactive mode with prompt",
	  CTL_F_BOTH },
	{ "quit", CTL_USER, cmd_quit, NULL, "disconnect", CTL_F_BOTH },
	{ "set severity-output", CTL_USER, cmd_severity, "[none|number|string]",
	  "put the severity in front of messages",
	  CTL_F_BOTH },
	{ "set timeout", CTL_USER, cmd_timeout, "cli <delay>",
	  "time without a command after which this connection ends" },
	{ "expert-mode", CTL_ADMIN, cmd_expert, "[on|off]", "allow commands for developers on this connection",
	  CTL_F_BOTH },
	{ "experimental-mode", CTL_ADMIN, cmd_experimental, "[on|off]",
	  "allow experimental commands on this connection",
	  CTL_F_BOTH },
	{ "user", CTL_USER, cmd_user, NULL, "lower the level of this connection to user", CTL_F_BOTH },
	{ "operator", CTL_OPERATOR, cmd_operator, NULL, "lower the level of this connection to operator", CTL_F_BOTH },
	{ "show cli level", CTL_USER, cmd_show_level, NULL, "level of this connection", CTL_F_BOTH },
	{ "show env", CTL_OPERATOR, cmd_env, "[<name>]", "environment variables of the process" },
	{ "show version", CTL_USER, cmd_version, NULL, "version of the process", CTL_F_BOTH },
	{ NULL },
};
