/* Which entry answers to a name: exact names before wildcards, a wildcard for one label only, exceptions. */
#include "tests/unit/tls/certs.h"

static struct tls_entry e[4];
static struct tls_names names;

static void begin(void)
{
	for (unsigned i = 0; i < 4; i++)
		e[i].seq = i;
	names = (struct tls_names){ 0 };
}

static void note(struct tls_entry *hit, void *arg)
{
	char *at = arg;

	at += strlen(at);
	*at++ = (char)('0' + (hit - e));
	*at = 0;
}

/* The numbers of the entries that answer, in order. */
static void answers(const char *name, const char *want)
{
	char got[64] = "";
	bool any = tls_names_find(&names, str_c(name), note, got);

	ck_assert_msg(!strcmp(got, want), "%s: %s, not %s", name, got, want);
	ck_assert_int_eq(any, *want != 0);
}

static void add(int i, const char *name)
{
	tls_names_add(&names, str_c(name), &e[i]);
}

START_TEST(exact_before_wildcard)
{
	begin();
	add(0, "*.example.com");
	add(1, "www.Example.COM");
	answers("www.example.com", "1");
	answers("ftp.example.com", "0");
	answers("example.com", "");
	answers("a.b.example.com", "");
	answers(".example.com", "0");	/* an empty label; hello.c passes what clients send */
	answers("", "");
	answers(".", "");
	tls_names_fini(&names);
}
END_TEST

START_TEST(several_in_the_order_of_declaration)
{
	begin();
	add(2, "x.test");
	add(0, "x.test");
	add(1, "x.test");
	add(1, "X.TEST");	/* said twice */
	answers("x.test", "012");
	tls_names_remove(&names, &e[0]);
	answers("x.test", "12");
	tls_names_remove(&names, &e[1]);
	tls_names_remove(&names, &e[2]);
	answers("x.test", "");
	ck_assert_uint_eq(names.exact.count, 0);
	tls_names_fini(&names);
}
END_TEST

START_TEST(exceptions)
{
	begin();
	add(0, "*.x.test");
	add(0, "!no.x.test");
	add(1, "*.x.test");
	answers("yes.x.test", "01");
	answers("no.x.test", "1");	/* an exception is that of its own line */
	add(2, "no.x.test");
	answers("no.x.test", "2");
	add(3, "!*.x.test");		/* nothing that it could be an exception from: no harm */
	answers("yes.x.test", "01");
	tls_names_remove(&names, &e[0]);
	answers("yes.x.test", "1");
	tls_names_fini(&names);
}
END_TEST

START_TEST(what_is_no_name)
{
	char longest[600];

	begin();
	memset(longest, 'a', sizeof(longest));
	tls_names_add(&names, str_make(longest, 513), &e[0]);
	tls_names_add(&names, STR(""), &e[0]);
	tls_names_add(&names, STR("!"), &e[0]);
	ck_assert_uint_eq(names.exact.count + names.wild.count, 0);
	tls_names_add(&names, str_make(longest, 512), &e[0]);
	ck_assert_uint_eq(names.exact.count, 1);
	add(1, "*");			/* only what has a dot looks for wildcards */
	answers("a.b", "");
	answers("a", "");
	tls_names_fini(&names);
}
END_TEST

static void names_of(const char *cn, const char *alt)
{
	struct pair p = make_pair(cn, alt, NULL, 1);
	struct tls_cert c = { .leaf = p.x };

	begin();
	tls_names_add_cert(&names, &c, &e[0]);
	pair_free(&p);
}

START_TEST(names_of_a_certificate)
{
	names_of("cn.test", "DNS:A.test,DNS:*.b.test,IP:127.0.0.1,email:x@y.test");
	answers("cn.test", "0");	/* beside alternative names too, as HAProxy does */
	answers("a.test", "0");
	answers("x.b.test", "0");
	answers("127.0.0.1", "");
	answers("y.test", "");
	ck_assert_uint_eq(names.exact.count, 2);
	tls_names_fini(&names);
	names_of("*.only.test", NULL);
	answers("x.only.test", "0");
	tls_names_fini(&names);
	names_of("\xc3\xa4.test", NULL);
	answers("\xc3\xa4.test", "0");
	tls_names_fini(&names);
}
END_TEST

/* A name with a NUL in it is that of somebody who wants to look like another. */
START_TEST(no_name_hides_behind_a_nul)
{
	struct pair p = make_pair("x", NULL, NULL, 1);
	X509_NAME *n = X509_NAME_new();
	struct tls_cert c = { .leaf = p.x };

	X509_NAME_add_entry_by_NID(n, NID_commonName, V_ASN1_UTF8STRING, (const unsigned char *)"bank.test\0.evil", 15,
				   -1, 0);
	X509_set_subject_name(p.x, n);
	begin();
	tls_names_add_cert(&names, &c, &e[0]);
	ck_assert_uint_eq(names.exact.count + names.wild.count, 0);
	answers("bank.test", "");
	X509_NAME_free(n);
	pair_free(&p);
	tls_names_fini(&names);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("names");

	UNIT_TEST(s, exact_before_wildcard);
	UNIT_TEST(s, several_in_the_order_of_declaration);
	UNIT_TEST(s, exceptions);
	UNIT_TEST(s, what_is_no_name);
	UNIT_TEST(s, names_of_a_certificate);
	UNIT_TEST(s, no_name_hides_behind_a_nul);
	return unit_run(s);
}
