/* Which mux a connection gets: the line's word, ALPN, the first bytes, the mode; and the table that says which there
 * are. */
#include "fake.h"

#include "src/mux/h1_priv.h"
#include "src/mux/h2_priv.h"

/* --- a transport that agreed on something --- */

static struct str agreed;

static bool answer_alpn(struct conn *c, struct transport *t, int which, void *out)
{
	if (which == ASK_ALPN)
		*(struct str *)out = agreed;
	return which == ASK_ALPN;
}

static const struct transport_ops fake_tls = { .name = "fake", .ask = answer_alpn };
static struct transport tls = { .ops = &fake_tls };

static struct rig *rig_tls(const char *alpn)
{
	struct rig *r = rig_new();

	agreed = str_c(alpn);
	conn_push(r->conn, &tls);
	r->conn->flags |= CONN_TLS;
	return r;
}

static const struct mux *begins_as(struct rig *r, struct mux_words w)
{
	mux_pick_front(r->conn, &w, &r->lim, &front_user, r);
	return r->conn->mux;
}

/* What is picked, and the connection's end. */
static const struct mux *picked(struct rig *r, struct mux_words w)
{
	const struct mux *m = begins_as(r, w);

	rig_free(r);
	return m;
}

START_TEST(by_alpn)
{
	ck_assert_ptr_eq(picked(rig_tls("h2"), (struct mux_words){ 0 }), &mux_h2);
	ck_assert_ptr_eq(picked(rig_tls("http/1.1"), (struct mux_words){ 0 }), &mux_h1);
	ck_assert_ptr_eq(picked(rig_tls("http/1.0"), (struct mux_words){ 0 }), &mux_h1);
	ck_assert_ptr_eq(picked(rig_tls(""), (struct mux_words){ 0 }), &mux_h1);
	ck_assert_ptr_eq(picked(rig_tls("h3"), (struct mux_words){ 0 }), &mux_h1);
	ck_assert_ptr_eq(picked(rig_tls("h2c"), (struct mux_words){ 0 }), &mux_h1);
	/* What the line says goes first. */
	ck_assert_ptr_eq(picked(rig_tls("h2"), (struct mux_words){ .proto = &mux_h1 }), &mux_h1);
	ck_assert_ptr_eq(picked(rig_tls("http/1.1"), (struct mux_words){ .proto = &mux_h2 }), &mux_h2);
}
END_TEST

START_TEST(plain_bytes)
{
	struct rig *r = rig_tls("h2");

	r->lim.http_mode = false;
	begins_as(r, (struct mux_words){ 0 });
	ck_assert_ptr_eq(r->conn->mux, &mux_pass);	/* whatever ALPN agreed on */
	rig_turns(1);
	for (int i = 0; i < r->n; i++)
		seen_release(&r->seen[i]);
	rig_free(r);
}
END_TEST

static unsigned flags_of(struct rig *r, struct mux_words w)
{
	unsigned f;

	ck_assert_ptr_eq(begins_as(r, w), &mux_h1);
	f = ((struct h1c *)r->conn->arg)->flags & (H1C_MAYBE_H2 | H1C_H2C);
	rig_free(r);
	return f;
}

/* May the first bytes be HTTP/2's? May a request ask for it? */
START_TEST(what_may_still_come)
{
	struct rig *r;

	ck_assert_uint_eq(flags_of(rig_new(), (struct mux_words){ 0 }), H1C_MAYBE_H2);
	ck_assert_uint_eq(flags_of(rig_new(), (struct mux_words){ .upgrade_h2c = true }), H1C_MAYBE_H2 | H1C_H2C);
	ck_assert_uint_eq(flags_of(rig_new(), (struct mux_words){ .proto = &mux_h1 }), 0);
	ck_assert_uint_eq(flags_of(rig_new(), (struct mux_words){ .proto = &mux_h1, .upgrade_h2c = true }), H1C_H2C);
	ck_assert_uint_eq(flags_of(rig_tls("http/1.1"), (struct mux_words){ .upgrade_h2c = true }), 0);
	ck_assert_uint_eq(flags_of(rig_tls(""), (struct mux_words){ 0 }), H1C_MAYBE_H2);
	r = rig_new();
	r->lim.no_h2_upgrade = true;
	ck_assert_uint_eq(flags_of(r, (struct mux_words){ 0 }), 0);
}
END_TEST

START_TEST(how_it_came_to_h2)
{
	struct rig *r = rig_tls("h2");

	begins_as(r, (struct mux_words){ 0 });
	ck_assert(str_eqz(mux_h2_via(r->conn), "alpn"));
	rig_free(r);
	r = rig_new();
	begins_as(r, (struct mux_words){ .proto = &mux_h2 });
	ck_assert(str_eqz(mux_h2_via(r->conn), "prior"));
	rig_free(r);
	r = rig_new();
	begins_as(r, (struct mux_words){ 0 });
	ck_assert(str_eqz(mux_h2_via(r->conn), ""));
	rig_free(r);
}
END_TEST

START_TEST(towards_servers)
{
	struct mux_words w = { 0 };

	ck_assert_ptr_eq(mux_pick_back(&w, true, STR("h2")), &mux_h2);
	ck_assert_ptr_eq(mux_pick_back(&w, true, STR("http/1.1")), &mux_h1);
	ck_assert_ptr_eq(mux_pick_back(&w, true, STR("spdy/3")), &mux_h1);
	ck_assert_ptr_eq(mux_pick_back(&w, false, STR("h2")), &mux_pass);
	w.proto = &mux_h1;
	ck_assert_ptr_eq(mux_pick_back(&w, true, STR("h2")), &mux_h1);
}
END_TEST

START_TEST(the_table)
{
	struct sbuf out = sbuf_grow();

	ck_assert_ptr_eq(mux_find(STR("h2"), MUX_BACK), &mux_h2);
	ck_assert_ptr_eq(mux_find(STR("h1"), MUX_FRONT), &mux_h1);
	ck_assert_ptr_eq(mux_find(STR("none"), MUX_FRONT), &mux_pass);
	ck_assert_ptr_null(mux_find(STR("H2"), MUX_FRONT));
	ck_assert_ptr_null(mux_find(STR(""), MUX_FRONT));
	ck_assert_ptr_null(mux_find(STR("h2"), 0));
	mux_print_table(&out);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&out), "\n         h2 : mode=HTTP  side=FE|BE  mux=H2    flags="));
	ck_assert_ptr_nonnull(strstr(sbuf_z(&out), "\n  <default> : mode=HTTP  side=FE|BE  mux=H1    flags="));
	ck_assert_ptr_nonnull(strstr(sbuf_z(&out), "\n       none : mode=TCP   side=FE|BE  mux=PASS  flags="));
	ck_assert_ptr_null(strstr(sbuf_z(&out), "flags=|"));
	sbuf_fini(&out);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("pick");

	UNIT_TEST(s, by_alpn);
	UNIT_TEST(s, plain_bytes);
	UNIT_TEST(s, what_may_still_come);
	UNIT_TEST(s, how_it_came_to_h2);
	UNIT_TEST(s, towards_servers);
	UNIT_TEST(s, the_table);
	return unit_run(s);
}
