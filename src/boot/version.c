/* -v and -vv. The first line reads as HAProxy's, because programs look at it; the second says what this is. */
#include <string.h>
#include <sys/utsname.h>

#include <nghttp2/nghttp2ver.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <zlib.h>

#include "boot.h"
#include "builtin.h"
#include "weir/base/sbuf.h"
#include "weir/base/version.h"
#include "weir/loop/loop.h"
#include "weir/mux/mux.h"
#include "weir/stream/service.h"

static void print_short(void)
{
	struct utsname u;

	printf("HAProxy version %s %s - weir\n", WEIR_COMPAT_VERSION, weir_git_date);
	printf("weir version %s%s%s %s, speaks the language of HAProxy %s\n", WEIR_VERSION, weir_git_hash[0] ? "-" : "",
	       weir_git_hash, weir_git_date, WEIR_LANGUAGE);
	printf("Status: development branch\n");
	if (uname(&u) == 0)
		printf("Running on: %s %s %s %s\n", u.sysname, u.release, u.version, u.machine);
}

static void print_build(void)
{
	printf("Build options :\n");
	printf("  TARGET  = linux-glibc\n");
	printf("  CC      = %s\n", weir_build_cc);
	printf("  CFLAGS  = %s\n", weir_build_cflags);
	printf("\nFeature list :");
	for (const struct conf_feature *f = builtin_features; f->name; f++)
		printf(" %c%s", f->present ? '+' : '-', f->name);
	printf("\n\nDefault settings :\n  bufsize = 16384, maxrewrite = 1024, maxpollevents = 200\n\n");
}

static void print_libraries(void)
{
	printf("Built with multi-threading support (MAX_THREADS=%d).\n", THR_MAX);
	printf("Built with OpenSSL version : %s\n", OPENSSL_VERSION_TEXT);
	printf("Running on OpenSSL version : %s\n", OpenSSL_version(OPENSSL_VERSION));
	printf("Built with libnghttp2 version : %s\n", NGHTTP2_VERSION);
	printf("Built with PCRE2 version : %d.%d\n", PCRE2_MAJOR, PCRE2_MINOR);
	printf("Built with zlib version : %s\n", ZLIB_VERSION);
	printf("Encrypted password support via crypt(3): yes\n");
#ifdef __clang__
	printf("Built with clang compiler version %s\n\n", __clang_version__);
#else
	printf("Built with gcc compiler version %s\n\n", __VERSION__);
#endif
}

static void print_pollers(void)
{
	printf("Available polling systems :\n");
	printf("      epoll : pref=300,  test result OK\n");
	printf("Total: 1 (1 usable), will use epoll.\n\n");
}

static void print_tables(void)
{
	struct sbuf b = sbuf_grow();

	mux_print_table(&b);
	fwrite(b.p, 1, b.n, stdout);
	sbuf_fini(&b);
	printf("\nAvailable services :");
	for (const struct service_table *t = builtin.services; t->rows; t++)
		for (size_t i = 0; i < t->n; i++)
			printf(" %s", t->rows[i].name);
	printf("\nAvailable filters : none\n");
	printf("Available transports : RAW PROXY SSL\n\n");
}

void version_print(const struct cmdline *c)
{
	const char *kind = c->version_kind ? c->version_kind : "";

	if (strcmp(kind, "q") == 0) {
		printf("%s\n", WEIR_COMPAT_VERSION);
	} else if (strcmp(kind, "qs") == 0) {
		printf("%s\n", WEIR_LANGUAGE);
	} else if (strcmp(kind, "qb") == 0) {
		printf("%.*s\n", (int)strcspn(WEIR_LANGUAGE, "-"), WEIR_LANGUAGE);
	} else {
		print_short();
		if (strcmp(kind, "v") == 0) {
			print_build();
			print_libraries();
			print_pollers();
			print_tables();
		}
	}
}
