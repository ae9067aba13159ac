#include "tests/unit/unit.h"

#include "weir/base/str.h"
#include "weir/base/tree.h"

struct number {
	struct tree64_node n;
	int serial;
};

/* Order, balance, heights and parents of a subtree; returns its height. */
static int check(const struct tree_node *n)
{
	int h[2];

	if (!n)
		return 0;
	for (int i = 0; i < 2; i++) {
		ck_assert(!n->child[i] || n->child[i]->parent == n);
		h[i] = check(n->child[i]);
	}
	ck_assert_int_le(abs(h[0] - h[1]), 1);
	ck_assert_int_eq(n->height, 1 + MAX(h[0], h[1]));
	return n->height;
}

static void check_order(const struct tree *t, int count)
{
	const struct number *last = NULL;
	struct tree_node *n;
	int seen = 0;

	check(t->root);
	tree_each(n, t) {
		const struct number *x = tree_of(n, struct number, n.node);

		if (last) {
			ck_assert_uint_le(last->n.key, x->n.key);
			ck_assert(last->n.key != x->n.key || last->serial < x->serial);
			ck_assert_ptr_eq(tree_prev(n), &last->n.node);
		}
		last = x;
		seen++;
	}
	ck_assert_int_eq(seen, count);
}

START_TEST(random_numbers_come_and_go)
{
	static struct number v[500];
	struct tree t = { 0 };
	int count = 0, serial = 0;

	srandom(7);
	for (int round = 0; round < 5000; round++) {
		struct number *x = &v[random() % 500];

		if (tree_linked(&x->n.node)) {
			tree_remove(&t, &x->n.node);
			count--;
		} else {
			x->n.key = random() % 200;
			x->serial = serial++;
			tree64_insert(&t, &x->n);
			count++;
		}
		if (round % 50 == 0)
			check_order(&t, count);
	}
	while (!tree_empty(&t)) {
		tree_remove(&t, t.root);
		check_order(&t, --count);
	}
}
END_TEST

START_TEST(bounds)
{
	struct number v[6] = { 0 };
	static const uint64_t keys[] = { 10, 20, 20, 30, 0, UINT64_MAX };
	struct tree t = { 0 };

	ck_assert_ptr_null(tree64_ge(&t, 0));
	ck_assert_ptr_null(tree64_le(&t, 0));
	ck_assert_ptr_null(tree_first(&t));
	for (int i = 0; i < 4; i++) {
		v[i].n.key = keys[i];
		tree64_insert(&t, &v[i].n);
	}
	ck_assert_ptr_eq(tree64_find(&t, 20), &v[1].n);
	ck_assert_ptr_null(tree64_find(&t, 21));
	ck_assert_ptr_eq(tree64_ge(&t, 11), &v[1].n);
	ck_assert_ptr_eq(tree64_le(&t, 29), &v[2].n);
	ck_assert_ptr_null(tree64_ge(&t, 31));
	ck_assert_ptr_null(tree64_le(&t, 9));
	for (int i = 4; i < 6; i++) {
		v[i].n.key = keys[i];
		tree64_insert(&t, &v[i].n);
	}
	ck_assert_ptr_eq(tree_first(&t), &v[4].n.node);
	ck_assert_ptr_eq(tree_last(&t), &v[5].n.node);
	ck_assert_ptr_eq(tree64_ge(&t, UINT64_MAX), &v[5].n);
}
END_TEST

struct word {
	const char *text;
	struct tree_node node;
};

static int cmp_word(const void *key, const struct tree_node *n)
{
	return strcmp(key, tree_of(n, struct word, node)->text);
}

START_TEST(callback_keys)
{
	struct word words[] = {
		{ .text = "pear" }, { .text = "apple" }, { .text = "fig" }, { .text = "fig" }
	};
	struct tree t = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		tree_insert(&t, &words[i].node, words[i].text, cmp_word);
	ck_assert_ptr_eq(tree_find(&t, "fig", cmp_word), &words[2].node);
	ck_assert_ptr_eq(tree_next(&words[2].node), &words[3].node);
	ck_assert_ptr_eq(tree_ge(&t, "b", cmp_word), &words[2].node);
	ck_assert_ptr_eq(tree_le(&t, "b", cmp_word), &words[1].node);
	ck_assert_ptr_null(tree_find(&t, "b", cmp_word));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("tree");

	UNIT_TEST(s, random_numbers_come_and_go);
	UNIT_TEST(s, bounds);
	UNIT_TEST(s, callback_keys);
	return unit_run(s);
}
