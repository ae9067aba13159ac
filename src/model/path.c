/* default-path: where relative names of files begin. While files are read the process stands in that directory; what
 * is read only when all lines are known (certificates, formats with maps) goes there once more, by the file of its
 * line. */
#include "model.h"
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { PATH_CURRENT, PATH_CONFIG, PATH_PARENT, PATH_ORIGIN };
static const char *const modes[] = { "current", "config", "parent", "origin", NULL };


static bool go_beside(const char *file, bool parent)
{
	const char *slash = strrchr(file, '/');
	char dir[PATH_MAX];
	int n = slash ? (int)(slash - file) : 0;

	if (!slash)
		return !parent || chdir("..") == 0;
	snprintf(dir, sizeof(dir), "%.*s%s", n ? n : 1, n ? file : "/", parent ? "/.." : "");
	return chdir(dir) == 0;
}

bool conf_dir_enter(const struct conf *c, const char *file)
{
	if (c->home_fd < 0)
		return true;
	if (fchdir(c->home_fd) != 0)
		return false;
	switch (c->global.path_mode) {
	case PATH_CONFIG:
	case PATH_PARENT:
		return !file || strcmp(file, "-") == 0 || go_beside(file, c->global.path_mode == PATH_PARENT);
	case PATH_ORIGIN:
		return chdir(c->global.default_path.p) == 0;
	}
	return true;
}

bool conf_dir_home(const struct conf *c)
{
	return c->home_fd < 0 || fchdir(c->home_fd) == 0;
}

void conf_dir_leave(struct conf *c)
{
	if (c->home_fd < 0)
		return;
	conf_dir_home(c);
	close(c->home_fd);
	c->home_fd = -1;
}

static bool parse_default_path(struct kw_call *k)
{
	struct global *g = k->obj;
	struct conf *c = kw_conf(k);
	int mode = kw_choice(kw_peek(k), modes);

	if (mode < 0)
		return kw_err(k, k->at,
			      "%s default-path mode '" STR_FMT "' for '%s', supported modes include 'current', "
			      "'config', 'parent', and 'origin'.",
			      kw_peek(k).n ? "unsupported" : "missing", STR_ARG(kw_peek(k)), k->kw->name);
	k->at++;
	if (mode == PATH_ORIGIN && !kw_peek(k).n)
		return kw_err(k, k->at, "'%s origin' expects a directory as an argument.", k->kw->name);
	if (c->home_fd < 0)
		c->home_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g->path_mode = (uint8_t)mode;
	if (mode == PATH_ORIGIN)
		g->default_path = k->w[k->at++];
	if (conf_dir_enter(c, k->file))
		return true;
	return kw_err(k, k->at - 1, "couldn't set '%s' to %s '" STR_FMT "': %s.", k->kw->name, modes[mode],
		      STR_ARG(mode == PATH_ORIGIN ? g->default_path : str_c(k->file)), strerror(errno));
}

const struct kw model_path[MODEL_PATH] = {
	{ "default-path", KW_GLOBAL, .type = KT_PARSE, .parse = parse_default_path,
	  .args = "current|config|parent|origin <dir>", .help = "where relative names of files begin" },
};
