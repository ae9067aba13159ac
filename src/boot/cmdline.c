/* The command line, as HAProxy has it: each flag a row. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "weir/base/num.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

enum flag_kind {
	FLAG_SET,	/* int = value */
	FLAG_TEXT,	/* next argument */
	FLAG_NUM,	/* next argument, a number */
	FLAG_TAIL,	/* text glued behind the flag */
	FLAG_PIDS,	/* numbers up to the next flag; value: signal */
	FLAG_FILE,	/* next argument, one more file */
	FLAG_MAYBE,	/* text glued behind the flag, else the next argument unless that is a flag */
	FLAG_ACCEPT,	/* accepted with anything glued behind it, without effect */
};

struct flag_row {
	const char *name;
	uint8_t kind;
	size_t offset;
	int value;
	const char *arg, *help;
};

#define AT(field) offsetof(struct cmdline, field)
static const struct flag_row flags[] = {
	{ "-f", FLAG_FILE, 0, 0, "<file|dir>", "read a configuration file, or the *.cfg files of a directory" },
	{ "-c", FLAG_SET, AT(check), 1, "", "check the configuration and exit" },
	{ "-cc", FLAG_TEXT, AT(cond), 0, "<condition>", "evaluate a condition: exit 0 true, 1 false, 2 unparsable" },
	{ "-v", FLAG_TAIL, AT(version_kind), 0, "[v|q|qs|qb]",
	  "version; -vv build, features, pollers and muxes; -vq bare version" },
	{ "-V", FLAG_SET, AT(verbose), 1, "", "verbose: show source lines under messages" },
	{ "-q", FLAG_SET, AT(quiet), 1, "", "quiet" },
	{ "-D", FLAG_SET, AT(daemon), 1, "", "run in the background" },
	{ "-db", FLAG_SET, AT(foreground), 1, "", "stay in the foreground" },
	{ "-d", FLAG_SET, AT(debug), 1, "", "stay in the foreground and show exchanges on standard output" },
	{ "-W", FLAG_SET, AT(worker), WORKER_MASTER, "", "master and worker" },
	{ "-Ws", FLAG_SET, AT(worker), WORKER_NOTIFY, "", "master and worker, telling systemd" },
	{ "-S", FLAG_TEXT, AT(master_cli), 0, "<bind>[,<option>...]", "command socket of the master" },
	{ "-C", FLAG_TEXT, AT(chdir), 0, "<dir>", "change to <dir> before reading files" },
	{ "-p", FLAG_TEXT, AT(pidfile), 0, "<file>", "write the process number there" },
	{ "-L", FLAG_TEXT, AT(localpeer), 0, "<name>", "name of this peer (default: host name)" },
	{ "-n", FLAG_NUM, AT(maxconn), 0, "<n>", "connections in all" },
	{ "-N", FLAG_NUM, AT(proxy_maxconn), 0, "<n>", "connections of each frontend" },
	{ "-m", FLAG_NUM, AT(memory_mb), 0, "<MB>", "memory that may be used" },
	{ "-sf", FLAG_PIDS, 0, SIGUSR1, "[<pid>...]", "let old processes finish once this one runs" },
	{ "-st", FLAG_PIDS, 0, SIGTERM, "[<pid>...]", "end old processes once this one runs" },
	{ "-x", FLAG_TEXT, AT(old_socket), 0, "<socket>", "take listening sockets from a running process" },
	{ "-4", FLAG_SET, AT(ipv4_only), 1, "", "resolve names to IPv4 addresses only" },
	{ "-dr", FLAG_SET, AT(ignore_resolve), 1, "", "start although server names cannot be resolved" },
	{ "-dW", FLAG_SET, AT(zero_warning), 1, "", "any warning is an error" },
	{ "-dD", FLAG_SET, AT(diag_mode), 1, "", "show remarks of .diag lines" },
	{ "-dC", FLAG_TAIL, AT(dump_config), 0, "[<key>]",
	  "print the files as understood (with a key: names hashed) and exit" },
	{ "-dK", FLAG_TAIL, AT(keywords), 0, "{class[,...]}",
	  "print the registered keywords ('help' lists the classes)" },
	{ "-dL", FLAG_SET, AT(dump_libs), 1, "", "print the loaded libraries after the check" },
	{ "-dt", FLAG_MAYBE, AT(traces), 0, "[<source>[:<level>[:<verbosity>]],...]",
	  "traces on standard error ('help' lists the sources)" },
	{ "-de", FLAG_SET, AT(no_epoll), 1, "", "accepted; weir has no other poller than epoll" },
	{ "-dp", FLAG_SET, AT(no_poll), 1, "", "accepted; there is no poll poller" },
	{ "-dS", FLAG_SET, AT(no_splice), 1, "", "never splice" },
	{ "-dG", FLAG_SET, AT(no_getaddrinfo), 1, "", "accepted; names are always resolved by getaddrinfo" },
	{ "-dR", FLAG_SET, AT(no_reuseport), 1, "", "no SO_REUSEPORT" },
	{ "-dV", FLAG_SET, AT(no_verify), 1, "", "no verification of server certificates" },
	{ "-dF", FLAG_SET, AT(no_fastforward), 1, "", "accepted; there is one way of forwarding" },
	{ "-dZ", FLAG_SET, AT(no_zerocopy), 1, "", "accepted; bytes are always sent from where they were received" },
	{ "-dT", FLAG_ACCEPT, 0, 0, "", "accepted; weir uses no kernel TLS" },
	{ "-dM", FLAG_ACCEPT, 0, 0, "[<byte>,help,...]",
	  "accepted; memory debugging is a build of its own (SAN=address)" },
	{ "-dI", FLAG_SET, AT(insecure_fork), 1, "", "allow sub-processes" },
	{ "-dc", FLAG_TAIL, AT(cpu_list), 0, "", "accepted; CPUs are those we may run on" },
	{ "-dA", FLAG_ACCEPT, 0, 0, "[<file>]", "accepted; libraries are not archived" },
	{ "-dk", FLAG_ACCEPT, 0, 0, "", "accepted; there is no kqueue here" },
	{ "-dv", FLAG_ACCEPT, 0, 0, "", "accepted; there are no event ports here" },
};

