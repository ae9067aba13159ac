/* Ordered tree, intrusive: a root and nodes inside the objects. Balanced (AVL): every operation
 * takes O(log n) steps and no memory. Equal keys are kept in the order of insertion. No locking. */
#ifndef WEIR_BASE_TREE_H
#define WEIR_BASE_TREE_H

#include <stdbool.h>
#include "weir/base/obj.h"

struct tree_node {
	struct tree_node *parent;	/* of the root: the node itself; NULL: not in a tree */
	struct tree_node *child[2];	/* smaller, greater (or equal) */
	int height;			/* of the subtree, a leaf has 1 */
};

/* A zeroed tree is an empty one; zeroed nodes are in no tree. */
struct tree {
	struct tree_node *root;
};

/* Order of a key against a node's key: negative, 0, positive as in strcmp. */
typedef int tree_cmp_f(const void *key, const struct tree_node *n);

static inline bool tree_empty(const struct tree *t) { return t->root == NULL; }
static inline bool tree_linked(const struct tree_node *n) { return n->parent != NULL; }
/* key is the node's own key. The node must not be in a tree. */
void tree_insert(struct tree *t, struct tree_node *n, const void *key, tree_cmp_f *cmp);
/* The node must be in this tree; it is unlinked afterwards. */
void tree_remove(struct tree *t, struct tree_node *n);
/* The first node of all with this key / not below it; the last one not above it. NULL: none. */
struct tree_node *tree_find(const struct tree *t, const void *key, tree_cmp_f *cmp);
struct tree_node *tree_ge(const struct tree *t, const void *key, tree_cmp_f *cmp);
struct tree_node *tree_le(const struct tree *t, const void *key, tree_cmp_f *cmp);
struct tree_node *tree_first(const struct tree *t);
struct tree_node *tree_last(const struct tree *t);
struct tree_node *tree_next(const struct tree_node *n);
struct tree_node *tree_prev(const struct tree_node *n);

/* The same with a number as the key, in a node of its own: no callback. Walk and remove through
 * .node. */
struct tree64_node {
	struct tree_node node;
	uint64_t key;
};

/* n->key must be set and must stay while the node is in the tree. */
void tree64_insert(struct tree *t, struct tree64_node *n);
struct tree64_node *tree64_find(const struct tree *t, uint64_t key);
struct tree64_node *tree64_ge(const struct tree *t, uint64_t key);
struct tree64_node *tree64_le(const struct tree *t, uint64_t key);

#define tree_of(n, type, member) container_of((n), type, member)
/* pos: a struct tree_node *. Do not remove pos inside. */
#define tree_each(pos, t) for (pos = tree_first(t); pos; pos = tree_next(pos))

#endif
