/* Bodies that the kernel moves: when it begins, that no byte is lost, doubled or overtaken, and when it ends. The muxes
 * are the test's: what "the kernel" has is a number of bytes that go through a real pipe. */
#include "stream_test.h"

#include "weir/sys/pipes.h"

static struct {
	size_t waits;		/* bytes of the server that the kernel has */
	uint64_t want;		/* of the body */
	uint64_t made;		/* so far: byte i is (char)(i % 251) */
	bool ends;		/* behind them */
	int given_up;		/* consumed(0) */
} k;

static char byte_at(uint64_t i)
{
	return (char)(i % 251);
}

static ssize_t kernel_in(struct gate *g, struct pipe *p, size_t max)
{
	size_t n = MIN(MIN(k.waits, max), 65536 - p->bytes);
	char *buf;
	ssize_t r;

	ck_assert(spanq_empty(&g->in));
	if (!n)
		return IO_AGAIN;
	buf = malloc(n);
	for (size_t i = 0; i < n; i++)
		buf[i] = byte_at(k.made + i);
	r = write(p->in, buf, n);
	free(buf);
	ck_assert_int_eq(r, (ssize_t)n);
	p->bytes += (uint32_t)n;
	k.made += n;
	k.waits -= n;
	if (k.want != UINT64_MAX)
		k.want -= n;
	if (!k.waits && (k.ends || !k.want))
		g->flags |= IN_END;
	return r;
}

static ssize_t kernel_out(struct gate *g, struct pipe *p, bool more)
{
	struct side *d = side_of(g);
	size_t n = MIN(d->room, p->bytes);
	ssize_t r;

	(void)more;
	ck_assert(spanq_empty(&g->out));	/* what came before it would be overtaken */
	if (!n)
		return IO_AGAIN;
	r = read(p->out, sbuf_room(&d->sent, n), n);
	ck_assert_int_gt(r, 0);
	sbuf_commit(&d->sent, (size_t)r);
	d->room -= d->room == SIZE_MAX ? 0 : (size_t)r;
	p->bytes -= (uint32_t)r;
	return r;
}

static uint64_t kernel_want(struct gate *g)
{
	(void)g;
	return k.want;
}

static bool kernel_ok(struct gate *g)
{
	(void)g;
	return true;
}

static void note_consumed(struct gate *g, size_t n)
{
	k.given_up += n == 0;
	side_consumed(g, n);
}

static struct gate_ops front_splices, back_splices;
static struct side *client;

static void both_can(void)
{
	front_splices = front_ops;
	back_splices = back_ops;
	front_splices.splice_out = kernel_out;
	front_splices.splice_ok = kernel_ok;
	back_splices.splice_in = kernel_in;
	back_splices.splice_want = kernel_want;
	back_splices.consumed = note_consumed;
	client->g.ops = &front_splices;
	server()->g.ops = &back_splices;
}

/* Plain bytes, client and server are connected. */
static void flow(const char *option)
{
	char text[100];

	snprintf(text, sizeof(text), "%sbackend be\n server s1 $1\n", option);
	begin_with(TCP(TIMES), text);
	client = connect_raw(client_of("fe"), "hi");
	k.want = UINT64_MAX;
	both_can();
}

/* So many bytes that the mux read itself. */
static void comes(size_t n)
{
	char *buf = malloc(n + 1);

	for (size_t i = 0; i < n; i++)
		buf[i] = byte_at(k.made + i);
	k.made += n;
	spanq_push_copy(&server()->g.in, buf, n);
	free(buf);
	news(server(), 0, GATE_DATA);
}

/* So many that the kernel has. */
static void waits(size_t n)
{
	k.waits += n;
	news(server(), 0, GATE_DATA);
}

static bool spliced(void)
{
	return server()->g.flags & GATE_SPLICE;
}

/* The client has got exactly the first n bytes. */
static void has_got(uint64_t n)
{
	uint64_t i = 0;

	ck_assert_uint_eq(client->sent.n, n);
	while (i < n && client->sent.p[i] == byte_at(i))
		i++;
	ck_assert_uint_eq(i, n);
}

static void over(void)
{
	if (!client->released)
		news(client, IN_ABORT | OUT_ABORT, GATE_ABORT);
	ck_assert(client->released);
	ck_assert_uint_eq(pipes_stats().used, 0);
	end();
}

#define RESPONSES "\toption splice-response\n"
#define AUTO "\toption splice-auto\n"

START_TEST(a_flow)
{
	struct px_live *fe, *be;

	flow(RESPONSES);
	comes(8 * 1024);
	ck_assert(spliced());
	waits(100000);
	has_got(8 * 1024 + 100000);
	ck_assert_ptr_null(stream_of(client)->pipe[1]);		/* none is held while nothing is in it */
	ck_assert_uint_eq(pipes_stats().used, 0);
	fe = live_frontend(STR("fe"));
	be = live_backend(STR("be"));
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_SPLICED_OUT), 100000);
	ck_assert_uint_eq(cnt_sum(&be->be, C_SPLICED_OUT), 100000);
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_SPLICED_OUT), 100000);
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_SPLICED_IN), 0);
	over();
}
END_TEST

START_TEST(when_it_begins)
{
	flow("");
	comes(64 * 1024);
	ck_assert(!spliced());		/* nobody asked */
	over();
}
END_TEST

START_TEST(few_bytes_promise_nothing)
{
	flow(RESPONSES);
	comes(8 * 1024 - 1);
	ck_assert(!spliced());
	comes(8 * 1024);
	ck_assert(spliced());
	over();
}
END_TEST

