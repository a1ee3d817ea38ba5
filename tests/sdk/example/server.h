/** @file server.h  The half of adder that adds. */
#ifndef SERVER_H
#define SERVER_H

#include <shoal/err.h>

/** Offer the service "adder" and serve it until killed.  Comes back only if that cannot begin. */
err_t serve(void);

#endif
