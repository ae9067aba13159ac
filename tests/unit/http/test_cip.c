/* NetScaler's Client IP header: both forms and versions, given byte by byte, broken. */
#include "tests/unit/unit.h"

#include "weir/http/cip.h"

#define MAGIC 0x47495046
#define M "GIPF"
#define BYTES(lit) (lit), sizeof(lit) - 1
#define IP4 "\x45\0\0\x28\0\0\0\0\x40\x06\0\0\x01\x02\x03\x04\x05\x06\x07\x08"
#define IP4_OPT "\x46\0\0\x2c\0\0\0\0\x40\x06\0\0\x01\x02\x03\x04\x05\x06\x07\x08\x01\x01\x01\0"
#define IP6 "\x60\0\0\0\0\x14\x06\x40\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01" \
	    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"
#define TCP "\x30\x39\0\x50\0\0\0\0\0\0\0\0\x50\x02\xff\xff\0\0\0\0"

/* What is there so far never decides otherwise than everything does. */
static enum cip_result take(const char *p, size_t n, struct addr *src, struct addr *dst, size_t *used)
{
	enum cip_result r = cip_read(p, n, MAGIC, src, dst, used);

	for (size_t some = 0; some < n; some++) {
		struct addr a, b;
		size_t u = 0;
		char *copy = malloc(some + 1);
		enum cip_result part;

		memcpy(copy, p, some);
		part = cip_read(copy, some, MAGIC, &a, &b, &u);
		ck_assert(part == CIP_MORE || part == r);
		if (r == CIP_DONE)
			ck_assert(part == CIP_MORE || some >= *used);
		free(copy);
	}
	return r;
}

static void good(const char *p, size_t n, size_t want, const char *from, const char *to)
{
	struct addr src, dst;
	char text[ADDR_TEXT_MAX];
	size_t used;

	ck_assert_int_eq(take(p, n, &src, &dst, &used), CIP_DONE);
	ck_assert_uint_eq(used, want);
	ck_assert(str_eqz(addr_text(&src, text), from));
	ck_assert(str_eqz(addr_text(&dst, text), to));
}

static void bad(const char *p, size_t n, enum cip_result want)
{
	struct addr src, dst;
	size_t used;

	ck_assert_int_eq(take(p, n, &src, &dst, &used), want);
}

START_TEST(reads_both_forms)
{
	good(BYTES(M "\0\0\0\x28" IP4 TCP "GET"), 48, "1.2.3.4:12345", "5.6.7.8:80");
	good(BYTES(M "\0\0\0\x2c" IP4_OPT TCP), 52, "1.2.3.4:12345", "5.6.7.8:80");
	good(BYTES(M "\0\0\0\x34\0\x01\0\x28" IP4 TCP "GET"), 52, "1.2.3.4:12345", "5.6.7.8:80");
	good(BYTES(M "\0\0\0\x3c" IP6 TCP "GET"), 68, "[2001:db8::1]:12345", "[2001:db8::2]:80");
	good(BYTES(M "\0\0\0\x48\0\x01\0\x3c" IP6 TCP), 72, "[2001:db8::1]:12345", "[2001:db8::2]:80");
}
END_TEST

START_TEST(refuses)
{
	bad(BYTES("GIPX\0\0\0\x28" IP4 TCP), CIP_BAD_MAGIC);
	bad(BYTES("GET / HTTP/1.1\r\n"), CIP_BAD_MAGIC);
	bad(BYTES(M "\0\0\0\x34\0\x02\0\x28" IP4 TCP), CIP_BAD_PROTO);	/* another type */
	bad(BYTES(M "\0\0\0\x08" IP4 TCP), CIP_BAD_PROTO);		/* shorter than its headers */
	bad(BYTES(M "\xff\xff\xff\xff" IP4 TCP), CIP_BAD_PROTO);
	bad(BYTES(M "\0\0\0\x34\0\x01\xff\xff" IP4 TCP), CIP_BAD_PROTO);
	bad(BYTES(M "\0\0\0\0" IP4 TCP), CIP_BAD_PROTO);
	bad(BYTES(M "\0\0\0\x28\x44\0\0\x28\0\0\0\0\x40\x06\0\0\x01\x02\x03\x04\x05\x06\x07\x08" TCP), CIP_BAD_PROTO);
	bad(BYTES(M "\0\0\0\x28\x45\0\0\x28\0\0\0\0\x40\x11\0\0\x01\x02\x03\x04\x05\x06\x07\x08" TCP), CIP_BAD_PROTO);
	bad(BYTES(M "\0\0\0\x28" IP4), CIP_MORE);
	/* a TCP header that claims more than there is */
	bad(BYTES(M "\0\0\0\x28" IP4 "\x30\x39\0\x50\0\0\0\0\0\0\0\0\xf0\x02\xff\xff\0\0\0\0"), CIP_BAD_PROTO);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("cip");

	UNIT_TEST(s, reads_both_forms);
	UNIT_TEST(s, refuses);
	return unit_run(s);
}
