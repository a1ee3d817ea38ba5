/** @file wire_release.c  Free what unpacking made, whole or in part: what is not there is zero. */
#include "wire_walk.h"

#include <os/binding_cap.h>
#include <os/heap.h>

static void release_value(const struct wire_type *t, void *value, enum wire_caps caps);

static void release_elements(const struct wire_type *of, void *first, uint64_t count, enum wire_caps caps)
{
    if (wire_is_scalar(of) || !first) {
        return;
    }
    for (uint64_t i = 0; i < count; i++) {
        release_value(of, (char *)first + i * of->size, caps);
    }
}

static void release_field(const struct wire_field *f, void *in, enum wire_caps caps)
{
    void *value = wire_at_mutable(in, f->offset);

    if (wire_is_dynamic(f)) {
        void *first = *(void **)value;
        release_elements(f->type, first, *(size_t *)wire_at_mutable(in, f->length), caps);
        heap_free(first);
    } else {
        release_value(f->type, value, caps);
    }
}

static void release_value(const struct wire_type *t, void *value, enum wire_caps caps)
{
    switch (t->kind) {
    case WIRE_STRING:
        heap_free(*(char **)value);
        break;
    case WIRE_CAP:
        if (caps == WIRE_DROP_CAPS && *(cptr_t *)value != CPTR_NULL) {
            binding_drop_cap(*(cptr_t *)value);
        }
        break;
    case WIRE_STRUCT:
        for (uint32_t i = 0; i < t->count; i++) {
            release_field(&t->fields[i], value, caps);
        }
        break;
    case WIRE_ARRAY:
        release_elements(t->of, value, t->count, caps);
        break;
    default:
        break;
    }
}

void wire_release(const struct wire_message *m, void *args, enum wire_caps caps)
{
    if (m->flat && (caps == WIRE_KEEP_CAPS || m->caps_max == 0)) {
        return;                         /* there is nothing in it to free */
    }
    for (uint16_t i = 0; i < m->field_count; i++) {
        release_field(&m->fields[i], args, caps);
    }
}
