/* Doubly linked list, intrusive: a head and links in the objects. */
#ifndef WEIR_BASE_LIST_H
#define WEIR_BASE_LIST_H

#include <stdbool.h>
#include "weir/base/obj.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(l) { &(l), &(l) }
static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }
/* A link that is in no list points to itself: initialise links with list_init, remove with list_del. */
static inline void list_add_before(struct list *at, struct list *e)
{
	e->prev = at->prev;
	e->next = at;
	at->prev->next = e;
	at->prev = e;
}
static inline void list_push(struct list *head, struct list *e) { list_add_before(head, e); }
static inline void list_push_front(struct list *head, struct list *e) { list_add_before(head->next, e); }
static inline void list_del(struct list *e)
{
	e->next->prev = e->prev;
	e->prev->next = e->next;
	list_init(e);
}
static inline bool list_linked(const struct list *e) { return e->next != e; }
#define list_first(head, type, member) container_of((head)->next, type, member)
#define list_last(head, type, member) container_of((head)->prev, type, member)
#define list_each(pos, head, member) \
	for (pos = container_of((head)->next, __typeof__(*pos), member); &pos->member != (head); \
	     pos = container_of(pos->member.next, __typeof__(*pos), member))
/* Allows removal of pos. */
#define list_each_safe(pos, tmp, head, member)                                                                       \
	for (pos = container_of((head)->next, __typeof__(*pos), member),                                             \
	    tmp = container_of(pos->member.next, __typeof__(*pos), member);                                          \
	     &pos->member != (head); pos = tmp, tmp = container_of(tmp->member.next, __typeof__(*tmp), member))

#endif
