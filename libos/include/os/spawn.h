/**
 * @file spawn.h  From a program image to a process that can be started.  For init and the process server.
 *
 *   image_find(), image_frame()     what to run
 *   spawn_plan()                    how much RAM that takes; the caller gets it, on the new process's account
 *   spawn_build()                   everything, out of that one capability
 *   spawn_slot()                    the caller takes copies of what it wants to keep of the child
 *   spawn_finish()                  lets go of all but the Dispatcher; then dispatcher_start()
 *   spawn_abort()                   instead of spawn_finish(): as if nothing had been
 *
 * All that is made lies in the range of the one RAM capability, so revoking that range removes the process.  What else
 * goes into it are copies and Mappings, which lie in the child's CNodes.
 *
 * A child, from low addresses to high: its segments where the ELF file wants them; a page that is never mapped; upcall
 * stack; another; stack; rings; startup block; dispatcher frame.  Segments that are not writable are mapped in place if
 * the file lies in a Frame at a page's beginning, else copied.  A large segment that is all zeroes becomes a lazy region, if
 * the image says that its program serves its own faults (ELF_PT_PAGING) and the request allows it.
 */
#ifndef OS_SPAWN_H
#define OS_SPAWN_H

#include <os/child_vspace.h>
#include <os/startup.h>

/** A program file, mapped by its user for reading.  What its headers say is read and checked once: should somebody else
 *  change the file later, only the child's own memory is other than it was. */
struct image {
    const uint8_t *file;
    size_t bytes;
    struct elf_image elf;
    cptr_t frame;               /**< Frame that the file lies in; CPTR_NULL: none that text can be mapped from        */
    uint64_t frame_offset, frame_bytes;
};

/** Check @p file, borrowed for as long as @p image is used.  @return E_ELF_*: each its own */
err_t image_read(struct image *image, const void *file, size_t bytes);

/** The file @p name of the archive.  @return E_ARCHIVE_BROKEN, E_ARCHIVE_NONE, errors of image_read() */
err_t image_find(struct image *image, const void *archive, size_t bytes, const char *name);

/** The image's file begins at @p offset of @p frame (borrowed).  If it can be mapped from there (a Frame that may be
 *  read and executed, offset in pages), it will be.  Errors of identify. */
err_t image_frame(struct image *image, cptr_t frame, uint64_t offset);

/** A capability to copy into the child. */
struct spawn_cap {
    cptr_t cap;
    uint64_t rights;            /**< mask                                                                             */
};

struct spawn_request {
    const struct image *image;
    const char *name;           /**< 1 to STARTUP_NAME_BYTES - 1 characters                                           */
    uint64_t pid;
    uint64_t stream[3];         /**< irefs of standard input, output and error; 0: none                               */
    unsigned argc, envc;
    const char *const *argv, *const *envp;
    cptr_t monitor, mem, proc;  /**< send capabilities, badged already, to be copied; CPTR_NULL: none                 */
    cptr_t fault;               /**< send capability of the fault endpoint; CPTR_NULL: none                           */
    const struct spawn_cap *passed;
    unsigned passed_count;
    uint64_t stack_bytes;       /**< 0: SPAWN_STACK_BYTES                                                             */
    uint64_t reserve_bytes;     /**< of PSLOT_RAM; 0: SPAWN_RESERVE_BYTES                                             */
    bool lazy;                  /**< the maker has plan.lazy_bytes promised to the child's account, so they may be lazy */
};

#define SPAWN_STACK_BYTES    (64u * 1024)
#define SPAWN_STACK_MAX      (64u * 1024 * 1024)
#define SPAWN_UPCALL_BYTES   (8u * 1024)
#define SPAWN_RESERVE_BYTES  STOCK_RAM_MIN
#define SPAWN_RESERVE_MAX    (2u * 1024 * 1024)
#define SPAWN_LAZY_MIN       (1024u * 1024)     /* segments of zeroes from this size on come by page faults */

