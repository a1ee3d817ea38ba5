/* fuzz_archive.c  Any bytes as a boot archive: nothing outside of them is read, all that is found lies inside. */
#include <shoal/archive.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct archive_iter it;
    struct archive_file file, again;
    size_t files = 0;
    int found;

    archive_begin(&it, data, bytes);
    while (!archive_next(&it, &file, &found) && found) {
        const uint8_t *name = (const uint8_t *)file.name;
        if (name < data || name > file.data || file.data > data + bytes ||
            !memchr(name, '\0', (size_t)(file.data - name)) ||
            file.bytes > (size_t)(data + bytes - file.data) || ++files > bytes / 110) {
            abort();
        }
        if (archive_find(data, bytes, file.name, &again, &found) || !found || strcmp(again.name, file.name) != 0 ||
            again.data > file.data) {
            abort();
        }
    }
    return 0;
}
