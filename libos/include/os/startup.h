/**
 * @file startup.h  What a process finds when it starts, and how its program begins and ends.
 *
 * The maker (os/spawn.h) and the child agree on slots, event ids and the startup block.  The block lies in pages of the
 * child's own that it may write; the dispatcher frame says where (DFU_STARTUP).  It holds no pointers but offsets from
 * its beginning, all of which the child checks before it believes any.
 */
#ifndef OS_STARTUP_H
#define OS_STARTUP_H

#include <os/dispatcher.h>

#define DFU_STARTUP       (DF_USER + 24)    /* address of the startup block */
#define DFU_STARTUP_BYTES (DF_USER + 32)    /* how much is mapped there */

/* Why a program stopped by BRK; the immediate is in the fault's syndrome, bits 15..0. */
#define BRK_EXIT  0x5300    /* os_exit(): x0 is the status */
#define BRK_START 0x5301    /* it could not be set up, at the start or at its first use of a layer: x0 is the err_t */

#ifndef __ASSEMBLER__
#include <shoal/bootinfo.h>
#include <shoal/elf.h>
#include <shoal/ring.h>

/** Entries of a new process's L1 CNode, which has 64. */
enum process_cnode {
    PL1_TASK = 0,           /**< the slots below                                                                      */
    PL1_FREE = 1,           /**< first that is empty                                                                  */
};

/** Slots of the task CNode beyond TASK_L1 to TASK_FRAME.  Services that the maker did not name: empty. */
enum process_slot {
    PSLOT_MONITOR = 16, PSLOT_MEM = 17, PSLOT_PROC = 18,    /**< send capabilities                                    */
    PSLOT_MONITOR_RECV = 19, PSLOT_MEM_RECV = 20, PSLOT_PROC_RECV = 21,     /**< own endpoints for the answers, bound */
    PSLOT_RAM = 22,         /**< RAM in hand, untouched                                                               */
    PSLOT_FROM_MONITOR = 23, PSLOT_FROM_MEM = 24, PSLOT_FROM_PROC = 25,     /**< empty: where capabilities arrive that
                                 come through these, each in its own                                                  */
    PSLOT_MEMORY = 26,      /**< Frame: writable segments, stacks, rings, startup block                               */
    PSLOT_PASSED = 32,      /**< what the maker passed on, in its order                                               */
    PSLOT_FREE = 64,        /**< VNodes and Mappings from here on (os/child_vspace.h); behind them all are empty     */
};
#define PASSED_MAX (PSLOT_FREE - PSLOT_PASSED)

/** Event ids of the three endpoints. */
enum process_event { PEVENT_MONITOR = 1, PEVENT_MEM = 2, PEVENT_PROC = 3, PEVENT_FREE = 4 };

/** The ring of the endpoint with event id e is at startup.rings + (e - 1) * PRING_BYTES. */
#define PRING_LOG2  1u
#define PRING_BYTES RING_BYTES(PRING_LOG2)

#define PROCESS_LOW  0x10000ull             /* addresses that the maker uses: image, then stacks and what follows */
#define PROCESS_HIGH 0x100000000ull

#define STARTUP_MAGIC      0x50555452415453ull      /* "STARTUP" */
#define STARTUP_VERSION    3u
#define STARTUP_NAME_BYTES 32u
#define STARTUP_BYTES_MAX  (64u * 1024)

struct startup_segment {
    uint64_t va, bytes;     /**< as in the ELF file                                                                   */
    uint64_t flags;         /**< enum map_flags                                                                       */
};

struct startup {
    uint64_t magic;
    uint32_t version;
    uint32_t bytes;                     /**< of the whole block                                                       */
    uint64_t pid;
    uint64_t stream[3];                 /**< irefs of standard input, output and error; 0: none                       */
    char name[STARTUP_NAME_BYTES];      /**< of the program, terminated                                               */
    uint32_t argc, envc;
    uint32_t argv, envp;                /**< offsets of argc + 1 and envc + 1 words: offset of each string, then 0    */
    uint32_t vspace, vspace_bytes;      /**< struct child_vspace                                                      */
    uint32_t segments, passed;          /**< how many                                                                 */
    struct startup_segment segment[ELF_SEGMENTS_MAX];   /**< for backtraces                                           */
    uint64_t entry;
    uint64_t stack, stack_bytes;        /**< lowest address; the page below is never mapped                           */
    uint64_t upcall_stack, upcall_stack_bytes;
    uint64_t frame;                     /**< dispatcher frame                                                         */
    uint64_t rings;
    uint64_t ram_base, ram_bytes;       /**< of PSLOT_RAM                                                             */
    uint64_t lazy_bytes;                /**< of lazy segments, promised to the account; 0: no paging is needed        */
};

/** Is @p block, of which @p bytes bytes can be read, a startup block of this version in which every offset, count and
 *  string lies where it may?
 * @return E_STARTUP, E_STARTUP_VERSION.  Cost: O(argc + envc) */
err_t startup_check(const void *block, size_t bytes);

/** Turn the offsets of strings into pointers, in place, once, in a block that startup_check() accepted. */
void startup_strings(struct startup *block, char ***argv, char ***envp);

/** The block of the running process. */
const struct startup *os_startup(void);

struct stock;
struct vspace;
struct vspace_slabs;

/** The layers below the heap of the running process.  The first call of any of the three sets them all up, from the
 *  block and PSLOT_RAM: some 35,000 instructions that a program which maps nothing does not spend.  It must not be made
 *  in an upcall handler or under a low lock.  If the set-up fails, the process ends by BRK_START. */
struct stock *os_stock(void);
struct vspace *os_vspace(void);
struct vspace_slabs *os_vspace_slabs(void);

/** The program.  Returning ends the process with that status. */
int main(int argc, char **argv, char **envp);

/** Of a language's runtime, as crt0.o of the C library: called instead of main(), which it calls in turn.  Does not come
 *  back. */
void os_runtime_main(int argc, char **argv, char **envp);

/** End the process with @p status, of which the low seven bits count. */
_Noreturn void os_exit(int status);

#endif
#endif
