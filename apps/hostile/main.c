/**
 * @file main.c  hostile SECONDS proc CORE | hostile SECONDS serial: a client of another core that writes at random over the page of
 * its connection while it is in use, and wakes the server for it.  When the server has ended the session it binds again.
 * Whoever else uses that server should notice nothing.
 */
#include <os/caps.h>
#include <os/err.h>
#include <os/print.h>
#include <os/process.h>
#include <os/rpc_ump.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/string.h>

#define BINDS_MAX 300u              /* a binding to another core stays until the process ends                         */
#define WRITES    2000u             /* between two looks at the clock                                                 */

static uint64_t state = 1;

static uint64_t random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t number(const char *text)
{
    uint64_t n = 0;

    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (uint64_t)(*text - '0');
    }
    return n;
}

/* Whole words, single bytes, and what was there with one bit changed: that comes through more checks. */
static void write(volatile uint64_t *page)
{
    const uint64_t at = random() % (CONNECTION_BYTES / 8), kind = random() % 4;

    if (kind == 0) {
        page[at] = random();
    } else if (kind == 1) {
        ((volatile uint8_t *)page)[random() % CONNECTION_BYTES] = (uint8_t)random();
    } else {
        page[at] ^= 1ull << random() % 64;
    }
}

static struct rpc_client client[BINDS_MAX];

static const struct ump_end *end_of(unsigned i)
{
    return &((const struct ump_client *)client[i].link)->end;
}

/* @p leave: as it is, before the server has ended it. */
static void attack(const struct ump_end *end, uint64_t until, bool leave)
{
    volatile uint64_t *const page = end->seat.frame;

    while (time_now() < until && !ump_end_closed(end)) {
        for (unsigned i = 0; i < WRITES; i++) {
            write(page);
            if (random() % 64 == 0) {
                err_ignore(notify_signal(end->seat.wake));
            }
        }
        if (leave) {
            return;
        }
    }
}

int main(int argc, char **argv, char **envp)
{
    unsigned binds = 0, refused = 0;

    (void)envp;
    if (argc < 3 || (strcmp(argv[2], "proc") == 0) != (argc == 4)) {
        print("hostile: wants SECONDS and proc CORE or serial\n");
        return 2;
    }
    const iref_t service = argc == 4 ? PROC_SERVICE(number(argv[3])) : os_startup()->stream[1];
    const uint64_t begin = time_now(), until = begin + number(argv[1]) * time_hz();
    print("hostile: begins\n");
    state += os_startup()->pid * 0x9e3779b97f4a7c15ull;
    if (id_core(service) == id_core(os_startup()->pid)) {
        print("hostile: that is a service of this core\n");
        return 2;
    }
    while (time_now() < until && refused < 10) {
        /* The binds last for the whole time; meanwhile the pages of all that there were. */
        if (time_now() < begin + (until - begin) / BINDS_MAX * binds || binds == BINDS_MAX) {
            attack(end_of((unsigned)random() % binds), until, true);
            write(end_of((unsigned)random() % binds)->seat.frame);
            continue;
        }
        const err_t err = service_bind(&client[binds], service);
        if (!err_ok(err)) {
            err_print("hostile: bind", err);
            refused++;
            continue;
        }
        attack(end_of(binds), until, binds % 16 == 0);
        binds++;
    }
    print("hostile: %u connections, %u refused\n", binds, refused);
    return refused != 0;
}
