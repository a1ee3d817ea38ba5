#include <cap/peek.h>

static err_t peek_word(paddr_t root, uint64_t va, uint64_t *word)
{
    paddr_t table = root;
    for (unsigned level = 0; level <= 3; level++) {
        const unsigned shift = vnode_entry_shift(level);
        const pte_t e = ((const pte_t *)phys_to_virt(table))[va >> shift & (VNODE_ENTRIES - 1)];
        REQUIRE(pte_valid(e), E_PEEK);
        if (!pte_is_table(e, level)) {
            REQUIRE(pte_cacheable(e), E_PEEK);
            *word = *(const uint64_t *)phys_to_virt(pte_addr(e) + (va & ((1ull << shift) - 1)));
            return OK;
        }
        table = pte_addr(e);
    }
    return ERR(E_PEEK);
}

err_t peek(paddr_t root, uint64_t va, uint64_t word[4])
{
    REQUIRE(va % 8 == 0, E_ARG);
    REQUIRE(va < 1ull << 48 && va + 32 <= 1ull << 48, E_PEEK);
    for (unsigned i = 0; i < 4; i++) {
        TRY(peek_word(root, va + 8 * i, &word[i]));
    }
    return OK;
}
