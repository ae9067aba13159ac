#include "weir/http/query.h"

struct str query_begin(struct str pathq, char delim)
{
	size_t at = str_chr(pathq, delim);

	return at == (size_t)-1 ? STR_NONE : str_skip(pathq, at + 1);
}

static size_t param_end(struct str s, char delim)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '&' || s.p[i] == ';' || s.p[i] == delim)
			break;
	return i;
}

bool query_next(struct str *rest, char delim, struct query_param *p)
{
	while (rest->n) {
		size_t end = param_end(*rest, delim), eq = str_chr(str_head(*rest, end), '=');
		struct str param = str_head(*rest, end);

		*rest = str_skip(*rest, end + 1);
		if (eq == (size_t)-1)
			continue;
		p->name = str_head(param, eq);
		p->value = str_skip(param, eq + 1);
		return true;
	}
	return false;
}

bool query_find(struct str pathq, struct str name, char delim, bool ignore_case, struct str *value)
{
	struct str rest = query_begin(pathq, delim);
	struct query_param p;

	while (query_next(&rest, delim, &p)) {
		if (name.n && !(ignore_case ? str_ieq(p.name, name) : str_eq(p.name, name)))
			continue;
		*value = p.value;
		return true;
	}
	return false;
}
