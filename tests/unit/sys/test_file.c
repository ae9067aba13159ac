/* Whole files: exactly as long as allowed, one byte more, growing buffers, things that are no files. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "weir/sys/file.h"

/* A file of n bytes, read with that limit; what came of it. */
static struct str read_of(size_t n, size_t max)
{
	char path[] = "/tmp/weir-file-XXXXXX", *text = malloc(n + 1);
	struct str out = { NULL, 0 };
	int fd = mkstemp(path);

	for (size_t i = 0; i < n; i++)
		text[i] = (char)(i % 251);
	ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
	close(fd);
	errno = 0;
	if (file_read(str_c(path), max, &out)) {
		ck_assert_uint_eq(out.n, n);
		ck_assert_int_eq(memcmp(out.p, text, n), 0);
		ck_assert_int_eq(out.p[n], 0);
	}
	unlink(path);
	free(text);
	return out;
}

START_TEST(sizes)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 100000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct str s = read_of(sizes[i], sizes[i]);

		ck_assert_ptr_nonnull(s.p);
		free((char *)s.p);
		if (!sizes[i])
			continue;
		ck_assert_ptr_null(read_of(sizes[i], sizes[i] - 1).p);
		ck_assert_int_eq(errno, EFBIG);
	}
}
END_TEST

START_TEST(no_files)
{
	static char name[5000];
	struct str out;

	ck_assert(!file_read(STR("/nowhere/at/all"), 10, &out));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert(!file_read(STR("/tmp"), 10, &out));
	ck_assert_int_eq(errno, EISDIR);
	ck_assert(!file_read(STR(""), 10, &out));
	memset(name, '/', sizeof(name));
	ck_assert(!file_read(str_make(name, 4096), 10, &out));
	ck_assert_int_eq(errno, ENAMETOOLONG);
	/* It never ends. */
	ck_assert(!file_read(STR("/dev/zero"), 100000, &out));
	ck_assert_int_eq(errno, EFBIG);
	ck_assert(file_read(STR("/dev/null"), 0, &out));
	ck_assert_uint_eq(out.n, 0);
	free((char *)out.p);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("file");

	UNIT_TEST(s, sizes);
	UNIT_TEST(s, no_files);
	return unit_run(s);
}
