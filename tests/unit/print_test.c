/** @file print_test.c  core/print.c against the C library's printf, and where the output goes. */
#include <core/kcb.h>
#include <core/print.h>

#include "test.h"

struct kcb *fake_kcb;
static char console[4 * KCB_LOG_BYTES];
static size_t console_bytes;

void console_putc(const struct plat *p, char c)
{
    EXPECT(p == &fake_kcb->plat, "this core's");
    console[console_bytes++] = c;
}

static void start(void)
{
    static struct kcb k;
    k = (struct kcb){ 0 };
    fake_kcb = &k;
    console_bytes = 0;
}

/** What has been printed since start(), terminated. */
static const char *printed(void)
{
    fake_kcb->log[fake_kcb->log_head % KCB_LOG_BYTES] = '\0';
    return fake_kcb->log;
}

#define SAME(...)                                                                                                      \
    do {                                                                                                               \
        char want[256];                                                                                                \
        snprintf(want, sizeof(want), __VA_ARGS__);                                                                     \
        start();                                                                                                       \
        kprintf(__VA_ARGS__);                                                                                          \
        EXPECT(strcmp(printed(), want) == 0, "got \"%s\", wanted \"%s\"", printed(), want);                            \
    } while (0)

TEST(print, like_printf)
{
    SAME("plain");
    SAME("%s and %s", "one", "");
    SAME("%c%c", 'a', 'b');
    SAME("%d %d %d", 0, -1, INT32_MIN);
    SAME("%u %x", UINT32_MAX, 0xdeadbeefu);
    SAME("%ld %lu %lx", INT64_MIN, UINT64_MAX, UINT64_MAX);
    SAME("%lld %llu", (long long)INT64_MIN, (unsigned long long)UINT64_MAX);
    SAME("%zu", SIZE_MAX);
    SAME("%5d|%05d|%5s|%3c|%2d", -42, -42, "ab", 'x', 12345);
    SAME("%016lx %08x", (uint64_t)0x1234, 0x5678u);
    SAME("%#lx %#x %#x", UINT64_MAX, 0u, 0x1fu);
    SAME("%#010x|%#10x|%#3x|%#03x|%#02x", 0x1fu, 0x1fu, 0x1fu, 0x1fu, 0u);
    SAME("%p", (void *)0x1234);
    SAME("100%%");
    SAME("%d%s%x", 1, "2", 3);
}

/** kprintf without the compiler's check of the format. */
static void print_unchecked(const char *format, ...)
{
    va_list args;
    start();
    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
}

TEST(print, what_it_does_not_know_stands_as_it_is)
{
    print_unchecked("%q %5k %l");
    EXPECT(strcmp(printed(), "%q %5k %l") == 0, "got \"%s\"", printed());
    print_unchecked("50%");
    EXPECT(strcmp(printed(), "50%") == 0, "got \"%s\"", printed());
    print_unchecked("%s", (const char *)NULL);
    EXPECT(strcmp(printed(), "(null)") == 0, "got \"%s\"", printed());
}

TEST(print, console_gets_carriage_returns)
{
    start();
    kputs_n("a\nb\n", 4);
    EXPECT(console_bytes == 6 && memcmp(console, "a\r\nb\r\n", 6) == 0, "got %zu bytes", console_bytes);
    EXPECT(strcmp(printed(), "a\nb\n") == 0, "the log has none");
}

TEST(print, silent_when_a_driver_has_the_console_but_for_a_panic)
{
    start();
    fake_kcb->plat.console_given = true;
    kprintf("quiet");
    EXPECT_EQ(console_bytes, 0, "on the console");
    EXPECT(strcmp(printed(), "quiet") == 0, "in the log");
    fake_kcb->panicking = 1;
    kprintf("loud");
    EXPECT_EQ(console_bytes, 4, "on the console");
}

TEST(print, log_is_a_ring)
{
    start();
    for (unsigned i = 0; i < KCB_LOG_BYTES + 10; i++) {
        const char c = (char)('a' + i % 26);
        kputs_n(&c, 1);
    }
    EXPECT_EQ(fake_kcb->log_head, KCB_LOG_BYTES + 10, "bytes ever written");
    for (unsigned i = 10; i < KCB_LOG_BYTES + 10; i++) {
        EXPECT_EQ(fake_kcb->log[i % KCB_LOG_BYTES], 'a' + i % 26, "byte %u", i);
    }
    EXPECT_EQ(fake_kcb->canary, 0, "nothing behind the ring");
}
