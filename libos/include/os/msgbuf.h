/**
 * @file msgbuf.h  Messages to and from bytes, for files and for tests.
 *
 * A writer is the channel of a client: what is sent on the binding is appended to a buffer.  A reader is the channel
 * of a server: what was written arrives, then the channel is closed.  The bytes begin with the interface's
 * fingerprint, so a reader of another version refuses them.  Capabilities are not carried, and answers go nowhere.
 *
 *   frame: head (32 bits), words (32 bits, at most 8), the words; all little-endian
 */
#ifndef OS_MSGBUF_H
#define OS_MSGBUF_H

#include <os/transport.h>
#include <stddef.h>

struct msgbuf {
    uint8_t *bytes;     /**< a block of the heap; the caller's                                                        */
    size_t used, size;
};

/** Append to @p m, all zeroes at first, which must outlive the channel.  A send that finds no room in the heap breaks
 *  the channel.  @return E_HEAP */
err_t msgbuf_writer(struct msgbuf *m, struct transport **t);

/** Read @p bytes, which must outlive the channel.  @return E_HEAP */
err_t msgbuf_reader(const void *bytes, size_t size, struct transport **t);

#endif
