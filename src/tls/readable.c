/* Lines that name certificates without speaking TLS: nothing is made of them, but a file that is not there is told. */
#include "tls_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names of a crt-store and what the system has are no files. */
static bool is_file(struct str path)
{
	return path.n && path.p[0] != '@';
}

static bool in_store(const struct tls_global *g, struct str path)
{
	for (const struct tls_store_crt *s = g->store; s; s = s->next)
		if (str_eq(path, s->crt) || (s->alias.n && str_eq(path, s->alias)))
			return true;
	return false;
}

static bool readable(struct str path, struct str base)
{
	char *full = tls_path(path, base);
	bool ok = access(full, R_OK) == 0;

	free(full);
	return ok;
}

/* A certificate may be split by its kinds: site.pem.rsa, site.pem.ecdsa. */
static bool crt_readable(const struct tls_global *g, struct str path, struct tls_fault *why)
{
	static const char *const kinds[] = { "", ".rsa", ".ecdsa", ".dsa" };
	char name[4096];

	if (!is_file(path) || in_store(g, path))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		snprintf(name, sizeof(name), STR_FMT "%s", STR_ARG(path), kinds[i]);
		if (readable(str_c(name), g->crt_base))
			return true;
	}
	tls_fault_set(why, "unable to stat SSL certificate from file '" STR_FMT "' : %s.", STR_ARG(path),
		      strerror(errno));
	return false;
}

static bool pem_readable(const struct tls_global *g, const char *word, struct str path, struct tls_fault *why)
{
	if (!is_file(path) || readable(path, g->ca_base))
		return true;
	tls_fault_set(why, "'%s' : unable to load " STR_FMT " (%s).", word, STR_ARG(path), strerror(errno));
	return false;
}

static bool common_readable(const struct tls_common *c, const struct tls_global *g, struct tls_fault *why)
{
	return pem_readable(g, "ca-file", c->ca_file, why) &&
	       pem_readable(g, "ca-verify-file", c->ca_verify_file, why) &&
	       pem_readable(g, "crl-file", c->crl_file, why);
}

bool tls_bind_readable(const struct tls_bind_words *w, const struct tls_global *g, struct tls_fault *why)
{
	for (const struct tls_crt *c = w->crts; c; c = c->next)
		if (!c->lines && !crt_readable(g, c->path, why))
			return false;
	return common_readable(&w->c, g, why);
}

bool tls_server_readable(const struct tls_server_words *w, const struct tls_global *g, struct tls_fault *why)
{
	return crt_readable(g, w->crt, why) && common_readable(&w->c, g, why);
}
