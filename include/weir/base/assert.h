/* Assertions that stay on in production: a broken invariant stops the process with a named place. */
#ifndef WEIR_BASE_ASSERT_H
#define WEIR_BASE_ASSERT_H

/* Called by WASSERT when a condition does not hold: writes expression, file, line and a backtrace
 * to stderr and aborts. Never returns. Cold: what leads here is kept out of the way of what runs. */
_Noreturn __attribute__((cold)) void assert_failed(const char *expr, const char *file, int line);

#define WASSERT(x) do { if (__builtin_expect(!(x), 0)) assert_failed(#x, __FILE__, __LINE__); } while (0)

/* Compile-time check. */
#define WSTATIC(x) _Static_assert(x, #x)

#endif
