/**
 * @file process.h  Processes, as their parent sees them: calls of the process server (idl/if/proc.if).
 */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include <os/rpc.h>

enum spawn_flags {
    SPAWN_MANAGER = 1,          /**< it may do what managers may: kill any process, switch the machine off.  Only managers
                                     can say so                                                                       */
};

enum process_state { PROCESS_RUNNING = 0, PROCESS_ENDING = 1, PROCESS_ENDED = 2 };

/** Exit status beyond 127: 128 + enum fault_cause; cause FAULT_NONE is that of a process that was killed. */
#define STATUS_CRASHED 128u
#define STATUS_KILLED  STATUS_CRASHED

#define PID_TEXT_BYTES 24u

/** A process number as people read it: of the boot core a number, of core N "N.number".  @return @p text, with it */
const char *pid_text(char text[PID_TEXT_BYTES], uint64_t pid);

struct spawn_options {
    unsigned envc;
    const char *const *envp;
    unsigned passed_count;
    const cptr_t *passed;       /**< copies go to the child's PSLOT_PASSED, in this order, with all rights but own    */
    const iref_t *streams;      /**< [3]; NULL: the caller's own.  STREAM_CAP() (os/stream.h): a copy of that end of a pipe
                                     goes to the child, behind what is passed                                         */
    uint64_t limit;             /**< bytes; 0: what there is                                                          */
    uint64_t flags;             /**< enum spawn_flags                                                                 */
    bool elsewhere;             /**< on this core instead of the caller's:                                            */
    uint64_t core;
};

/** Start the program argv[0] of the boot archive.  @p options: NULL for none of them.
 * @return errors of proc.spawn: E_ARCHIVE_NONE, E_ELF_*, E_SPAWN_*, E_MEM_LIMIT …; E_PROC_*; errors of rpc_call() */
err_t process_spawn(unsigned argc, const char *const *argv, const struct spawn_options *options, uint64_t *pid);

/** Wait for child @p pid (0: any of this core).  Beside other threads it looks every 1 to 16 ms; alone, it is told.  If
 *  the child's core is stopped meanwhile it was killed (STATUS_KILLED); if that was before, it is no child any more.
 * @return E_PROC_CHILD, E_RPC_CANCELLED (os_proc()->cancel), errors of rpc_call() */
err_t process_wait(uint64_t pid, uint64_t *ended, unsigned *status);

/** @return E_PROC_PID, E_PROC_MANAGER */
err_t process_kill(uint64_t pid);

/** The same, with its children, their children, and so on, as far as they are of its core. */
err_t process_kill_tree(uint64_t pid);

struct process_info {
    uint64_t pid, parent;       /**< parent 0: it has none any more                                                   */
    enum process_state state;
    unsigned status;            /**< if it has ended                                                                  */
    uint64_t limit, granted;    /**< bytes                                                                            */
    uint64_t time;              /**< ticks it has run; of init, mem and proc: 0                                       */
    char name[33];
};

/** The process with the lowest number above @p pid, on the boot core also of the cores behind that of @p pid;
 *  elsewhere of that core alone.  @return E_PROC_PID: there is none */
err_t process_next(uint64_t pid, struct process_info *info);

/** Memory of this core in bytes: what its memory server has. */
err_t process_memory(uint64_t *total, uint64_t *unused);

/** The same of another one.  Errors of process_server(), rpc_call() */
err_t process_memory_of(uint64_t core, uint64_t *total, uint64_t *unused);

/** The process server of a core, borrowed.  All calls above find it by the number of the process.
 * @return errors of service_bind(): E_CORE_DOWN … */
err_t process_server(uint64_t core, struct rpc_client **client);

/** How many cores the machine has, and which of them are up: the next above @p core that is, or E_CORE_NONE.  From ~0: the
 *  first.  On the boot core: elsewhere E_CORE_HOME.  Errors of monitor.core */
err_t process_core_next(uint64_t core, uint64_t *next);

#endif
