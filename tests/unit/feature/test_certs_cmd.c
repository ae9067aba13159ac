/* Commands about certificates: the pending change and its end, names that are parts, who may go. */
#include "commands.h"
#include "tests/unit/live/adopt.h"
#include "tests/unit/tls/certs.h"

static struct pair a, b;

static const char *pem(const struct pair *p, const struct pair *key)
{
	static char text[2][8192];
	static int at;
	char *to = text[at = !at];
	FILE *f = fmemopen(to, sizeof(text[0]), "w");

	if (key)
		PEM_write_PrivateKey(f, key->key, NULL, NULL, 0, NULL, NULL);
	if (p)
		PEM_write_X509(f, p->x);
	fclose(f);
	return to;
}

static void begin(void)
{
	char text[1000];

	a = make_pair("a.example", "DNS:a.example", NULL, 10);
	b = make_pair("b.example", "DNS:b.example", NULL, 10);
	save("a.pem", &a, &a);
	snprintf(text, sizeof(text),
		 "global\n crt-base %s\n ca-base %s\n"
		 "defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
		 "frontend fe\n bind 127.0.0.1:1 ssl crt a.pem ca-file a.pem verify optional\n", dir, dir);
	ck_assert(loop_enter());
	adopt_text(text);
}

static void end(void)
{
	pair_free(&a);
	pair_free(&b);
}

/* The commands with the path of a.pem for $. */
static const char *of(const char *line)
{
	static char text[600];
	const char *at = strchr(line, '$');

	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - line), line, path_of("a.pem"), at + 1);
	return text;
}

static bool says(const char *line, const char *payload, const char *text)
{
	const char *got = say_with(of(line), payload, CTL_ADMIN);

	if (!strstr(got, text))
		fprintf(stderr, "%s says: %s", line, got);
	return strstr(got, text);
}

static bool shows(const char *line, const char *text)
{
	return strstr(say(of(line), CTL_ADMIN), text);
}

START_TEST(a_change_and_its_end)
{
	begin();
	ck_assert(says("commit ssl cert $", NULL, "No ongoing transaction! !\nCan't commit "));
	ck_assert(says("abort ssl cert $", NULL, "No ongoing transaction"));
	ck_assert(says("set ssl cert $", pem(&b, &b), "Transaction created for certificate "));
	ck_assert(shows("show ssl cert $", "a.example"));	/* not yet */
	ck_assert(shows("show ssl cert *$", "b.example"));
	ck_assert(says("set ssl cert $", pem(&a, &a), "Transaction updated for certificate "));
	ck_assert(says("set ssl cert $", pem(&b, &b), "Transaction updated for certificate "));
	ck_assert(says("abort ssl cert $", NULL, "Transaction aborted for certificate '"));
	ck_assert(!shows("show ssl cert *$", "b.example"));
	ck_assert(says("commit ssl cert $", NULL, "No ongoing transaction! !"));
	ck_assert(says("set ssl cert $", pem(&b, &b), "Transaction created"));
	ck_assert(says("commit ssl cert $", NULL, "\nSuccess!\n"));
	ck_assert(shows("show ssl cert $", "b.example"));
	end();
}
END_TEST

/* What does not fit is refused, and what runs stays. */
START_TEST(wrong_content)
{
	begin();
	ck_assert(says("set ssl cert $", "nonsense", "\nCan't update "));
	ck_assert(says("set ssl cert $", NULL, "'set ssl cert expects a filename and a certificate as a payload"));
	ck_assert(says("set ssl cert $.nothing", pem(&b, &b), "\nCan't update "));
	ck_assert(says("set ssl cert no$", pem(&b, &b), "\nCan't update "));
	ck_assert(says("set ssl cert $.key", pem(NULL, &b), "Transaction created"));
	ck_assert(says("commit ssl cert $", NULL, "\nCan't commit "));	/* the key of another certificate */
	ck_assert(shows("show ssl cert $", "a.example"));
	ck_assert(says("set ssl cert $", pem(&b, NULL), "Transaction updated"));
	ck_assert(says("set ssl cert $.key", pem(NULL, &b), "Transaction updated"));
	ck_assert(says("commit ssl cert $", NULL, "\nSuccess!\n"));
	ck_assert(shows("show ssl cert $", "b.example"));
	end();
}
END_TEST

