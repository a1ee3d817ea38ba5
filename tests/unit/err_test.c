/* libos/err: trails and their texts. */
#include "test.h"
#include <os/err.h>
#include <os/print.h>

static char printed[400];

/* Instead of the one of libos/print, which goes to the kernel. */
void print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(printed, sizeof(printed), format, args);
    va_end(args);
}

static err_t out_of_ram(void)
{
    return err_wrap(err_wrap(ERR(E_RAM_NONE), E_REFILL_TABLES), E_VSPACE_MAP);
}

TEST(err, trail_reads_from_outside_to_the_root)
{
    char text[80];
    const char *const want = "map frame: refill page-table slab: out of RAM";

    EXPECT_EQ(err_format(out_of_ram(), text, sizeof(text)), strlen(want), "length");
    EXPECT(!strcmp(text, want), "\"%s\"", text);
    EXPECT_EQ(err_root(out_of_ram()), E_RAM_NONE, "root");
    err_print("cannot start", out_of_ram());
    EXPECT(!strcmp(printed, "cannot start: map frame: refill page-table slab: out of RAM\n"), "\"%s\"", printed);
}

TEST(err, short_buffers)
{
    for (size_t size = 0; size < 60; size++) {
        char text[61];
        memset(text, '#', sizeof(text));
        EXPECT_EQ(err_format(out_of_ram(), text, size), 45, "the whole length");
        EXPECT(text[size] == '#', "written beyond %zu", size);
        EXPECT(size == 0 || strlen(text) == (size - 1 < 45 ? size - 1 : 45), "size %zu", size);
    }
}

TEST(err, full_trail_keeps_its_root)
{
    err_t err = ERR(E_CAP_EMPTY);
    char text[256];

    for (int i = 0; i < 6; i++) {
        err = err_wrap(err, E_VSPACE_MAP);
    }
    EXPECT_EQ(err_root(err), E_CAP_EMPTY, "root");
    err_format(err, text, sizeof(text));
    EXPECT(!strcmp(text, "map frame: map frame: map frame: the slot is empty"), "\"%s\"", text);
    EXPECT(err_ok(err_wrap(OK, E_VSPACE_MAP)), "OK stays OK");
    err_format(OK, text, sizeof(text));
    EXPECT(!strcmp(text, "no error"), "\"%s\"", text);
    err_format(ERR(9999), text, sizeof(text));
    EXPECT(!strcmp(text, "unknown error"), "\"%s\"", text);
}

/* Every code has a name and a text of its own. */
TEST(err, table)
{
    static const enum err_code code[] = {
#define ERROR(name, number, text) name,
#include <shoal/errors.def>
#undef ERROR
    };
    const size_t count = sizeof(code) / sizeof(code[0]);

    for (size_t i = 0; i < count; i++) {
        EXPECT(!strncmp(err_name(code[i]), "E_", 2) && strcmp(err_name(code[i]), "E_?"), "code %u", code[i]);
        EXPECT(strlen(err_text(code[i])) > 0 && strcmp(err_text(code[i]), "unknown error"), "code %u", code[i]);
        EXPECT(code[i] > 0 && code[i] < 0x10000, "fits a trail: %u", code[i]);
    }
    EXPECT(!strcmp(err_name(E_OK), "OK") && !strcmp(err_name(9999), "E_?"), "the others");
}
