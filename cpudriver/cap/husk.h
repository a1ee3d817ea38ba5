/**
 * @file husk.h  RAM that this core has lent to another one.
 *
 * The capability leaves its slot and lies in the KCB for as long as the loan lasts, as RAM with CTE_HUSK whose owner is the
 * borrower.  In the mapping database it keeps its range: whatever would be made there is refused (E_CAP_OVERLAP), a revocation of
 * what encloses it stops (E_REMOTE).  Nobody can delete it, neither by its slot nor with a CNode that dies; only the number that
 * husk_make returned leads to it.
 */
#ifndef CAP_HUSK_H
#define CAP_HUSK_H

#include <core/kcb.h>
#include <shoal/err.h>

/** Whether @p ram can be lent as a whole: nobody uses any of it.
 * @return E_CAP_TYPE no RAM; E_CAP_RIGHTS not *own*, *read* and *write*; E_REVOKED; E_CAP_OVERLAP something was made from it, or there is
 *         another capability of it; E_KERNEL_FULL.  O(log n + KCB_HUSKS / 8) */
err_t husk_check(struct kcb *k, struct cte *ram);

/** Lend @p ram to core @p owner; its slot becomes empty.  husk_check was passed.  @return its number */
uint64_t husk_make(struct kcb *k, struct cte *ram, uint64_t owner);

/** The loan @p number is over: its RAM goes to the empty slot @p dst.  @return E_CAP_EMPTY no such loan; E_REVOKED a monitor
 *  is revoking a range that it lies in: when that has ended; E_CAP_OVERLAP something that the borrower made is known here */
err_t husk_take(struct kcb *k, uint64_t number, struct cte *dst);

/** The loan @p number was RAM borrowed from its owner, who has it back: forget it.  @return E_CAP_EMPTY no such loan;
 *  E_CAP_OVERLAP something that the owner made is known here */
err_t husk_drop(struct kcb *k, uint64_t number);

/** The husk of RAM lent to @p owner that @p base … @p base + bytes - 1 lies in.  What that core made of it can come back as a
 *  foreign capability, and stands behind the husk in the database.  @return NULL: there is none.  As mdb_ancestor */
const struct cte *husk_around(const struct kcb *k, uint64_t base, uint64_t bytes, uint64_t owner);

#endif
