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

struct spawn_options {
    unsigned envc;
    const char *const *envp;
    unsigned passed_count;
    const cptr_t *passed;       /**< copies go to the child's PSLOT_PASSED, in this order, with all rights but own    */
    const iref_t *streams;      /**< [3]; NULL: the caller's own.  STREAM_CAP() (os/stream.h): a copy of that end of a pipe
                                     goes to the child, behind what is passed                                         */
    uint64_t limit;             /**< bytes; 0: what there is                                                          */
    uint64_t flags;             /**< enum spawn_flags                                                                 */
};

/** Start the program argv[0] of the boot archive.  @p options: NULL for none of them.
 * @return errors of proc.spawn: E_ARCHIVE_NONE, E_ELF_*, E_SPAWN_*, E_MEM_LIMIT …; E_PROC_*; errors of rpc_call() */
err_t process_spawn(unsigned argc, const char *const *argv, const struct spawn_options *options, uint64_t *pid);

/** Wait for child @p pid (0: any).  @return E_PROC_CHILD, E_RPC_CANCELLED (os_proc()->cancel), errors of rpc_call() */
err_t process_wait(uint64_t pid, uint64_t *ended, unsigned *status);

/** @return E_PROC_PID, E_PROC_MANAGER */
err_t process_kill(uint64_t pid);

/** The same, with its children, their children, and so on. */
err_t process_kill_tree(uint64_t pid);

struct process_info {
    uint64_t pid, parent;       /**< parent 0: it has none any more                                                   */
    enum process_state state;
    unsigned status;            /**< if it has ended                                                                  */
    uint64_t limit, granted;    /**< bytes                                                                            */
    char name[33];
};

/** The process with the lowest number above @p pid.  @return E_PROC_PID: there is none */
err_t process_next(uint64_t pid, struct process_info *info);

/** Memory of this core in bytes. */
err_t process_memory(uint64_t *total, uint64_t *unused);

#endif
