#include "weir/sys/libs.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int kept_fd = -1;

/* --- what is loaded --- */

struct walk {
	void (*fn)(const char *path, uintptr_t from, uintptr_t to, void *arg);
	void *arg;
	char exe[512];
};

static int one_object(struct dl_phdr_info *o, size_t size, void *arg)
{
	const struct walk *w = arg;
	uintptr_t from = UINTPTR_MAX, to = 0;
	const char *name = o->dlpi_name && o->dlpi_name[0] ? o->dlpi_name : w->exe;

	for (int i = 0; i < o->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &o->dlpi_phdr[i];
		uintptr_t at = o->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		if (at < from)
			from = at;
		if (at + p->p_memsz > to)
			to = at + p->p_memsz;
	}
	if (strchr(name, '/') && to)	/* not what the kernel provides */
		w->fn(name, from & ~(uintptr_t)4095, to, w->arg);
	return 0;
}

void libs_each(void (*fn)(const char *path, uintptr_t from, uintptr_t to, void *arg), void *arg)
{
	struct walk w = { .fn = fn, .arg = arg };
	ssize_t n = readlink("/proc/self/exe", w.exe, sizeof(w.exe) - 1);

	if (n < 0)
		snprintf(w.exe, sizeof(w.exe), "./weir");
	dl_iterate_phdr(one_object, &w);
}

/* --- names --- */

void symbols_keep(void)
{
	if (kept_fd < 0)
		kept_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

static int first_object(struct dl_phdr_info *o, size_t size, void *arg)
{
	*(uintptr_t *)arg = o->dlpi_addr;
	return 1;
}

/* Sections lie inside the file: it may have been replaced by anything meanwhile. */
static bool inside(const ElfW(Shdr) *s, size_t size)
{
	return s->sh_offset <= size && s->sh_size <= size - s->sh_offset;
}

/* Symbols of one file stand behind the file's own. */
static bool look_up(const char *file, size_t size, uintptr_t offset, char *buf, size_t room)
{
	const ElfW(Ehdr) *e = (const void *)file;
	const ElfW(Shdr) *s;

	if (size < sizeof(*e) || memcmp(e->e_ident, ELFMAG, SELFMAG) != 0 || e->e_shoff > size ||
	    (size_t)e->e_shnum * sizeof(*s) > size - e->e_shoff)
		return false;
	s = (const void *)(file + e->e_shoff);
	for (int i = 0; i < e->e_shnum; i++) {
		const ElfW(Sym) *sym;
		const ElfW(Shdr) *names;
		const char *source = NULL;

		if (s[i].sh_type != SHT_SYMTAB || s[i].sh_link >= e->e_shnum || !inside(&s[i], size))
			continue;
		names = &s[s[i].sh_link];
		if (!inside(names, size) || !names->sh_size || file[names->sh_offset + names->sh_size - 1])
			continue;
		sym = (const void *)(file + s[i].sh_offset);
		for (size_t k = 0; k < s[i].sh_size / sizeof(*sym); k++) {
			const char *name = file + names->sh_offset + sym[k].st_name;
			int type = ELF64_ST_TYPE(sym[k].st_info);

			if (sym[k].st_name >= names->sh_size)
				continue;
			if (type == STT_FILE)
				source = name;
			if (type != STT_FUNC || offset < sym[k].st_value ||
			    offset >= sym[k].st_value + sym[k].st_size)
				continue;
			if (ELF64_ST_BIND(sym[k].st_info) == STB_LOCAL && source)
				snprintf(buf, room, "%s(%s)", name, source);
			else
				snprintf(buf, room, "%s", name);
			return true;
		}
	}
	return false;
}

const char *symbol_name(const void *addr, char *buf, size_t size)
{
	int fd = kept_fd >= 0 ? kept_fd : open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const char *file = MAP_FAILED;
	bool found = false;
	uintptr_t base = 0, offset;
	struct stat st;

	dl_iterate_phdr(first_object, &base);
	offset = (uintptr_t)addr - base;
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
		file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file != MAP_FAILED) {
		found = look_up(file, (size_t)st.st_size, offset, buf, size);
		munmap((void *)file, (size_t)st.st_size);
	}
	if (fd >= 0 && fd != kept_fd)
		close(fd);
	if (!found)
		snprintf(buf, size, "weir+%#zx", (size_t)offset);
	return buf;
}
