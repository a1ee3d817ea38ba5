#include <core/ranges.h>

static uint64_t end_of(struct range r)
{
    return r.base + r.bytes;
}

static bool insert(struct range *list, size_t *count, size_t max, size_t at, struct range r)
{
    if (*count == max) {
        return false;
    }
    for (size_t i = *count; i > at; i--) {
        list[i] = list[i - 1];
    }
    list[at] = r;
    (*count)++;
    return true;
}

bool ranges_add(struct range *list, size_t *count, size_t max, struct range r)
{
    size_t first = 0;

    while (first < *count && end_of(list[first]) < r.base) {
        first++;
    }
    size_t past = first;                    /* [first, past) overlap or touch r */
    while (past < *count && list[past].base <= end_of(r)) {
        past++;
    }
    if (past == first) {
        return insert(list, count, max, first, r);
    }

    const uint64_t base = r.base < list[first].base ? r.base : list[first].base;
    const uint64_t end = end_of(r) > end_of(list[past - 1]) ? end_of(r) : end_of(list[past - 1]);
    list[first] = (struct range){ base, end - base };
    for (size_t i = past; i < *count; i++) {
        list[first + 1 + i - past] = list[i];
    }
    *count -= past - first - 1;
    return true;
}

bool ranges_hold(const struct range *list, size_t count, struct range r)
{
    for (size_t i = 0; i < count; i++) {
        if (r.base >= list[i].base && r.base - list[i].base < list[i].bytes) {
            return r.bytes <= list[i].bytes - (r.base - list[i].base);
        }
    }
    return false;
}

bool ranges_meet(const struct range *list, size_t count, struct range r)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].base < end_of(r) && r.base < end_of(list[i])) {
            return true;
        }
    }
    return false;
}
