/**
 * @file stream.h  Standard input, output and error of a program: bindings to what its parent named (idl/if/serial.if),
 * opened when they are first used.
 */
#ifndef OS_STREAM_H
#define OS_STREAM_H

#include <os/rpc_lmp.h>
#include <stddef.h>

enum stream { STREAM_IN = 0, STREAM_OUT = 1, STREAM_ERR = 2, STREAMS = 3 };

/** In the place of an iref: the end of a pipe (os/pipe.h) that is the capability in slot @p cptr of the process itself. */
#define STREAM_CAP(cptr)    (1ull << 63 | (cptr))
#define STREAM_IS_CAP(iref) ((iref) >> 63 != 0)
#define STREAM_SLOT(iref)   ((cptr_t)((iref) & ~(1ull << 63)))

#define STREAM_CALL_BYTES 56u   /* that one call carries */

enum serial_mode {
    SERIAL_LINES = 0,           /**< echo, erase with backspace; read gives whole lines; Ctrl-D on an empty line ends the
                                     input, once                                                                      */
    SERIAL_RAW = 1,             /**< no echo; read gives each character as it comes                                   */
};

/** @return E_STREAM_NONE; errors of service_bind() and rpc_call().  A stream that is not there takes nothing. */
err_t stream_write(enum stream stream, const void *bytes, size_t count);

/** Bring out what is no whole line yet. */
err_t stream_flush(enum stream stream);

/** Wait for input, and take at most @p most bytes of it, STREAM_CALL_BYTES in one call.  What this program has written
 *  comes out first, unless it reads on in a line.  @p count: 0 at the end of the input, which is also what E_STREAM_NONE means.
 * @return as stream_write(), and E_STREAM_INTERRUPTED: somebody pressed Ctrl-C meanwhile (stream_on_interrupt()) */
err_t stream_read(void *bytes, size_t most, size_t *count);

/** Let reads have a binding of their own from now on, if they share one with output: then a thread that waits for input
 *  keeps no other from writing.  Before the first read.  Again: no effect.  @return as stream_binding() */
err_t stream_read_apart(void);

/** From now on, until this program ends or another asks, Ctrl-C posts @p event, the same one each time this is called.
 *  It also ends the reads that wait, of every program; what was typed before it and not read is gone.  So who reads need
 *  not cancel anything; who waits for something else lets the event cancel that (rpc_client.cancel), and takes it before.
 * @return as stream_write(); errors of notify_new() */
err_t stream_on_interrupt(uint64_t *event);

/** The binding of a stream, for calls beyond those above.  @return as stream_write() */
err_t stream_binding(enum stream stream, struct rpc_client **binding);

#endif
