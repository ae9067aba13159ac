#include "front_priv.h"
bool front_crt_list(struct front_load *l, struct str path)
{
	tls_fault_set(l->why, "crt-list");
	return false;
}