static bool has_tail(const struct flag_row *r)
{
	return r->kind == FLAG_TAIL || r->kind == FLAG_MAYBE || r->kind == FLAG_ACCEPT;
}

/* Exact names win over names with something glued behind. */
static const struct flag_row *find_flag(const char *arg)
{
	const struct flag_row *best = NULL;
	size_t best_n = 0;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		size_t n = strlen(flags[i].name);

		if (strcmp(arg, flags[i].name) == 0)
			return &flags[i];
		if (has_tail(&flags[i]) && n > best_n && strncmp(arg, flags[i].name, n) == 0) {
			best = &flags[i];
			best_n = n;
		}
	}
	return best;
}

void cmdline_usage(const struct cmdline *c, FILE *to)
{
	fprintf(to, "Usage : %s [-f <file|dir>]* [options] [-- <file>*]\n", c->progname);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		fprintf(to, "        %s%s%s : %s\n", flags[i].name, flags[i].arg[0] && !has_tail(&flags[i]) ? " " : "",
		        flags[i].arg, flags[i].help);
	fputc('\n', to);
}

static void add_file(struct cmdline *c, const char *name)
{
	c->files = mem_realloc(c->files, sizeof(c->files[0]) * (size_t)(c->nfiles + 1));
	c->files[c->nfiles++] = mem_strdup(name);
}

static int take_pids(struct cmdline *c, int argc, char **argv, int at)
{
	int64_t pid;

	for (; at < argc && num_i64(str_c(argv[at]), &pid) && pid > 0; at++) {
		c->old_pids = mem_realloc(c->old_pids, sizeof(int) * (size_t)(c->nold_pids + 1));
		c->old_pids[c->nold_pids++] = (int)pid;
	}
	return at;
}

/* As HAProxy reads them: the digits in front count, none are 0, and so is what is below it. */
static int leading_number(const char *arg)
{
	long long n = strtoll(arg, NULL, 10);

	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int)n;
}

/* Returns the index behind what was used, or 0: wrong. */
static int take_flag(struct cmdline *c, const struct flag_row *r, int argc, char **argv, int at)
{
	void *field = (char *)c + r->offset;
	const char *arg = argv[at++];

	switch (r->kind) {
	case FLAG_SET:
		*(int *)field = r->value;
		return at;
	case FLAG_TAIL:
		*(const char **)field = arg + strlen(r->name);
		return at;
	case FLAG_MAYBE:
		arg += strlen(r->name);
		if (!*arg && at < argc && argv[at][0] != '-')
			arg = argv[at++];
		*(const char **)field = arg;
		return at;
	case FLAG_ACCEPT:
		return at;
	case FLAG_PIDS:
		c->old_signal = r->value;
		return take_pids(c, argc, argv, at);
	}
	if (at >= argc)
		return 0;
	arg = argv[at++];
	if (r->kind == FLAG_FILE)
		add_file(c, arg);
	else if (r->kind == FLAG_TEXT)
		*(const char **)field = arg;
	else
		*(int *)field = leading_number(arg);
	return at;
}

bool cmdline_parse(struct cmdline *c, int argc, char **argv, int *code)
{
	const char *slash = argv[0] ? strrchr(argv[0], '/') : NULL;
	int at = 1;

	*c = (struct cmdline){ .argv = argv, .progname = slash ? slash + 1 : argv[0] ? argv[0] : "weir" };
	*code = 1;
	while (at < argc) {
		const struct flag_row *r;

		if (strcmp(argv[at], "--") == 0) {
			while (++at < argc)
				add_file(c, argv[at]);
			break;
		}
		r = find_flag(argv[at]);
		at = r ? take_flag(c, r, argc, argv, at) : 0;
		if (!at)
			break;
	}
	c->version = c->version_kind != NULL;
	if (c->version)
		return true;
	if (at && (c->nfiles || c->cond || (c->keywords && strcmp(c->keywords, "help") == 0)))
		return true;
	version_print(c);
	cmdline_usage(c, stderr);
	return false;
}

void cmdline_fini(struct cmdline *c)
{
	for (int i = 0; i < c->nfiles; i++)
		free(c->files[i]);
	free(c->files);
	free(c->old_pids);
}
