/* An AVL tree: the heights of a node's two subtrees differ by one at most. A change is followed
 * upwards ("retraced") until a height comes out as it was. The root's parent is the root itself,
 * which tells it from an unlinked node. */
#include "weir/base/tree.h"

static inline int height(const struct tree_node *n)
{
	return n ? n->height : 0;
}

static inline struct tree_node *parent_of(const struct tree_node *n)
{
	return n->parent == n ? NULL : n->parent;
}

static inline int side_of(const struct tree_node *n)
{
	return n->parent->child[1] == n;
}

static inline void update_height(struct tree_node *n)
{
	n->height = 1 + MAX(height(n->child[0]), height(n->child[1]));
}

/* Puts n (may be NULL) below parent on that side, or at the root. */
static void hang(struct tree *t, struct tree_node *parent, int side, struct tree_node *n)
{
	if (parent)
		parent->child[side] = n;
	else
		t->root = n;
	if (n)
		n->parent = parent ? parent : n;
}

/* Lifts n's child of that side into n's place; returns it. */
static struct tree_node *rotate(struct tree *t, struct tree_node *n, int side)
{
	struct tree_node *parent = parent_of(n), *up = n->child[side];
	int at = parent ? side_of(n) : 0;

	n->child[side] = up->child[!side];
	if (n->child[side])
		n->child[side]->parent = n;
	up->child[!side] = n;
	n->parent = up;
	hang(t, parent, at, up);
	update_height(n);
	update_height(up);
	return up;
}

/* Restores the balance of n; returns the root of this subtree. */
static struct tree_node *balance(struct tree *t, struct tree_node *n)
{
	int lean = height(n->child[1]) - height(n->child[0]);
	int side = lean > 0;
	struct tree_node *c = n->child[side];

	if (lean >= -1 && lean <= 1) {
		update_height(n);
		return n;
	}
	if (height(c->child[side]) < height(c->child[!side]))
		rotate(t, c, !side);
	return rotate(t, n, side);
}

static void retrace(struct tree *t, struct tree_node *n)
{
	while (n) {
		int was = n->height;

		n = balance(t, n);
		if (n->height == was)
			break;
		n = parent_of(n);
	}
}

static void link_leaf(struct tree *t, struct tree_node *parent, int side, struct tree_node *n)
{
	WASSERT(!tree_linked(n));
	n->child[0] = n->child[1] = NULL;
	n->height = 1;
	hang(t, parent, side, n);
	retrace(t, parent);
}

void tree_insert(struct tree *t, struct tree_node *n, const void *key, tree_cmp_f *cmp)
{
	struct tree_node *at = t->root, *parent = NULL;
	int side = 0;

	while (at) {
		parent = at;
		side = cmp(key, at) >= 0;
		at = at->child[side];
	}
	link_leaf(t, parent, side, n);
}

/* A node with two children first swaps places with its successor, which has no smaller child. */
static void swap_with_next(struct tree *t, struct tree_node *n)
{
	struct tree_node *next = tree_next(n), was = *n;
	struct tree_node *parent = parent_of(n);
	int at = parent ? side_of(n) : 0;

	n->child[0] = NULL;
	n->child[1] = next->child[1];
	if (n->child[1])
		n->child[1]->parent = n;
	n->height = next->height;
	if (next->parent == n) {
		next->child[1] = n;
		n->parent = next;
	} else {
		hang(t, next->parent, 0, n);
		next->child[1] = was.child[1];
		next->child[1]->parent = next;
	}
	next->child[0] = was.child[0];
	next->child[0]->parent = next;
	next->height = was.height;
	hang(t, parent, at, next);
}

void tree_remove(struct tree *t, struct tree_node *n)
{
	struct tree_node *parent, *child;

	WASSERT(tree_linked(n));
	if (n->child[0] && n->child[1])
		swap_with_next(t, n);
	child = n->child[0] ? n->child[0] : n->child[1];
	parent = parent_of(n);
	hang(t, parent, parent ? side_of(n) : 0, child);
	n->parent = NULL;
	retrace(t, parent);
}

static struct tree_node *outermost(struct tree_node *n, int side)
{
	while (n && n->child[side])
		n = n->child[side];
	return n;
}

/* The neighbour in order: down the other subtree, or up until we come from the near side. */
static struct tree_node *neighbour(const struct tree_node *n, int side)
{
	struct tree_node *up;

	if (n->child[side])
		return outermost(n->child[side], !side);
	while ((up = parent_of(n)) && up->child[side] == n)
		n = up;
	return up;
}

struct tree_node *tree_first(const struct tree *t)
{
	return outermost(t->root, 0);
}

struct tree_node *tree_last(const struct tree *t)
{
	return outermost(t->root, 1);
}

struct tree_node *tree_next(const struct tree_node *n)
{
	return neighbour(n, 1);
}

struct tree_node *tree_prev(const struct tree_node *n)
{
	return neighbour(n, 0);
}

struct tree_node *tree_ge(const struct tree *t, const void *key, tree_cmp_f *cmp)
{
	struct tree_node *n = t->root, *best = NULL;

	while (n) {
		bool fits = cmp(key, n) <= 0;

		best = fits ? n : best;
		n = n->child[!fits];
	}
	return best;
}

struct tree_node *tree_le(const struct tree *t, const void *key, tree_cmp_f *cmp)
{
	struct tree_node *n = t->root, *best = NULL;

	while (n) {
		bool fits = cmp(key, n) >= 0;

		best = fits ? n : best;
		n = n->child[fits];
	}
	return best;
}

struct tree_node *tree_find(const struct tree *t, const void *key, tree_cmp_f *cmp)
{
	struct tree_node *n = tree_ge(t, key, cmp);

	return n && cmp(key, n) == 0 ? n : NULL;
}

static inline struct tree64_node *node64(struct tree_node *n)
{
	return (struct tree64_node *)n;	/* its first member */
}

void tree64_insert(struct tree *t, struct tree64_node *n)
{
	struct tree_node *at = t->root, *parent = NULL;
	int side = 0;

	while (at) {
		parent = at;
		side = n->key >= node64(at)->key;
		at = at->child[side];
	}
	link_leaf(t, parent, side, &n->node);
}

struct tree64_node *tree64_ge(const struct tree *t, uint64_t key)
{
	struct tree_node *n = t->root, *best = NULL;

	while (n) {
		bool fits = key <= node64(n)->key;

		best = fits ? n : best;
		n = n->child[!fits];
	}
	return node64(best);
}

struct tree64_node *tree64_le(const struct tree *t, uint64_t key)
{
	struct tree_node *n = t->root, *best = NULL;

	while (n) {
		bool fits = key >= node64(n)->key;

		best = fits ? n : best;
		n = n->child[fits];
	}
	return node64(best);
}

struct tree64_node *tree64_find(const struct tree *t, uint64_t key)
{
	struct tree64_node *n = tree64_ge(t, key);

	return n && n->key == key ? n : NULL;
}
