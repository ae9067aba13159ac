/* Fetches that need nothing but the process: literals, dates, chance, names, variables, ACLs. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>
#include "acl_priv.h"
#include "weir/base/enc.h"
#include "weir/base/num.h"
#include "weir/expr/rows.h"
#include "weir/expr/vars.h"
#include "weir/sys/clock.h"

static const struct expr_process *process;

void expr_set_process(const struct expr_process *p)
{
	process = p;
}

/* --- literals --- */

static bool literal(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	out->type = row->out;
	out->flags = SMP_F_CONST;
	switch (row->out) {
	case SMP_BOOL: case SMP_SINT:
		out->i = args[0].i;
		return true;
	case SMP_IPV4:
		out->ip4 = args[0].ip4;
		return true;
	case SMP_IPV6:
		out->ip6 = args[0].ip6;
		return true;
	case SMP_METH:
		out->method = (uint8_t)method_find(args[0].s);
		break;
	}
	out->s = args[0].s;
	return true;
}

bool fetch_is_literal(const struct fetch_row *row)
{
	return row->fetch == literal;
}

static bool check_bool(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	if (str_ieq(a->s, STR("true")) || str_eqz(a->s, "1")) {
		a->i = 1;
	} else if (str_ieq(a->s, STR("false")) || str_eqz(a->s, "0")) {
		a->i = 0;
	} else {
		load_err_set(err, NULL, "Expects 'true', 'false', '0' or '1'");
		return false;
	}
	return true;
}

static bool check_bin(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	struct sbuf b = sbuf_fixed(arena_bytes(sc->mem, a->s.n / 2 + 1), a->s.n / 2 + 1);

	if (!a->s.n) {
		load_err_set(err, NULL, "hex digits are expected");
		return false;
	}
	for (size_t i = 0; i < a->s.n; i++)
		if (enc_hex_digit(a->s.p[i]) < 0) {
			load_err_set(err, NULL, "an hex digit is expected (found '%c')", a->s.p[i]);
			return false;
		}
	if (a->s.n & 1) {
		load_err_set(err, NULL, "an even number of hex digit is expected");
		return false;
	}
	hex_dec(&b, a->s);
	a->s = sbuf_str(&b);
	return true;
}

static bool always(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	smp_set_bool(out, row->priv);
	return true;
}

/* --- time --- */

enum unit { UNIT_S, UNIT_MS, UNIT_US };

static bool check_date(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	struct str unit = n > 1 ? a[1].s : STR("s");

	if (str_eqz(unit, "s")) {
		a[1].i = UNIT_S;
	} else if (str_eqz(unit, "ms")) {
		a[1].i = UNIT_MS;
	} else if (str_eqz(unit, "us")) {
		a[1].i = UNIT_US;
	} else {
		load_err_set(err, NULL, "expects 's', 'ms' or 'us', got '" STR_FMT "'", STR_ARG(unit));
		return false;
	}
	return true;
}

static bool fetch_date(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	int64_t s, v;
	uint32_t us;

	clock_wall(&s, &us);
	v = args[1].i == UNIT_S ? s : args[1].i == UNIT_MS ? s * 1000 + us / 1000 : s * 1000000 + us;
	smp_set_int(out, (int64_t)((uint64_t)v + (args[0].type == ARG_SINT ? (uint64_t)args[0].i : 0)));
	out->flags = SMP_F_VOLATILE;
	return true;
}

static bool fetch_date_us(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	int64_t s;
	uint32_t us;

	clock_wall(&s, &us);
	smp_set_int(out, us);
	out->flags = SMP_F_VOLATILE;
	return true;
}

/* --- chance --- */

/* xoshiro256** of each thread, seeded by the kernel. Not for secrets. */
static uint64_t rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

