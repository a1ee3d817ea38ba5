/* The boot core's part in starting another core: everything is checked here, while errors can still be told to somebody. */
#include <arch/cache.h>
#include <arch/core.h>
#include <arch/zero.h>
#include <cap/husk.h>
#include <core/cores.h>
#include <core/init_run.h>
#include <shoal/invoke.h>

#define PAGE       ((uint64_t)SHOAL_PAGE_SIZE)
#define WORDS_AT   3072u        /* of struct core_words in the loan's first page */

_Static_assert(sizeof(struct core_boot) <= WORDS_AT && WORDS_AT + sizeof(struct core_words) <= SHOAL_PAGE_SIZE, "page 0 of a loan");

static bool segment_fits(const struct elf_segment *s, uint64_t file_bytes)
{
    const uint64_t wx = MAP_WRITE | MAP_EXEC;
    return s->va >= INIT_VA_MIN && s->mem_bytes != 0 && s->mem_bytes <= CORE_IMAGE_BYTES_MAX && s->va < INIT_FRAME_VA &&
           s->mem_bytes <= INIT_FRAME_VA - s->va && s->file_bytes <= s->mem_bytes && s->file_bytes <= file_bytes &&
           s->file_offset <= file_bytes - s->file_bytes && (s->flags & ~(uint32_t)(MAP_READ | wx)) == 0 && (s->flags & wx) != wx;
}

/* The same as elf_list promises, as it was somebody else who called it. */
static bool image_fits(const struct elf_image *elf, uint64_t file_bytes)
{
    uint64_t bytes = 0, next_page = 0;
    bool entry = false;

    if (elf->segment_count == 0 || elf->segment_count > ELF_SEGMENTS_MAX || elf->segment_count > INIT_SEGMENTS_MAX) {
        return false;
    }
    for (size_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *const s = &elf->segment[i];
        if (!segment_fits(s, file_bytes) || s->va / PAGE < next_page) {
            return false;
        }
        bytes += s->mem_bytes;
        next_page = (s->va + s->mem_bytes - 1) / PAGE + 1;
        entry |= s->flags & MAP_EXEC && elf->entry >= s->va && elf->entry - s->va < s->mem_bytes && elf->entry % 4 == 0;
    }
    return entry && bytes <= CORE_IMAGE_BYTES_MAX;
}

static err_t check_block(const struct core_boot *b, uint64_t loan_bytes, uint64_t image_bytes)
{
    REQUIRE(b->magic == CORE_BOOT_MAGIC && b->pool_bytes % PAGE == 0, E_CORE_BLOCK);
    REQUIRE(b->archive_offset <= image_bytes && b->archive_bytes <= image_bytes - b->archive_offset, E_CORE_BLOCK);
    REQUIRE(image_fits(&b->image, image_bytes), E_CORE_BLOCK);
    const uint64_t before = PAGE + core_kcb_range((struct range){ 0, 0 }).bytes + init_own_bytes(&b->image);
    const uint64_t pool = b->pool_bytes ? b->pool_bytes : PAGE;
    REQUIRE(before <= loan_bytes && pool <= loan_bytes - before, E_CAP_SIZE);
    return OK;
}

static struct range range_of(const struct cte *c)
{
    return c ? (struct range){ c->base, c->bytes } : (struct range){ 0, 0 };
}

/* The new core's KCB knows what ours does; nothing in it points to anything of ours that ever changes. */
static void fill_kcb(const struct kcb *k, struct kcb *new, uint64_t index, const struct core_gift *gift)
{
    arch_zero(new, core_kcb_range(gift->loan).bytes);
    new->canary = KCB_CANARY;
    new->core = index;
    new->core_count = k->core_count;
    new->machine = k->machine;
    new->image_pa = k->image_pa;
    new->kernel_ttbr1 = k->kernel_ttbr1;
    new->identity_ttbr0 = k->identity_ttbr0;
    new->empty_ttbr0 = new->loaded_ttbr0 = k->empty_ttbr0;
    new->plat = k->plat;
    new->gift = *gift;
}

static void fill_words(const struct kcb *k, struct core_words *words, const struct kcb *new)
{
    *words = (struct core_words){ k->identity_ttbr0, k->kernel_ttbr1, k->empty_ttbr0, (uint64_t)new };
    cache_clean_to_poc(words, sizeof *words);       /* DSB at its end: the KCB is visible too */
}

err_t core_power_state(struct kcb *k, uint64_t index, uint64_t *state)
{
    REQUIRE(k->machine && index < k->core_count, E_ARG);
    const int64_t answer = plat_core_state(&k->plat, k->machine->cpu[index]);
    REQUIRE(answer >= CORE_IS_ON && answer <= CORE_IS_STARTING, E_FIRMWARE);
    *state = (uint64_t)answer;
    return OK;
}

err_t core_power_on(struct kcb *k, uint64_t index, struct cte *loan, struct cte *image, struct cte *channel, uint64_t *husk)
{
    uint64_t state;

    REQUIRE(k->machine && index < k->core_count, E_ARG);
    REQUIRE(index != k->core, E_BOOT_CORE);
    TRY(husk_check(k, loan));
    REQUIRE(image->type == CAP_FRAME && (!channel || channel->type == CAP_FRAME), E_CAP_TYPE);
    REQUIRE(image->rights & RIGHT_READ, E_CAP_RIGHTS);
    REQUIRE(!channel || (channel->rights & (RIGHT_READ | RIGHT_WRITE)) == (RIGHT_READ | RIGHT_WRITE), E_CAP_RIGHTS);
    TRY(check_block(cte_object(loan), loan->bytes, image->bytes));
    TRY(core_power_state(k, index, &state));
    REQUIRE(state == CORE_IS_OFF, E_CORE_ON);

    const struct core_gift gift = { range_of(loan), range_of(image), range_of(channel) };
    struct kcb *const new = phys_to_virt(core_kcb_range(gift.loan).base);
    struct core_words *const words = (struct core_words *)((char *)cte_object(loan) + WORDS_AT);
    fill_kcb(k, new, index, &gift);
    fill_words(k, words, new);
    REQUIRE(plat_core_on(&k->plat, k->machine->cpu[index], arch_core_entry(k), virt_to_phys(words)) == PLAT_DONE, E_FIRMWARE);
    *husk = husk_make(k, loan, index);
    return OK;
}
