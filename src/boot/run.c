/* From files to a running process, and the words and exit codes on the way. */
#include "boot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weir/model/conf.h"
#include "worker.h"

/* Directories among the files are opened up. */
static bool all_files(const struct cmdline *c, struct diag *d, char ***files, int *n)
{
	bool ok = true;

	for (int i = 0; i < c->nfiles; i++)
		ok &= conf_files(d, c->files[i], files, n);
	return ok;
}

static struct conf *load(const struct cmdline *c, struct diag *d)
{
	struct conf_cmdline cl = {
		.maxconn = (unsigned)c->maxconn, .proxy_maxconn = (unsigned)c->proxy_maxconn, .localpeer = c->localpeer,
		.progname = c->progname, .ignore_resolve = c->ignore_resolve, .no_reuseport = c->no_reuseport,
		.no_splice = c->no_splice, .ipv4_only = c->ipv4_only, .no_verify = c->no_verify,
		.insecure_fork = c->insecure_fork, .debug = c->debug,
	};
	struct conf *conf = NULL;
	char **files = NULL;
	int n = 0;

	d->parsing = true;
	if (all_files(c, d, &files, &n)) {
		env_for_files(c, (const char *const *)files, n);
		conf = conf_load((const char *const *)files, n, &cl, d);
		if (conf && c->dump_config)
			dump_files(c, (const char *const *)files, n);
	}
	for (int i = 0; i < n; i++)
		free(files[i]);
	free(files);
	d->parsing = false;
	return conf;
}

/* After a good load: may it run? */
static bool warnings_ok(const struct cmdline *c, const struct conf *conf, struct diag *d)
{
	if (!d->warnings || (!c->zero_warning && !conf->global.zero_warning))
		return true;
	diag_say(d, DIAG_ALERT, "Some warnings were found and 'zero-warning' is set. Aborting.");
	return false;
}

static int check_only(const struct cmdline *c, const struct diag *d)
{
	if (d->warnings && (!c->quiet || c->verbose))
		printf("Warnings were found.\n");
	if (c->verbose)
		printf("Configuration file is valid\n");
	return 0;
}

int run(const struct cmdline *c, struct diag *d)
{
	struct conf *conf;
	int code = 1;

	if (c->chdir && !worker_is() && chdir(c->chdir) < 0) {
		diag_say(d, DIAG_ALERT, "Could not change to directory %s : %s", c->chdir, strerror(errno));
		return 1;
	}
	conf = load(c, d);
	if (conf && c->master_cli && c->worker == WORKER_NONE && !conf->global.master_worker && !worker_is())
		diag_say(d, DIAG_WARNING,
			 "a master CLI socket was defined, but master-worker mode (-W) is not enabled.");
	if (conf && warnings_ok(c, conf, d)) {
		if (c->keywords)
			dump_rows(c);
		if (c->dump_libs)
			dump_libraries();
		code = c->check || c->dump_config ? check_only(c, d) : start(c, conf, d);
	}
	conf_unref(conf);
	return code;
}