static uint64_t chance(void)
{
	static __thread uint64_t s[4];
	uint64_t result, t;

	if (!(s[0] | s[1] | s[2] | s[3]))
		while (getrandom(s, sizeof(s), 0) != sizeof(s))
			;
	result = rotl(s[1] * 5, 7) * 9;
	t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

static bool fetch_rand(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	uint64_t r = chance() >> 32;

	if (args[0].type == ARG_SINT)
		r = (r * (uint64_t)(uint32_t)args[0].i) >> 32;
	smp_set_int(out, (int64_t)r);
	out->flags = SMP_F_VOLATILE;
	return true;
}

static bool check_uuid(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	if (!n || a->i == 4 || a->i == 7)
		return true;
	load_err_set(err, NULL, "Unsupported UUID version: '%lld'", (long long)a->i);
	return false;
}

/* RFC 9562: version 4 is chance, version 7 begins with the milliseconds of the day it was made. */
static bool fetch_uuid(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	unsigned version = args[0].type == ARG_SINT ? (unsigned)args[0].i : 4;
	uint64_t hi = chance(), lo = chance();
	int64_t s;
	uint32_t us;

	if (version == 7) {
		clock_wall(&s, &us);
		hi = (uint64_t)(s * 1000 + us / 1000) << 16 | (hi & 0xffff);
	}
	hi = (hi & ~0xf000ULL) | (uint64_t)version << 12;
	lo = (lo & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
	smp_set_str(out, arena_printf(x->mem, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(hi >> 32),
				      (unsigned)(hi >> 16) & 0xffff, (unsigned)hi & 0xffff, (unsigned)(lo >> 48),
				      (unsigned long long)(lo & 0xffffffffffffULL)), SMP_F_VOLATILE);
	return true;
}

/* --- the process --- */

/* The environment as it was when the configuration was read. */
static bool check_env(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	char name[256];
	const char *v = a->s.n < sizeof(name) ? getenv(str_z(a->s, name, sizeof(name))) : NULL;

	a->p = v ? arena_strz(sc->mem, v) : NULL;
	return true;
}

static bool fetch_env(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	smp_set_str(out, str_c(args[0].p), SMP_F_CONST);
	return args[0].p != NULL;
}

static bool fetch_hostname(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	char name[256];

	if (gethostname(name, sizeof(name)) != 0)
		return false;
	name[sizeof(name) - 1] = '\0';
	smp_set_str(out, arena_str(x->mem, str_c(name)), 0);
	return true;
}

enum { PROC_ONE, PROC_PID, PROC_THREAD };

static bool fetch_proc(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	int64_t v = 1;

	if (row->priv == PROC_PID)
		v = getpid();
	else if (row->priv == PROC_THREAD)
		v = process ? process->thread() : 0;
	smp_set_int(out, v);
	return true;
}

static bool fetch_stopping(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	smp_set_bool(out, process && process->stopping());
	out->flags = SMP_F_VOLATILE;
	return true;
}

/* --- variables and ACLs --- */

static bool fetch_var(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	if (var_get(args[0].p, out, x))
		return true;
	if (args[1].type == ARG_END)
		return false;
	smp_set_str(out, args[1].s, SMP_F_CONST);
	return true;
}

static bool check_acl(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	for (int i = 0; i < n; i++) {
		struct str name = a[i].s;

		if (name.n && name.p[0] == '!')
			name = str_skip(name, 1);
		a[i].p = acl_find(sc, name, err);
		if (!a[i].p)
			return false;
	}
	return true;
}

/* All of the named ACLs, each perhaps negated. */
static bool fetch_acl(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	bool all = true, waiting = false;

	for (; args->type != ARG_END && all; args++) {
		bool neg = args->s.n && args->s.p[0] == '!';
		enum cond_result r = acl_eval(args->p, x);

		if (r == COND_WAIT)
			waiting = true;
		else
			all = (r == COND_TRUE) != neg;
	}
	smp_set_bool(out, all);
	if (!all || !waiting)
		return true;
	out->flags = SMP_F_MAY_CHANGE;
	return false;
}

static bool fetch_wait_end(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	if (!x->final) {
		out->flags = SMP_F_MAY_CHANGE;
		return false;
	}
	smp_set_bool(out, true);
	return true;
}

#define ONE(t) { 1, { t } }
#define OPT(t) { 0, { t } }
/* What does not change once the configuration is being read. */
#define USE_ANY (USE_INTRN | USE_CONST)
const struct fetch_row fetch_intern_rows[FETCH_INTERN_ROWS] = {
	{ "acl",
	  fetch_acl,
	  { 1,
	    { ARG_STR, ARG_STR, ARG_STR, ARG_STR, ARG_STR, ARG_STR, ARG_STR, ARG_STR, ARG_STR, ARG_STR, ARG_STR } },
	  check_acl,
	  SMP_BOOL,
	  USE_ANY,
	  "whether all of the named ACLs hold ('!' before a name "
	  "negates it)",
	  0 },
	{ "always_false", always, { 0 }, NULL, SMP_BOOL, USE_ANY, "false", 0 },
	{ "always_true", always, { 0 }, NULL, SMP_BOOL, USE_ANY, "true", 1 },
	{ "bin", literal, ONE(ARG_STR), check_bin, SMP_BIN, USE_ANY, "the bytes given by hexadecimal digits", 0 },
	{ "bool", literal, ONE(ARG_STR), check_bool, SMP_BOOL, USE_ANY, "true, false, 1 or 0", 0 },
	{ "date",
	  fetch_date,
	  { 0, { ARG_SINT, ARG_STR } },
	  check_date,
	  SMP_SINT,
	  USE_ANY,
	  "the date since the epoch "
	  "plus an offset, in s, ms or us",
	  0 },
	{ "date_us", fetch_date_us, { 0 }, NULL, SMP_SINT, USE_ANY, "the microseconds of the date", 0 },
	{ "env", fetch_env, ONE(ARG_STR), check_env, SMP_STR, USE_ANY, "a variable of the environment at start",
	  0 },
	{ "hostname", fetch_hostname, { 0 }, NULL, SMP_STR, USE_ANY, "the system's name", 0 },
	{ "int", literal, ONE(ARG_SINT), NULL, SMP_SINT, USE_ANY, "the integer given", 0 },
	{ "ipv4", literal, ONE(ARG_IPV4), NULL, SMP_IPV4, USE_ANY, "the IPv4 address given", 0 },
	{ "ipv6", literal, ONE(ARG_IPV6), NULL, SMP_IPV6, USE_ANY, "the IPv6 address given", 0 },
	{ "meth", literal, ONE(ARG_STR), NULL, SMP_METH, USE_ANY, "the method given", 0 },
	{ "nbproc", fetch_proc, { 0 }, NULL, SMP_SINT, USE_ANY, "number of processes: 1", PROC_ONE },
	{ "pid", fetch_proc, { 0 }, NULL, SMP_SINT, USE_ANY, "the process id", PROC_PID },
	{ "proc", fetch_proc, { 0 }, NULL, SMP_SINT, USE_ANY, "number of this process: 1", PROC_ONE },
	{ "quic_enabled", always, { 0 }, NULL, SMP_BOOL, USE_ANY, "whether QUIC is in use: false, it is not built", 0 },
	{ "rand", fetch_rand, OPT(ARG_SINT), NULL, SMP_SINT, USE_ANY, "a random number below the range (2^32)", 0 },
	{ "stopping", fetch_stopping, { 0 }, NULL, SMP_BOOL, USE_INTRN, "whether the process is stopping", 0 },
	{ "str", literal, ONE(ARG_STR), NULL, SMP_STR, USE_ANY, "the text given", 0 },
	{ "thread", fetch_proc, { 0 }, NULL, SMP_SINT, USE_ANY, "number of the thread, from 0", PROC_THREAD },
	{ "uuid", fetch_uuid, OPT(ARG_SINT), check_uuid, SMP_STR, USE_ANY, "a new UUID, version 4 or 7", 0 },
	{ "var",
	  fetch_var,
	  { 1, { ARG_VAR, ARG_STR } },
	  NULL,
	  SMP_ANY,
	  USE_ANY,
	  "a variable's value, or the default "
	  "given",
	  0 },
	{ "wait_end",
	  fetch_wait_end,
	  { 0 },
	  NULL,
	  SMP_BOOL,
	  USE_INTRN,
	  "true when the inspection delay is over, nothing "
	  "before",
	  0 },
};
