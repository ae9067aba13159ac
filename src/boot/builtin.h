/* The lists of arrays in builtin.c, as register.c and dump.c walk them. */
#ifndef BOOT_BUILTIN_H
#define BOOT_BUILTIN_H

#include <stddef.h>
#include <stdint.h>

#include "weir/ctl/counter.h"
#include "weir/ctl/ctl.h"

struct loader;
struct service_table;
struct stream_hook;
struct trace_table;

/* An array of rows, each beginning with const char *name. */
struct row_list {
	const void *rows;		/* NULL ends a list of lists */
	size_t size;			/* of one row */
	size_t n;			/* 0: see count */
	const size_t *count;		/* NULL with n == 0: a row without name ends the array */
};
struct kw_listing { struct row_list list; size_t base; uint32_t only; };

struct builtin {
	const struct kw_listing *keywords;
	const struct row_list *sections, *fetches, *converters, *actions, *logvars;
	const struct ctl_row *const *commands;
	const struct cnt_row *const *stat_columns, *const *info_fields;
	const struct service_table *services;		/* ended by rows == NULL */
	const struct stream_hook *const *hooks;		/* ended by NULL */
	bool (*const *settle)(struct loader *ld, void *conf);	/* ended by NULL; see struct conf_registry */
	const struct trace_table *traces;
	bool (*const *settle_server)(struct loader *ld, void *line);
};
extern const struct builtin builtin;

size_t row_list_count(const struct row_list *l);

#endif
