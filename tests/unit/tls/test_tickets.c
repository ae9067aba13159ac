/* Files of ticket keys: what they may hold, which keys count, and what a rotation does to sessions. */
#include "tests/unit/tls/ends.h"
#include "weir/tls/store.h"

#include "src/tls/tickets.c"

/* A line of base64 for n bytes that are all of this value. */
static const char *key_of(int value, int n)
{
	static char buf[4][160];
	static int at;
	unsigned char raw[112];

	memset(raw, value, sizeof(raw));
	EVP_EncodeBlock((unsigned char *)buf[at = (at + 1) % 4], raw, n);
	return buf[at];
}

/* A file with keys of these sizes, the first made of 1, the next of 2 ... */
static void save_keys(const char *name, const int *sizes, int n, const char *eol)
{
	struct sbuf b = sbuf_grow();

	for (int i = 0; i < n; i++)
		sbuf_printf(&b, "%s%s", key_of(i + 1, sizes[i]), i + 1 < n ? eol : "");
	save_text(name, sbuf_z(&b));
	sbuf_fini(&b);
}

static struct str key_str(int value, int n)
{
	return str_c(key_of(value, n));
}

START_TEST(what_is_a_key)
{
	struct ticket_key k;
	char text[200];

	ck_assert_int_eq(read_key(&k, key_str(7, 48)), 48);
	ck_assert(!k.big && k.name[15] == 7 && k.hmac[15] == 7 && k.aes[15] == 7);
	memset(&k, 0, sizeof(k));
	ck_assert_int_eq(read_key(&k, key_str(8, 80)), 80);
	ck_assert(k.big && k.hmac[31] == 8 && k.aes[31] == 8);
	ck_assert_int_eq(read_key(&k, key_str(1, 47)), 47);
	ck_assert_int_eq(read_key(&k, key_str(1, 3)), 3);
	ck_assert_int_eq(read_key(&k, key_str(1, 96)), 0);	/* longer than any key */
	ck_assert_int_eq(read_key(&k, STR("")), 0);
	ck_assert_int_eq(read_key(&k, STR("====")), 0);
	/* Nothing but one or two equal signs, and these at the end. */
	snprintf(text, sizeof(text), "%s", key_of(1, 48));
	text[10] = '=';
	ck_assert_int_eq(read_key(&k, str_c(text)), 0);
	memset(text, 'A', 65);
	strcpy(text + 65, "===");
	ck_assert_int_eq(read_key(&k, str_c(text)), 0);
	snprintf(text, sizeof(text), "%s", key_of(1, 48));
	text[63] = '!';
	ck_assert_int_eq(read_key(&k, str_c(text)), 0);
	ck_assert_int_eq(read_key(&k, str_make(text, 61)), 0);
}
END_TEST

static void refused(struct test *t, const char *name, const char *why)
{
	t->why.text[0] = 0;
	ck_assert_ptr_null(tls_tickets_load(t->files, path_of(name), &t->why));
	ck_assert_msg(strstr(t->why.text, why) && strstr(t->why.text, name), "%s: %s", name, t->why.text);
}

START_TEST(wrong_files)
{
	static const int two[] = { 48, 48 }, mixed[] = { 48, 80, 48 }, mixed_last[] = { 80, 80, 80, 48 },
			 cut[] = { 48, 48, 47 };
	struct test t;

	test_init(&t);
	refused(&t, "nosuch", "unable to load TLS ticket keys");
	save_text("empty", "");
	refused(&t, "empty", "please supply at least 3 keys");
	save_keys("two", two, 2, "\n");
	refused(&t, "two", "please supply at least 3 keys");
	save_keys("mixed", mixed, 3, "\n");
	refused(&t, "mixed", "wrong sized key on line 2");
	save_keys("mixed_last", mixed_last, 4, "\n");
	refused(&t, "mixed_last", "wrong sized key on line 4");
	save_keys("cut", cut, 3, "\n");
	refused(&t, "cut", "wrong sized key on line 3");
	save_text("words", "\n\nthese are words\n");
	refused(&t, "words", "unable to decode base64 key on line 3");
	ck_assert_uint_eq(t.files->tickets.count, 0);	/* what was refused is not kept */
	test_fini(&t);
}
END_TEST

