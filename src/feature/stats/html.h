/* The statistics page: style sheet and columns. */
#ifndef WEIR_STATS_HTML_H
#define WEIR_STATS_HTML_H

struct html_column {
	const char *group;	/* head over several columns */
	const char *title;
	const char *field;	/* of show stat; NULL: made by the page */
	const char *unit;	/* "s", "B": how the number is written; NULL: as it is */
};
extern const struct html_column html_columns[];	/* ended by title == NULL */
extern const char html_style[];

#endif
