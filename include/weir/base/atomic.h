/* Atomics by name of what they promise. */
#ifndef WEIR_BASE_ATOMIC_H
#define WEIR_BASE_ATOMIC_H

/* Relaxed: counters and hints. */
#define atom_get(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define atom_set(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define atom_add(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define atom_sub(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_RELAXED)
/* A counter that only its own thread writes and others read: no locked instruction. */
#define atom_own_add(p, v) __atomic_store_n((p), __atomic_load_n((p), __ATOMIC_RELAXED) + (v), __ATOMIC_RELAXED)
/* Publishing: what was written before a release is seen after an acquire. */
#define atom_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atom_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define atom_swap(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define atom_cas(p, oldp, v) __atomic_compare_exchange_n((p), (oldp), (v), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#define atom_add_acq_rel(p, v) __atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL)
#define atom_sub_acq_rel(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_ACQ_REL)

#endif
