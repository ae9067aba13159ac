/* What results mean for a server: counting up and down between DOWN and UP. */
#include "check_priv.h"

bool chk_health_passed(struct chk_health *h)
{
	unsigned top = h->rise + h->fall - 1;

	if (h->health >= top)
		return false;
	h->health++;
	if (h->health >= h->rise)
		h->health = top;
	return true;
}

bool chk_health_failed(struct chk_health *h)
{
	if (h->health == 0)
		return false;
	h->health--;
	if (h->health < h->rise)
		h->health = 0;
	return true;
}

const struct chk_status_row chk_statuses[CHK_STATUSES] = {
	[CHK_INI] = { "INI", "Initializing", false, 1 },
	[CHK_SOCKERR] = { "SOCKERR", "Socket error", false, 5 },
	[CHK_L4OK] = { "L4OK", "Layer4 check passed", true, 6 },
	[CHK_L4TOUT] = { "L4TOUT", "Layer4 timeout", false, 7 },
	[CHK_L4CON] = { "L4CON", "Layer4 connection problem", false, 8 },
	[CHK_L6OK] = { "L6OK", "Layer6 check passed", true, 9 },
	[CHK_L6TOUT] = { "L6TOUT", "Layer6 timeout", false, 10 },
	[CHK_L6RSP] = { "L6RSP", "Layer6 invalid response", false, 11 },
	[CHK_L7TOUT] = { "L7TOUT", "Layer7 timeout", false, 12 },
	[CHK_L7RSP] = { "L7RSP", "Layer7 invalid response", false, 13 },
	[CHK_HANA] = { "HANA", "Health analyze", false, 4 },
	[CHK_CHECKED] = { "CHECKED", "No status change", false, 3 },
	[CHK_L7OK] = { "L7OK", "Layer7 check passed", true, 15 },
	[CHK_L7OKC] = { "L7OKC", "Layer7 check conditionally passed", true, 16 },
	[CHK_L7STS] = { "L7STS", "Layer7 wrong status", false, 17 },
	[CHK_PROCERR] = { "PROCERR", "External check error", false, 18 },
	[CHK_PROCTOUT] = { "PROCTOUT", "External check timeout", false, 19 },
	[CHK_PROCOK] = { "PROCOK", "External check passed", true, 20 },
};
