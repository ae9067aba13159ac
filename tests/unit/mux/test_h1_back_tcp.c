/* The same over TCP, where ends and resets look different. */
#define RIG_TCP 1
#include "test_h1_back.c"
