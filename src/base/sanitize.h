/* SANITIZED: 1 when a sanitizer watches the heap, and caches of our own would hide mistakes from
 * it. */
#ifndef WEIR_SRC_BASE_SANITIZE_H
#define WEIR_SRC_BASE_SANITIZE_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
