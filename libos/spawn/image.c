/** @file image.c  Program files; contracts in os/spawn.h. */
#include <os/cache.h>
#include <os/caps.h>
#include <os/spawn.h>
#include <shoal/archive.h>

err_t image_read(struct image *image, const void *file, size_t bytes)
{
    *image = (struct image){ .file = file, .bytes = bytes };
    return ERR(elf_list(file, bytes, PROCESS_LOW, PROCESS_IMAGE_END, &image->elf));
}

err_t image_find(struct image *image, const void *archive, size_t bytes, const char *name)
{
    struct archive_file file;
    int found = 0;

    REQUIRE(!archive_find(archive, bytes, name, &file, &found), E_ARCHIVE_BROKEN);
    REQUIRE(found, E_ARCHIVE_NONE);
    return image_read(image, file.data, file.bytes);
}

err_t image_frame(struct image *image, cptr_t frame, uint64_t offset)
{
    const uint64_t rights = RIGHT_READ | RIGHT_EXEC;
    struct cap_info info;

    TRY(cap_identify(CPTR_NULL, frame, &info));
    if (info.type != CAP_FRAME || (info.rights & rights) != rights || offset % SHOAL_PAGE_SIZE != 0) {
        return OK;
    }
    image->frame = frame;
    image->frame_offset = offset;
    image->frame_bytes = info.bytes;
    for (size_t i = 0; i < image->elf.segment_count; i++) {
        const struct elf_segment *s = &image->elf.segment[i];
        if (s->flags & MAP_EXEC) {
            cache_clean_code(image->file + s->file_offset, s->file_bytes);  /* whoever wrote the file wrote data */
        }
    }
    return OK;
}