/* The keys of a file as values, the first to decrypt only. */
static void holds(const struct tls_tickets *k, int a, int b, int c)
{
	ck_assert_int_eq(k->n, 3);
	ck_assert_int_eq(k->keys[0].name[0], a);
	ck_assert_int_eq(k->keys[1].name[0], b);
	ck_assert_int_eq(k->keys[2].name[0], c);
}

START_TEST(the_last_three_count)
{
	static const int three[] = { 48, 48, 48 };
	int twenty[20];
	struct tls_tickets *a, *b;
	struct test t;

	test_init(&t);
	for (size_t i = 0; i < ARRAY_LEN(twenty); i++)
		twenty[i] = 80;
	save_keys("three", three, 3, "\r\n\r\n");
	save_keys("twenty", twenty, 20, "\n");
	a = tls_tickets_load(t.files, path_of("three"), &t.why);
	b = tls_tickets_load(t.files, path_of("twenty"), &t.why);
	ck_assert_msg(a && b, "%s", t.why.text);
	holds(a, 1, 2, 3);
	holds(b, 18, 19, 20);
	ck_assert(!a->keys[0].big && b->keys[2].big);
	ck_assert_int_eq(a->id, 0);
	ck_assert_int_eq(b->id, 1);
	ck_assert_ptr_eq(tls_tickets_load(t.files, path_of("three"), &t.why), a);
	test_fini(&t);
}
END_TEST

START_TEST(keys_by_command)
{
	static const int three[] = { 48, 48, 48 };
	struct sbuf out = sbuf_grow(), wanted = sbuf_grow();
	struct tls_tickets *k;
	struct test t;
	struct str name;

	test_init(&t);
	save_keys("cmd", three, 3, "\n");
	k = tls_tickets_load(t.files, path_of("cmd"), &t.why);
	name = str_c(k->name);
	ck_assert_int_eq(tls_store_set_key(t.files, STR("#0"), key_str(4, 48)), TLS_KEY_SET);
	ck_assert_int_eq(tls_store_set_key(t.files, name, key_str(5, 48)), TLS_KEY_SET);
	holds(k, 3, 4, 5);
	ck_assert_int_eq(tls_store_set_key(t.files, name, key_str(6, 80)), TLS_KEY_SIZE);
	ck_assert_int_eq(tls_store_set_key(t.files, name, key_str(6, 47)), TLS_KEY_SIZE);
	ck_assert_int_eq(tls_store_set_key(t.files, name, STR("====")), TLS_KEY_BAD);
	ck_assert_int_eq(tls_store_set_key(t.files, name, STR("")), TLS_KEY_BAD);
	ck_assert_int_eq(tls_store_set_key(t.files, STR("#1"), key_str(6, 48)), TLS_KEY_NO_FILE);
	ck_assert_int_eq(tls_store_set_key(t.files, STR("#-1"), key_str(6, 48)), TLS_KEY_NO_FILE);
	ck_assert_int_eq(tls_store_set_key(t.files, STR("#4294967296"), key_str(6, 48)), TLS_KEY_NO_FILE);
	ck_assert_int_eq(tls_store_set_key(t.files, STR("#"), key_str(6, 48)), TLS_KEY_NO_FILE);
	ck_assert_int_eq(tls_store_set_key(t.files, STR(""), key_str(6, 48)), TLS_KEY_NO_FILE);
	holds(k, 3, 4, 5);	/* what was refused has moved nothing */
	ck_assert(tls_store_show_keys(t.files, STR("*"), &out));
	sbuf_printf(&wanted, "# id secret\n# 0 (%s)\n0.0 %s\n0.1 %s\n", k->name, key_of(3, 48), key_of(4, 48));
	sbuf_printf(&wanted, "0.2 %s\n", key_of(5, 48));
	ck_assert_str_eq(sbuf_z(&out), sbuf_z(&wanted));
	sbuf_clear(&out);
	ck_assert(!tls_store_show_keys(t.files, STR("#7"), &out));
	ck_assert_uint_eq(out.n, 0);
	sbuf_fini(&out);
	sbuf_fini(&wanted);
	test_fini(&t);
}
END_TEST

