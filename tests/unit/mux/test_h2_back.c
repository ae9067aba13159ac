/* HTTP/2 towards servers: answers, what is none, refusals, and how an end reaches each exchange. */
#include "back.h"
#include "h2frames.h"
#include "src/mux/h2_priv.h"

static struct rig *rig_back(void)
{
	struct rig *r = rig_new();

	r->conn->flags |= CONN_BACK;
	r->lim.h2_streams = 4;
	mux_h2.back(r->conn, &r->lim, &back_user, r);
	rig_turns(2);
	frame(r, SETTINGS, 0, 0, "", 0);
	return r;
}

/* A GET; the first is stream 1, the next one 3. */
static struct seen *get(struct rig *r)
{
	struct seen *s = &r->seen[r->n++];

	s->body = sbuf_grow();
	s->g = mux_h2.open(r->conn, &r->mem, &back_fake, s);
	ck_assert_ptr_nonnull(s->g);
	s->g->ops->send_head(s->g, request(r, "GET", "/x"), true);
	rig_turns(3);
	return s;
}

static void expect_cut(struct seen *s)
{
	ck_assert_uint_eq(s->g->flags & (IN_ABORT | IN_END), IN_ABORT);
	ck_assert_uint_ne(s->news & GATE_ABORT, 0);
	seen_release(s);
	rig_turns(3);
}

START_TEST(answers)
{
	struct rig *r = rig_back();
	struct seen *a = get(r), *b = get(r);

	headers(r, 3, 0, ":status=200|content-length=2");
	headers(r, 1, 0, ":status=103|link=x");
	ck_assert_uint_eq(a->news, GATE_INFO);
	ck_assert_int_eq(a->bad_status, 103);
	headers(r, 1, END_STREAM, ":status=404");
	frame(r, DATA, END_STREAM, 3, "hi", 2);
	ck_assert_int_eq(a->g->in_msg->status, 404);
	ck_assert_str_eq(sbuf_z(&b->body), "hi");
	ck_assert_uint_ne(a->g->flags & b->g->flags & IN_END, 0);
	seen_release(a);
	seen_release(b);
	rig_turns(3);
	ck_assert_int_eq(r->idle, 1);
	ck_assert(get(r)->g->flags & GATE_BACK);
	headers(r, 5, END_STREAM, ":status=200");
	seen_release(&r->seen[2]);
	rig_free(r);
}
END_TEST

static const char *const bad_heads[] = {
	"x=1", ":status=", ":status=20", ":status=2000", ":status=abc", ":status=099", ":status=200|:status=200",
	"x=1|:status=200", ":status=200|:path=/", ":status=200|X=1", ":status=200|a b=1", ":status=200|x=a~b",
	":status=200|connection=close", ":status=200|transfer-encoding=chunked", ":status=200|upgrade=h2c",
	":status=200|content-length=x", ":status=200|content-length=1|content-length=2", ":status=101",
};

START_TEST(malformed)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	headers(r, 1, END_STREAM, bad_heads[_i]);
	ck_assert_msg((s->g->flags & (IN_ABORT | IN_END)) == IN_ABORT, "accepted: %s", bad_heads[_i]);
	ck_assert_uint_eq(s->news & GATE_HEAD, 0);
	seen_release(s);
	rig_free(r);
}
END_TEST

START_TEST(refused_streams)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	frame(r, RST_STREAM, 0, 1, "\0\0\0\7", 4);
	ck_assert_uint_ne(s->g->flags & GATE_REFUSED, 0);
	expect_cut(s);
	s = get(r);
	frame(r, RST_STREAM, 0, 3, "\0\0\0\2", 4);	/* perhaps it was begun */
	ck_assert_uint_eq(s->g->flags & GATE_REFUSED, 0);
	expect_cut(s);
	rig_free(r);
}
END_TEST

/* GOAWAY names the last one that will be answered. */
START_TEST(goaway)
{
	struct rig *r = rig_back();
	struct seen *a = get(r), *b = get(r);

	frame(r, GOAWAY, 0, 0, "\0\0\0\1\0\0\0\0", 8);
	ck_assert_uint_ne(b->g->flags & GATE_REFUSED, 0);
	expect_cut(b);
	ck_assert_uint_eq(a->g->flags & IN_ABORT, 0);
	ck_assert_uint_eq(mux_h2.avail(r->conn), 0);
	headers(r, 1, END_STREAM, ":status=200");
	ck_assert_uint_ne(a->g->flags & IN_END, 0);
	seen_release(a);
	rig_turns(3);
	ck_assert_ptr_null(r->conn);
	rig_free(r);
}
END_TEST

START_TEST(errors_end_what_runs)
{
	struct rig *r = rig_back();
	struct seen *a = get(r), *b = get(r);

	headers(r, 1, 0, ":status=200");
	frame(r, HEADERS, END_HEADERS | END_STREAM, 3, "\xff\xff\xff\xff\xff\xff", 6);
	ck_assert_uint_eq(code_of(r, GOAWAY, 0), COMPRESSION_ERROR + 1);
	expect_cut(a);
	expect_cut(b);
	ck_assert_ptr_null(r->conn);
	rig_free(r);
}
END_TEST

START_TEST(a_server_that_leaves)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	headers(r, 1, 0, ":status=200|content-length=9");
	frame(r, DATA, 0, 1, "half", 4);
	shutdown(r->fd, SHUT_WR);
	rig_turns(3);
	ck_assert_str_eq(sbuf_z(&s->body), "half");
	expect_cut(s);
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h2, servers");
	TCase *heads = tcase_create("heads");

	UNIT_TEST(s, answers);
	tcase_add_loop_test(heads, malformed, 0, (int)(sizeof(bad_heads) / sizeof(bad_heads[0])));
	suite_add_tcase(s, heads);
	UNIT_TEST(s, refused_streams);
	UNIT_TEST(s, goaway);
	UNIT_TEST(s, errors_end_what_runs);
	UNIT_TEST(s, a_server_that_leaves);
	return unit_run(s);
}
