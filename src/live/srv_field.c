#include "weir/live/srv_field.h"

static struct {
	const struct srv_field_row *const *tables;
	void (*view)(const struct srv *s, struct srv_view *v);
} known;

void srv_fields_set(const struct srv_field_row *const *tables, void (*view)(const struct srv *s, struct srv_view *v))
{
	known.tables = tables;
	known.view = view;
}

const struct srv_field_row *srv_field_find(const struct srv *s, struct str name)
{
	for (const struct srv_field_row *const *t = known.tables; t && *t; t++)
		for (const struct srv_field_row *row = *t; row->name; row++)
			if (str_eqz(name, row->name) && (!row->has || row->has(s)))
				return row;
	return NULL;
}

void srv_field_view(const struct srv *s, struct srv_view *v)
{
	if (known.view)
		known.view(s, v);
}