START_TEST(by_itself_later)
{
	flow(AUTO);
	comes(16 * 1024 - 1);
	ck_assert(!spliced());
	comes(16 * 1024);
	ck_assert(spliced());
	over();
}
END_TEST

START_TEST(bodies_of_known_length)
{
	flow(RESPONSES);
	k.want = 16 * 1024 - 1;
	comes(10);
	ck_assert(!spliced());
	k.want = 16 * 1024;
	comes(10);
	ck_assert(spliced());
	over();
}
END_TEST

START_TEST(bodies_by_itself)
{
	flow(AUTO);
	k.want = 64 * 1024 - 1;
	comes(10);
	ck_assert(!spliced());
	k.want = 64 * 1024;
	comes(10);
	ck_assert(spliced());
	over();
}
END_TEST

START_TEST(one_that_cannot)
{
	flow(RESPONSES);
	front_splices.splice_out = NULL;
	comes(64 * 1024);
	ck_assert(!spliced());
	over();
}
END_TEST

/* A client that does not read: what is in the pipe waits, and nothing is read behind it. */
START_TEST(push_back)
{
	flow(RESPONSES);
	comes(8 * 1024);
	client->room = 1000;
	waits(300000);
	has_got(8 * 1024 + 1000);
	ck_assert_uint_le(stream_of(client)->pipe[1]->bytes, 65536);
	ck_assert_uint_ge(k.waits, 300000 - 65536);
	takes(client, 70000);
	has_got(8 * 1024 + 71000);
	takes(client, SIZE_MAX);
	has_got(8 * 1024 + 300000);
	ck_assert_uint_eq(pipes_stats().used, 0);
	over();
}
END_TEST

/* More than is moved in one go: others get their turn, and the rest follows by itself. */
START_TEST(a_lot_at_once)
{
	flow(RESPONSES);
	comes(8 * 1024);
	k.waits = 3 * 1024 * 1024;
	server()->g.user->wake(&server()->g, server()->g.arg, GATE_DATA);
	ck_assert_uint_eq(k.waits, 2 * 1024 * 1024);
	turn();
	has_got(8 * 1024 + 3 * 1024 * 1024);
	over();
}
END_TEST

/* The end is behind the last byte, also of those in the pipe. */
START_TEST(the_end_waits)
{
	flow(RESPONSES);
	comes(8 * 1024);
	client->room = 10;
	k.ends = true;
	waits(5000);
	ck_assert(server()->g.flags & IN_END);
	ck_assert(!client->ended);
	has_got(8 * 1024 + 10);
	takes(client, SIZE_MAX);
	has_got(8 * 1024 + 5000);
	ck_assert(client->ended);
	over();
}
END_TEST

START_TEST(small_pieces_are_copied)
{
	flow(RESPONSES);
	comes(8 * 1024);
	for (int i = 0; i < 3; i++)
		waits(100);
	ck_assert(spliced());
	waits(1460);			/* not small: counted anew */
	for (int i = 0; i < 3; i++)
		waits(1459);
	ck_assert(spliced());
	ck_assert_int_eq(k.given_up, 0);
	waits(1459);
	ck_assert(!spliced());
	ck_assert_int_eq(k.given_up, 1);	/* the mux reads by itself again */
	has_got(8 * 1024 + 300 + 1460 + 4 * 1459);
	comes(8 * 1024);
	ck_assert(spliced());
	over();
}
END_TEST

START_TEST(framing_ends_it)
{
	flow(RESPONSES);
	k.want = 20000;
	comes(10);
	ck_assert(spliced());
	k.want = 0;			/* what comes next is no body */
	waits(0);
	ck_assert(!spliced());
	ck_assert_int_eq(k.given_up, 1);
	comes(10);
	has_got(20);
	over();
}
END_TEST

START_TEST(a_client_that_dies)
{
	flow(RESPONSES);
	comes(8 * 1024);
	client->room = 0;
	waits(5000);
	ck_assert_uint_eq(pipes_stats().used, 1);
	news(client, IN_ABORT | OUT_ABORT, GATE_ABORT);
	ck_assert(client->released);
	over();
}
END_TEST

START_TEST(no_pipe_to_be_had)
{
	struct pipe *p;

	flow(RESPONSES);
	pipes_configure(1, 0);
	p = pipe_take();
	ck_assert_ptr_nonnull(p);
	comes(8 * 1024);
	ck_assert(!spliced());
	ck_assert_int_eq(k.given_up, 1);
	comes(100);
	has_got(8 * 1024 + 100);
	pipe_give(p);
	over();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream splice");

	UNIT_TEST(s, a_flow);
	UNIT_TEST(s, when_it_begins);
	UNIT_TEST(s, few_bytes_promise_nothing);
	UNIT_TEST(s, by_itself_later);
	UNIT_TEST(s, bodies_of_known_length);
	UNIT_TEST(s, bodies_by_itself);
	UNIT_TEST(s, one_that_cannot);
	UNIT_TEST(s, push_back);
	UNIT_TEST(s, a_lot_at_once);
	UNIT_TEST(s, the_end_waits);
	UNIT_TEST(s, small_pieces_are_copied);
	UNIT_TEST(s, framing_ends_it);
	UNIT_TEST(s, a_client_that_dies);
	UNIT_TEST(s, no_pipe_to_be_had);
	return unit_run(s);
}
