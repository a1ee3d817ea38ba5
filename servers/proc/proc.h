/**
 * @file proc.h  All that the process server has, and who does what with it.
 *
 *   main.c       start, and the loop
 *   programs.c   the boot archive and what was read of it
 *   drafts.c     what a parent has sent for its next process
 *   processes.c  one record for each process
 *   make.c       from a draft to a process that runs
 *   end.c        from a stopped process to nothing
 *   boot.c       menu.lst: what is started at boot, and again
 *   ops.c        the calls of proc.if
 *   log.c        messages of this server
 *   crash.c, crash_trace.c, symbols.c   what is told about a crash
 *   menu.c       reader of menu.lst
 *
 * It waits for the memory server and the monitor only, which wait for nobody.
 */
#ifndef PROC_H
#define PROC_H

#include <os/process.h>
#include <os/remote_seat.h>
#include <os/services.h>
#include <os/slab.h>
#include <os/spawn.h>

#define PROC_BUCKETS     64u
#define PROC_EVENTS      4096u
#define PROC_SEATS       64u                /* event id of the first client's seat */
#define PROC_TEXT_BYTES  (STARTUP_BYTES_MAX - 8192u)    /* of all strings of a process */
#define PROC_STRINGS_MAX 8192u
#define PROC_CHILDREN    4096u              /* that one process may have, ended ones it has not waited for included */
#define SERVER_PRIORITY  192u
#define PROGRAM_PRIORITY 128u               /* of all else: no program keeps a server from running */

/** A program of the archive that was started before. */
struct program {
    struct program *next;
    struct image image;
    char name[STARTUP_NAME_BYTES];
};

struct text_chunk {
    struct text_chunk *next;
    uint32_t bytes;
    char text[244];
};

/** What was sent for the next process. */
struct draft {
    struct text_chunk *first, *last;
    uint64_t bytes;
    bool has_streams;
    iref_t stream[3];
    unsigned passed_count;
    cptr_t passed[PASSED_MAX];              /**< slots of ours, one after another as they came                        */
};

struct boot_entry;

struct process {
    struct process *next;                   /**< in its bucket                                                        */
    struct process *before, *after;         /**< list of all, by number                                               */
    uint64_t pid, account, flags;           /**< enum process_flags                                                   */
    struct process *parent;                 /**< NULL: it ended, or there was none                                    */
    unsigned children;                      /**< records whose parent this is                                         */
    enum process_state state;
    unsigned status;
    uint64_t told;                          /**< log_end() behind what was told about its end; 0: nothing was         */
    cptr_t dispatcher;                      /**< our copy                                                             */
    iref_t stream[3];
    uint64_t stack;                         /**< lowest address                                                       */
    const struct program *program;
    bool remote;                            /**< of another core: in no list, here as a parent, as long as its binding is */
    struct rpc_seat *seat;                  /**< its binding; NULL: none                                              */
    struct draft *draft;
    struct boot_entry *entry;               /**< of the menu, or NULL                                                 */
    char name[STARTUP_NAME_BYTES];
};

struct proc {
    struct rpc_server server;
    struct rpc_seats seats;
    struct remote_seats remote;
    struct slab program_slab, chunk_slab, draft_slab, process_slab;
    struct spawn_maker maker;
    const char *archive;
    uint64_t archive_offset, archive_bytes;
    struct program *programs;
    struct process *bucket[PROC_BUCKETS], *first, *last;
    uint64_t core;                          /**< this one                                                             */
    uint64_t first_number;                  /**< processes of this start of the core count from here                  */
    bool ending;                            /**< the core is about to stop                                            */
    uint64_t latest;                        /**< number of the process made last                                      */
    iref_t console;                         /**< service of the terminal; 0: there is none yet                        */
    struct rpc_session *session[PROC_EVENTS];
};

extern struct proc proc;

/* --- programs.c --- */

