/*
 * archive.c  See shoal/archive.h.  Compiled for kernel, user space and host, so it includes nothing but shoal/.
 *
 * Entry, from its first byte, which is 4-aligned within the archive:
 *   header     110 bytes: magic "070701", then 13 fields of 8 hexadecimal digits
 *   name       namesize bytes, its NUL included; our image tool adds NULs so that the body starts on a page
 *   padding    to a multiple of 4 from the entry's start
 *   body       filesize bytes, then padding to a multiple of 4
 * The last entry is named TRAILER!!!.  Source: cpio(5) of libarchive, "New ASCII Format".
 */
#include <shoal/archive.h>

#include <stdbool.h>

enum {
    HEADER_BYTES = 110,
    FIELDS_AT = 6,
    FIELD_DIGITS = 8,
    FIELD_MODE = 1,
    FIELD_FILESIZE = 6,
    FIELD_NAMESIZE = 11,
    FIELD_COUNT = 13,
    MODE_TYPE = 0170000,
    MODE_REGULAR = 0100000,
};

static const char magic[] = "070701";
static const char trailer[] = "TRAILER!!!";

/** An entry whose parts all lie in the archive. */
struct entry {
    const char *name;
    const uint8_t *body;
    uint32_t mode, body_bytes;
    size_t bytes;               /* from its header to the next one; may exceed what is left by the last padding */
};

static bool same_string(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++, b++;
    }
    return *a == *b;
}

static bool read_field(const uint8_t *digit, uint32_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < FIELD_DIGITS; i++) {
        const uint8_t c = digit[i];
        uint32_t nibble;
        if (c >= '0' && c <= '9') {
            nibble = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            nibble = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            nibble = c - 'A' + 10;
        } else {
            return false;
        }
        *value = *value << 4 | nibble;
    }
    return true;
}

static const char *read_entry(const struct archive_iter *it, struct entry *e)
{
    uint32_t field[FIELD_COUNT];

    if (it->left < HEADER_BYTES) {
        return "the archive ends before its trailer";
    }
    if (__builtin_memcmp(it->at, magic, FIELDS_AT) != 0) {
        return "an archive header does not start with 070701";
    }
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        if (!read_field(it->at + FIELDS_AT + i * FIELD_DIGITS, &field[i])) {
            return "an archive header holds something that is no hexadecimal digit";
        }
    }
    const size_t name_bytes = field[FIELD_NAMESIZE];
    size_t left = it->left - HEADER_BYTES;
    if (name_bytes > left) {
        return "a name in the archive reaches beyond the archive";
    }
    e->name = (const char *)it->at + HEADER_BYTES;
    if (!__builtin_memchr(e->name, '\0', name_bytes)) {
        return "a name in the archive has no end";
    }
    if (e->name[0] == '\0') {
        return "a name in the archive is empty";
    }
    left -= name_bytes;

    const size_t padding = -(HEADER_BYTES + name_bytes) % 4;
    e->body_bytes = field[FIELD_FILESIZE];
    if (padding > left || e->body_bytes > left - padding) {
        return "a file in the archive reaches beyond the archive";
    }
    e->mode = field[FIELD_MODE];
    const size_t body_at = HEADER_BYTES + name_bytes + padding;
    e->body = it->at + body_at;
    e->bytes = body_at + ((size_t)e->body_bytes + 3) / 4 * 4;
    return NULL;
}

void archive_begin(struct archive_iter *it, const void *archive, size_t bytes)
{
    it->at = archive;
    it->left = bytes;
}

const char *archive_next(struct archive_iter *it, struct archive_file *file, int *found)
{
    struct entry e;

    *found = 0;
    for (;;) {
        const char *broken = read_entry(it, &e);
        if (broken) {
            return broken;
        }
        if (same_string(e.name, trailer)) {
            return NULL;                    /* not passed over: asking again gives the same answer */
        }
        const size_t step = e.bytes < it->left ? e.bytes : it->left;
        it->at += step;
        it->left -= step;
        if ((e.mode & MODE_TYPE) == MODE_REGULAR) {
            *file = (struct archive_file){ .name = e.name, .data = e.body, .bytes = e.body_bytes, .mode = e.mode };
            *found = 1;
            return NULL;
        }
    }
}

const char *archive_find(const void *archive, size_t bytes, const char *name, struct archive_file *file, int *found)
{
    struct archive_iter it;

    archive_begin(&it, archive, bytes);
    for (;;) {
        const char *broken = archive_next(&it, file, found);
        if (broken || !*found || same_string(file->name, name)) {
            return broken;
        }
    }
}
