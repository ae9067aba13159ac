/* Telling the service manager how we are (sd_notify protocol). */
#ifndef WEIR_SYS_NOTIFY_H
#define WEIR_SYS_NOTIFY_H

#include <stdbool.h>

/* Sends lines like "READY=1\nSTATUS=Ready.\n" to the socket that $NOTIFY_SOCKET names. False: nobody asked to be told,
 * or he does not listen. */
bool notify_send(const char *state);

#endif