/** Find and check the program @p name.  @return E_ARCHIVE_*, E_ELF_*, E_SLAB_EMPTY */
err_t program_find(const char *name, struct program **program);

/** A file of the archive, whatever it holds.  @return false: there is none */
bool archive_file(const char *name, const char **text, size_t *bytes);

/* --- drafts.c --- */

/** @p count bytes more.  @return E_PROC_TEXT_SIZE, E_SLAB_EMPTY */
err_t draft_text(struct process *p, const char *text, size_t count);

/** The capability in slot @p cap, moved to a slot of ours.  @return E_PROC_PASSED, E_SLAB_EMPTY, errors of slots and move */
err_t draft_pass(struct process *p, cptr_t cap);
err_t draft_streams(struct process *p, const iref_t stream[3]);

/** Forget it, capabilities too. */
void draft_drop(struct process *p);

/** The strings of the draft (NULL: none): name, arguments, environment, as pointers into memory of this file that is
 *  used again by the next call.  @return E_PROC_TEXT */
err_t draft_strings(const struct draft *d, uint64_t argc, uint64_t envc, const char ***strings);

/* --- processes.c --- */

struct process *process_find(uint64_t pid);

/** A record with a new number, at the end of the list.  @return NULL: no memory */
struct process *process_add(const char *name, struct process *parent);
void process_remove(struct process *p);

/** A record for a process of another core.  @return NULL: no memory */
struct process *process_add_remote(uint64_t pid, uint64_t flags);

/** Is @p p a child of @p who, or a child's child …?  Cost: O(generations) */
bool process_descends(const struct process *p, const struct process *who);

/* --- make.c --- */

/** Make and start the process of these strings and the draft's capabilities.  @p parent: NULL for those of the menu.
 * @return errors of what it calls, E_PROC_*; then nothing is left of it */
struct make {
    struct process *parent;
    const char *const *argv, *const *envp;      /**< terminated by NULL                                               */
    const char *name;                           /**< of the program                                                   */
    unsigned argc, envc;
    const struct draft *draft;                  /**< capabilities and streams, or NULL                                */
    const iref_t *stream;                       /**< [3], if the draft has none                                       */
    uint64_t limit;                             /**< bytes; 0: none                                                   */
    uint64_t flags;                             /**< enum process_flags                                               */
    uint64_t priority;
};
err_t process_make(const struct make *make, struct process **made);

/* --- end.c --- */

/** Remove all that @p p consists of; it becomes a number and a status until its parent asks, or nothing.
 *  @p p must be running. */
void process_finish(struct process *p, unsigned status);

/** The process server's part of manager.stopped. */
err_t process_stopped(uint64_t pid, const uint64_t fault[5], uint64_t x0);

/** A process of another core lets go of its binding: its record goes, its children have no parent any more. */
void process_remote_gone(struct process *p);

/** All but init, mem and this one; none is started again. */
void processes_end_all(void);

/** Stop and remove a running process. */
void process_end_by_force(struct process *p);

/* --- boot.c --- */

/** Start what the menu says, up to the terminal; then, when that is ready, the rest. */
void boot_start(void);
void boot_console_ready(void);
void boot_ended(struct process *p);             /**< one that the menu started; its record is still there             */
void boot_step(void);                           /**< start again what waited until proc.server.deadline               */

/* --- log.c --- */

/** A line of this server's; @p format as print(). */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Where the log ends now, and whether it has been written up to there. */
uint64_t log_end(void);
bool log_written(uint64_t end);

/** Lines go to @p output from now on (moved); answers come to the capability made in *answers, an empty slot.
 *  Errors of the layers */
err_t log_console(cptr_t output, cptr_t answers);

/* --- ops.c --- */

void proc_request(struct rpc_session *session, struct rpc_message *message);
void proc_closed(struct rpc_session *session);

/** Ask its kept request again. */
void process_retry(struct process *p);

/** More of the log has been written: parents may wait for that. */
void processes_log_written(void);

#endif
