/**
 * @file pipe.h  Pipes between processes (servers/pipe).
 *
 * An end is a capability.  While any process has one for the writing end, readers wait for more; when the last goes, by
 * pipe_drop_end() or with its holder, they read what there is and then the end of the input.  When the last one for the
 * reading end goes, writes fail.  To give an end to a child, name it as one of its streams (STREAM_CAP(), os/stream.h),
 * or pass it (os/process.h).
 *
 * Reading and writing needs a binding, which holds no end by itself.  Up to PIPE_ATOMIC bytes of one call stay together; a
 * pipe holds four times as many.
 */
#ifndef OS_PIPE_H
#define OS_PIPE_H

#include <os/rpc_lmp.h>

#define PIPE_ATOMIC 4096u

/** A new pipe; @p end[0] is read from, @p end[1] written to.  Both lie in slots of os_stock(), and are the caller's.  The
 *  first call waits until there is a pipe server.
 * @return E_PIPE_LIMIT, errors of service_bind_name() and rpc_call().  Cost: two RPCs */
err_t pipe_new(cptr_t end[2]);

/** Delete an end that pipe_new() gave, and free its slot. */
void pipe_drop_end(cptr_t end);

/** A binding to one end. */
struct pipe_stream {
    struct rpc_client client;
    struct rpc_seat *seat;
    cptr_t frame;               /**< of the page; CPTR_NULL: there is none yet                                        */
    uint64_t page;              /**< shared with the server                                                           */
};

/** @p end is borrowed for the call.  @return E_PIPE_NONE it is none, or the pipe server has been started anew;
 *  E_PIPE_LIMIT; errors of services and rpc_call() */
err_t pipe_open_stream(struct pipe_stream *s, cptr_t end);

/** The same on a binding @p c that is all zero, which stays until the process ends. */
err_t pipe_bind(struct rpc_client *c, cptr_t end);

/** Get the page, if it is not there: only for calls that take in a capability (docs/threads.md).  @return errors of the
 *  layers and of rpc_call(); reads and writes then go without */
err_t pipe_need_page(struct pipe_stream *s);

/** Wait for bytes, and take at most @p most of them, at least 1.  @p count 0: end of the input.  One thread at a time.
 * @return E_PIPE_WAY, errors of rpc_call() */
err_t pipe_read_stream(struct pipe_stream *s, void *bytes, size_t most, size_t *count);

/** Write all @p bytes.  @p count: those that were taken, also after an error.  One thread at a time.
 * @return E_PIPE_END nobody can read any more; E_PIPE_WAY; errors of rpc_call() */
err_t pipe_write_stream(struct pipe_stream *s, const void *bytes, size_t count, size_t *written);

void pipe_close_stream(struct pipe_stream *s);

#endif