START_TEST(one_change_at_a_time)
{
	begin();
	ck_assert(strstr(say("new ssl cert n.pem", CTL_ADMIN), "New empty certificate store 'n.pem'!"));
	ck_assert(strstr(say("new ssl cert n.pem", CTL_ADMIN), "Certificate 'n.pem' already exists!"));
	ck_assert(says("set ssl cert $", pem(&b, &b), "Transaction created"));
	ck_assert(strstr(say_with("set ssl cert n.pem", pem(&b, &b), CTL_ADMIN), "\nCan't update n.pem!"));
	ck_assert(strstr(say("commit ssl cert n.pem", CTL_ADMIN), "\nCan't commit n.pem!"));
	/* Of another kind it may be another. */
	ck_assert(says("set ssl ca-file $", pem(&b, NULL), "transaction created for CA "));
	ck_assert(says("abort ssl ca-file $", NULL, "ransaction aborted"));
	ck_assert(says("abort ssl cert $", NULL, "ransaction aborted"));
	ck_assert(strstr(say_with("set ssl cert n.pem", pem(&b, &b), CTL_ADMIN), "Transaction created"));
	ck_assert(strstr(say("commit ssl cert n.pem", CTL_ADMIN), "Success!"));
	ck_assert(strstr(say("del ssl cert n.pem", CTL_ADMIN), "Certificate 'n.pem' deleted!"));
	ck_assert(strstr(say("del ssl cert n.pem", CTL_ADMIN), "Can't remove the certificate: "));
	ck_assert(says("del ssl cert $", NULL, "Can't remove the certificate: "));	/* in use */
	ck_assert(says("del ssl ca-file $", NULL, "Can't remove the CA file: "));
	end();
}
END_TEST

START_TEST(authorities)
{
	begin();
	ck_assert(shows("show ssl ca-file $", "a.example"));
	ck_assert(shows("show ssl ca-file $:1", "a.example"));
	ck_assert(!shows("show ssl ca-file $:2", "a.example"));
	ck_assert(shows("show ssl ca-file $:0", "Not found!"));
	ck_assert(shows("show ssl ca-file $:-1", "Not found!"));
	ck_assert(shows("show ssl ca-file $:99999999999", "Not found!"));
	ck_assert(says("add ssl ca-file $", pem(&b, NULL), "transaction created for CA "));
	ck_assert(says("commit ssl ca-file $", NULL, "\nSuccess!"));
	ck_assert(shows("show ssl ca-file $:2", "b.example"));
	ck_assert(!shows("show ssl ca-file $:2", "a.example"));
	ck_assert(says("set ssl ca-file $", pem(&b, NULL), "transaction created for CA "));	/* instead */
	ck_assert(says("commit ssl ca-file $", NULL, "\nSuccess!"));
	ck_assert(shows("show ssl ca-file $:1", "b.example"));
	ck_assert(!shows("show ssl ca-file $", "a.example"));
	ck_assert(says("set ssl ca-file $", "nonsense", "\nCan't update "));
	end();
}
END_TEST

START_TEST(without_a_name)
{
	begin();
	ck_assert_str_eq(say("new ssl cert", CTL_ADMIN), "'new ssl cert' expects a filename\n");
	ck_assert_str_eq(say("del ssl crl-file", CTL_ADMIN), "'del ssl crl-file' expects a CRL file name\n");
	ck_assert_str_eq(say("commit ssl ca-file", CTL_ADMIN), "'commit ssl ca-file expects a filename\n");
	ck_assert_str_eq(say("abort ssl cert", CTL_ADMIN), "'abort ssl cert' expects a filename\n");
	ck_assert_str_eq(say("show ssl cert nothing", CTL_USER),
			 "Can't display the certificate: Not found or the certificate is a bundle!\n");
	ck_assert_str_eq(say("show ssl crl-file nothing", CTL_USER), "Can't display the CRL file : Not found!\n");
	ck_assert_str_eq(say("show ssl crt-list nothing", CTL_ADMIN), "didn't find the specified filename\n");
	ck_assert_str_eq(say("show ssl sni -f", CTL_USER), "'-f' requires a frontend name\n");
	ck_assert_str_eq(say("show ssl ocsp-response 00", CTL_USER),
			 "Certificate ID does not match any certificate.\n");
	ck_assert_str_eq(say("set ssl cert x", CTL_OPERATOR), "Permission denied\n");
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("certs_cmd");
	int r;

	if (!mkdtemp(dir))
		return EXIT_FAILURE;
	UNIT_TEST(s, a_change_and_its_end);
	UNIT_TEST(s, wrong_content);
	UNIT_TEST(s, one_change_at_a_time);
	UNIT_TEST(s, authorities);
	UNIT_TEST(s, without_a_name);
	r = unit_run(s);
	dir_remove();
	return r;
}
