/*
 * What was built, from which commit and how. WEIR_VERSION (a string literal, from the file
 * VERSION) is defined for every source; what changes with each commit is defined once, in a
 * source that the Makefile writes, so that a commit recompiles only that.
 */
#ifndef WEIR_BASE_VERSION_H
#define WEIR_BASE_VERSION_H

/* The level of HAProxy's language that weir speaks: what version_atleast() compares with, and what programs that parse
 * the version expect to find; the second form names weir too. */
#define WEIR_LANGUAGE "3.5-dev5"
#define WEIR_COMPAT_VERSION WEIR_LANGUAGE "-weir" WEIR_VERSION

/* Short commit hash, or an empty string when built outside a git tree. */
extern const char weir_git_hash[];

/* Date of the commit (of the file VERSION outside a git tree), as 2026/08/21. */
extern const char weir_git_date[];

/* The compiler command, and the flags that decide speed and safety, for -vv. */
extern const char weir_build_cc[];
extern const char weir_build_cflags[];

#endif
