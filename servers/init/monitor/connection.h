/**
 * @file connection.h  Bindings between processes of two cores: what their monitors keep of each.
 *
 * A connection is a page that both processes map, with a ring in each direction (os/ump.h), and two Notifys, each known
 * to the other's core under an index.  The page is of the memory of the client's monitor, so it outlives either process.
 * Once the two are connected no monitor and no kernel is on the way of a message.
 *
 *   client            its monitor X            the server's monitor Y         server
 *   remote_open ----> page, index    
 *   <---- page
 *   remote_ready ---> ------- bind ---------> page, proxy of the client's
 *                                             ----- service.open ----------->  maps the page
 *                                             ----- service.wake ----------->
 *                                             <---- its Notify -------------
 *                     <------ index ---------
 *   <---- proxy of the server's
 *
 * When one of the two ends, its monitor says unbind; the other one closes the ring in its name and wakes its own process,
 * which finds the channel closed.  The client's monitor frees the page when the other one has answered, which it does
 * when the server has let go of it (remote_close) or ended.
 */
#ifndef MONITOR_CONNECTION_H
#define MONITOR_CONNECTION_H

#include "monitor.h"
#include "peer.h"

struct connection {
    struct connection *next;            /**< of its core's                                                            */
    uint64_t number;                    /**< the client's core << ID_CORE_SHIFT | counted there                       */
    uint64_t other;                     /**< the other process's core                                                 */
    struct client *client;              /**< here is the client's side; NULL: it has ended                            */
    struct service *service;            /**< here is the server's side; NULL: it has ended                            */
    bool served;                        /**< which of the two it is                                                   */
    uint64_t pid, flags, iref;
    cptr_t frame;
    struct ram_block block;             /**< what the page is made of, on the client's side                           */
    cptr_t notify;                      /**< of our process                                                           */
    uint64_t index;                     /**< under which the other core signals it; 0: none                           */
    uint64_t signal;                    /**< under which we signal the other process                                  */
    enum {
        CONNECTION_NEW,                 /**< client's side: nobody else knows it                                      */
        CONNECTION_ASKED,               /**< bind is under way: at the other monitor, or in the service's queue       */
        CONNECTION_WAKE,                /**< server's side: the second call at the server                             */
        CONNECTION_UP,
        CONNECTION_CLOSING,             /**< unbind is under way, or waits for the server                             */
        CONNECTION_FAILED,
    } state;
    err_t err;                          /**< CONNECTION_FAILED                                                        */
    bool gone;                          /**< the other side has ended                                                 */
    struct turn turn;                   /**< server's side                                                            */
    enum { SENDING_NONE, SENDING, SENDING_DONE } sending;       /**< a capability of our process's                    */
    err_t sent_err;                     /**< SENDING_DONE                                                             */
    cptr_t arrived;                     /**< one for our process, in a slot of its own; CPTR_NULL: none               */
    bool delivering;                    /**< and the server is being handed it                                        */
};

/** @param served  the side of the server; NULL: there is none */
struct connection *connection_find(uint64_t number, bool served);

/* --- what a client asks, and a server (monitor.if) --- */
err_t connection_open(struct client *c, iref_t service, cptr_t notify, uint64_t *number, cptr_t *frame);
err_t connection_ready(struct client *c, uint64_t number, cptr_t *wake);
err_t connection_close(struct client *c, uint64_t number);
void connections_of_end(struct client *c);

/* --- what other monitors say (intermon.if) --- */
err_t connection_serve(uint64_t core, uint64_t number, iref_t iref, uint64_t pid, uint64_t flags, uint64_t base,
                       uint64_t notify);
err_t connection_bound(uint64_t number, err_t err, uint64_t signal);
err_t connection_unbind(uint64_t core, uint64_t number);
err_t connection_unbound(uint64_t core, uint64_t number);

/** That core is off. */
void connections_of_core_end(uint64_t core);

/* --- what services.c calls --- */
err_t connection_post(struct connection *connection, struct rpc_session *session);
err_t connection_result(struct connection *connection, struct rpc_message *m, cptr_t *got);
void connection_answered(struct connection *connection, err_t err, cptr_t got);
void connections_of_service_end(struct service *s);

#endif