/** Segments end below this address, so that whatever follows fits below PROCESS_HIGH. */
#define PROCESS_IMAGE_END    (PROCESS_HIGH - 2 * SPAWN_STACK_MAX)

struct spawn_segment {
    uint64_t va, bytes;         /**< pages                                                                            */
    uint64_t offset;            /**< in the image's frame, or in PSLOT_MEMORY                                         */
    bool in_place, lazy;
};

/** Where everything goes.  Addresses are the child's, offsets those of the RAM capability or of PSLOT_MEMORY. */
struct spawn_plan {
    const struct spawn_request *request;
    uint64_t bytes;                                 /**< of RAM that spawn_build() needs                              */
    uint64_t l1, task, root, kernel_page, frame, tables, memory, reserve;   /**< offsets in the RAM           */
    uint64_t tables_bytes, memory_bytes, stack_bytes, reserve_bytes, startup_bytes;
    uint64_t upcall_va, stack_va, rings_va, startup_va, frame_va;
    uint64_t stack_offset;                          /**< in PSLOT_MEMORY: upcall stack, stack, rings, startup block   */
    uint64_t written_offset, written_bytes;         /**< the part of PSLOT_MEMORY that is not left zero               */
    size_t list_bytes;                              /**< room for the address space's list                            */
    uint64_t lazy_bytes;                            /**< beyond bytes, what the child's faults may take               */
    struct spawn_segment segment[ELF_SEGMENTS_MAX];
};

/** Compute the plan.  @p request and what it points to are borrowed until spawn_build() returns.
 * @return E_SPAWN_NAME, E_SPAWN_ARGS, E_SPAWN_PASSED, E_SPAWN_STACK, E_SPAWN_RESERVE, E_SPAWN_SLOTS; no side effects */
err_t spawn_plan(struct spawn_plan *plan, const struct spawn_request *request);

/** The process that does the work: its own layers. */
struct spawn_maker {
    struct stock *stock;
    struct vspace *vspace;
    struct vspace_slabs *slabs;
};

/** A child under construction. */
struct spawn {
    const struct spawn_maker *maker;
    cptr_t ram;                         /**< borrowed                                                                 */
    uint64_t ram_bytes;
    cptr_t dispatcher;                  /**< slot of the maker's: yours after spawn_finish()                          */
    unsigned task_l1;                   /**< entry of the maker's L1 CNode that holds the child's task CNode          */
    unsigned undo;                      /**< private from here on                                                     */
    struct vspace vspace;
    struct slots slots;
    struct reserve reserve;
    struct reserve_chunk chunk;
    uint64_t window, window_bytes;      /**< of the maker's addresses; 0 bytes: nothing is mapped                     */
};

/** Build the child that @p plan describes from the first plan->bytes bytes of @p ram: RAM with own, from which nothing
 *  has been made, and whose content is zero.  @p ram and @p maker are borrowed until spawn_finish() or spawn_abort().
 * @return E_SPAWN_RAM; E_SPAWN_CSPACE; errors of the layers and invocations, wrapped in what was being done, and in
 *         E_SPAWN.  Then all is undone, and *s is dead; should undoing fail too, spawn_abort() can be called again. */
err_t spawn_build(struct spawn *s, const struct spawn_maker *maker, const struct spawn_plan *plan, cptr_t ram);

/** The address, in the maker's CSpace, of slot @p slot (enum task_slot, enum process_slot) of the child's task CNode;
 *  from spawn_build() to spawn_finish(). */
static inline cptr_t spawn_slot(const struct spawn *s, unsigned slot)
{
    return CPTR(s->task_l1, slot);
}

/** Forget the child but for its Dispatcher in s->dispatcher.  @return errors of delete, wrapped in E_SPAWN; call again,
 *  or spawn_abort() */
err_t spawn_finish(struct spawn *s);

/** Remove the child and all records of it; @p ram is then as it was but for its content.
 * @return errors of revoke and unmap, wrapped in E_SPAWN_UNDO: call again */
err_t spawn_abort(struct spawn *s);

#endif