/* One connection; was its session resumed? The client takes the ticket that comes. */
static bool resumes(struct test *t)
{
	int64_t resumed;
	char buf[8];

	shake(t, "a.test");
	ck_assert_int_eq(t->b.opened, 1);
	ck_assert(tls_number(t->front, TLS_N_RESUMED, &resumed));
	loop_turn(0);
	ck_assert_int_eq(conn_recv(t->back, buf, sizeof(buf)), IO_AGAIN);
	part(t);
	return resumed;
}

static void rotate(struct test *t, int value, int size)
{
	ck_assert_int_eq(tls_store_set_key(t->files, STR("#0"), key_str(value, size)), TLS_KEY_SET);
}

/* The file as the only ticket keys of a bind line. The caller frees the name. */
static char *wire(struct test *t, int size, uint8_t version)
{
	const int sizes[] = { size, size, size };
	char *name;

	test_init(t);
	save_keys("wire", sizes, 3, "\n");
	name = mem_strdup(path_of("wire"));
	t->bw.ticket_keys = str_c(name);
	t->bw.c.max = version;
	use_crt(t, 0, "a.pem");
	prepare(t, "");
	ck_assert(!resumes(t));
	ck_assert(resumes(t));
	return name;
}

static void sessions(int size)
{
	struct test t;
	char *name = wire(&t, size, TLS_13);

	rotate(&t, 9, size);	/* the ticket's key is the oldest one now: the client gets another ticket */
	ck_assert(resumes(&t));
	rotate(&t, 10, size);
	ck_assert(resumes(&t));
	holds(t.bw.ctx->tickets, 3, 9, 10);
	rotate(&t, 11, size);
	rotate(&t, 12, size);	/* nobody knows the ticket's key any more */
	ck_assert(!resumes(&t));
	ck_assert(resumes(&t));
	test_fini(&t);
	free(name);
}

START_TEST(sessions_outlive_a_rotation)
{
	ck_assert(loop_enter());
	sessions(48);
	sessions(80);
	loop_leave();
}
END_TEST

/* The client that is OpenSSL keeps its first ticket. */
START_TEST(older_protocol)
{
	struct test t;
	char *name;

	ck_assert(loop_enter());
	name = wire(&t, 48, TLS_12);
	rotate(&t, 9, 48);
	ck_assert(resumes(&t));
	rotate(&t, 10, 48);
	ck_assert(!resumes(&t));
	ck_assert(resumes(&t));
	test_fini(&t);
	free(name);
	loop_leave();
}
END_TEST

int main(void)
{
	struct pair ca = make_pair("ca", NULL, NULL, 10), a = make_pair("a.test", "DNS:a.test", &ca, 10);
	Suite *s = unit_suite("tickets");
	int r;

	WASSERT(mkdtemp(dir));
	save("ca.pem", &ca, NULL);
	save("a.pem", &a, &a);
	pair_free(&ca);
	pair_free(&a);
	UNIT_TEST(s, what_is_a_key);
	UNIT_TEST(s, wrong_files);
	UNIT_TEST(s, the_last_three_count);
	UNIT_TEST(s, keys_by_command);
	UNIT_TEST(s, sessions_outlive_a_rotation);
	UNIT_TEST(s, older_protocol);
	r = unit_run(s);
	dir_remove();
	return r;
}
