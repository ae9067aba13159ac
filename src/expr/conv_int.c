/* Arithmetic on signed 64-bit integers. Results that do not fit are the nearest value that does. */
#include "conv_priv.h"

enum int_op { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_AND, OP_OR, OP_XOR };

static int64_t saturate(bool negative)
{
	return negative ? INT64_MIN : INT64_MAX;
}

static int64_t divide(int64_t a, int64_t b)
{
	/* the one quotient that does not fit traps in the processor */
	if (b == 0 || (a == INT64_MIN && b == -1))
		return INT64_MAX;
	return a / b;
}

static int64_t compute(enum int_op op, int64_t a, int64_t b)
{
	int64_t r;

	switch (op) {
	case OP_ADD:
		return __builtin_add_overflow(a, b, &r) ? saturate(b < 0) : r;
	case OP_SUB:
		return __builtin_sub_overflow(a, b, &r) ? saturate(b > 0) : r;
	case OP_MUL:
		return __builtin_mul_overflow(a, b, &r) ? saturate((a < 0) != (b < 0)) : r;
	case OP_DIV:
		return divide(a, b);
	case OP_MOD:
		return b == 0 || b == -1 ? 0 : a % b;
	case OP_AND:
		return a & b;
	case OP_OR:
		return a | b;
	case OP_XOR:
		return a ^ b;
	}
	return 0;
}

static bool conv_binary(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	int64_t b = 0;

	if (arg_given(&args[0]) && !arg_int(&args[0], x, &b))
		return false;
	smp_set_int(smp, compute(row->priv, smp->i, b));
	return true;
}

static bool conv_cpl(const struct arg *args, struct sample *smp, struct xctx *x,
		     const struct conv_row *row)
{
	smp_set_int(smp, ~smp->i);
	return true;
}

static bool conv_neg(const struct arg *args, struct sample *smp, struct xctx *x,
		     const struct conv_row *row)
{
	smp_set_int(smp, compute(OP_SUB, 0, smp->i));
	return true;
}

enum int_test { TEST_BOOL, TEST_NOT, TEST_ODD, TEST_EVEN };

static bool conv_test(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	bool odd = smp->i & 1, any = smp->i != 0;

	switch (row->priv) {
	case TEST_BOOL:
		smp_set_bool(smp, any);
		break;
	case TEST_NOT:
		smp_set_bool(smp, !any);
		break;
	case TEST_ODD:
		smp_set_bool(smp, odd);
		break;
	case TEST_EVEN:
		smp_set_bool(smp, !odd);
		break;
	}
	return true;
}

/* 32 bits in network order. */
static bool conv_htonl(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	uint32_t v = htonl((uint32_t)smp->i);
	struct sbuf b = conv_buf(x, sizeof(v));

	sbuf_put(&b, &v, sizeof(v));
	return conv_set_bin(smp, &b);
}

#define ONE_INT { 0, { ARG_SINT_OR_VAR } }

const struct conv_row conv_int_rows[CONV_INT_ROWS] = {
	{ "add", conv_binary, ONE_INT, NULL, SMP_SINT, SMP_SINT, "adds a number or variable",
	  OP_ADD },
	{ "sub", conv_binary, ONE_INT, NULL, SMP_SINT, SMP_SINT, "subtracts a number or variable",
	  OP_SUB },
	{ "mul", conv_binary, ONE_INT, NULL, SMP_SINT, SMP_SINT,
	  "multiplies by a number or variable", OP_MUL },
	{ "div", conv_binary, ONE_INT, NULL, SMP_SINT, SMP_SINT,
	  "divides by a number or variable; by zero: the greatest integer", OP_DIV },
	{ "mod", conv_binary, ONE_INT, NULL, SMP_SINT, SMP_SINT,
	  "remainder of the division by a number or variable; by zero: zero", OP_MOD },
	{ "and", conv_binary, ONE_INT, NULL, SMP_SINT, SMP_SINT,
	  "bitwise AND with a number or variable", OP_AND },
	{ "or", conv_binary, ONE_INT, NULL, SMP_SINT, SMP_SINT,
	  "bitwise OR with a number or variable", OP_OR },
	{ "xor", conv_binary, ONE_INT, NULL, SMP_SINT, SMP_SINT,
	  "bitwise exclusive OR with a number or variable", OP_XOR },
	{ "cpl", conv_cpl, { 0 }, NULL, SMP_SINT, SMP_SINT, "flips all bits", 0 },
	{ "neg", conv_neg, { 0 }, NULL, SMP_SINT, SMP_SINT, "the opposite number", 0 },
	{ "bool", conv_test, { 0 }, NULL, SMP_SINT, SMP_BOOL, "true unless zero", TEST_BOOL },
	{ "not", conv_test, { 0 }, NULL, SMP_SINT, SMP_BOOL, "true when zero", TEST_NOT },
	{ "odd", conv_test, { 0 }, NULL, SMP_SINT, SMP_BOOL, "true for odd numbers", TEST_ODD },
	{ "even", conv_test, { 0 }, NULL, SMP_SINT, SMP_BOOL, "true for even numbers", TEST_EVEN },
	{ "htonl", conv_htonl, { 0 }, NULL, SMP_SINT, SMP_BIN,
	  "the low 32 bits as four bytes, network order", 0 },
};
