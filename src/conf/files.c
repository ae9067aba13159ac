#include "weir/conf/load.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "weir/base/pool.h"
#include "weir/base/sbuf.h"

static void append(char ***v, int *n, const char *name)
{
	*v = mem_realloc(*v, sizeof(**v) * (size_t)(*n + 1));
	(*v)[(*n)++] = mem_strdup(name);
}

static int is_cfg(const struct dirent *e)
{
	struct str name = str_c(e->d_name);

	return name.n > 4 && name.p[0] != '.' && str_ends(name, STR(".cfg"));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool directory(struct diag *d, const char *path, char ***v, int *n)
{
	struct dirent **found;
	int count = scandir(path, &found, is_cfg, by_bytes);

	if (count < 0) {
		diag_say(d, DIAG_ALERT, "Cannot open configuration directory %s : %s", path, strerror(errno));
		return false;
	}
	for (int i = 0; i < count; i++) {
		struct sbuf name = sbuf_grow();
		struct stat st;

		sbuf_printf(&name, "%s/%s", path, found[i]->d_name);
		if (stat(sbuf_z(&name), &st) == 0 && S_ISREG(st.st_mode))
			append(v, n, sbuf_z(&name));
		sbuf_fini(&name);
		free(found[i]);
	}
	free(found);
	return true;
}

bool conf_files(struct diag *d, const char *path, char ***v, int *n)
{
	struct stat st;

	if (strcmp(path, "-") == 0) {
		append(v, n, path);
		return true;
	}
	if (stat(path, &st) < 0) {
		diag_say(d, DIAG_ALERT, "Cannot open configuration file/directory %s : %s", path, strerror(errno));
		return false;
	}
	if (S_ISDIR(st.st_mode))
		return directory(d, path, v, n);
	append(v, n, path);
	return true;
}
