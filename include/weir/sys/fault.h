/* What a debug build says when it dies of a write to memory that is read only. */
#ifndef WEIR_SYS_FAULT_H
#define WEIR_SYS_FAULT_H

/* Once, before there are threads. A SIGSEGV of that kind is then told on stderr, with a backtrace, before whoever
 * handled it so far (a sanitizer, the system) has it. Without WEIR_DEBUG it does nothing. */
#ifdef WEIR_DEBUG
void fault_explain(void);
#else
static inline void fault_explain(void) { }
#endif

#endif
