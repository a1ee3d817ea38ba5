/** @file spawn.c  posix_spawn() and its lists of actions: os/process.h. */
#include "file.h"
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <os/process.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- actions ------------------------------------------------------------------------------------------------------- */

enum action_kind { ACTION_CLOSE, ACTION_DUP2, ACTION_OPEN };

struct action {
    enum action_kind kind;
    int fd, from;               /* from: of ACTION_DUP2; flags of ACTION_OPEN */
    char *path;
};

/** What posix_spawn_file_actions_t points to.  NULL: no actions. */
struct __posix_spawn_file_actions {
    unsigned count;
    struct action action[];
};

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
    *actions = NULL;
    return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
    for (unsigned i = 0; *actions && i < (*actions)->count; i++) {
        free((*actions)->action[i].path);
    }
    free(*actions);
    *actions = NULL;
    return 0;
}

static int add(posix_spawn_file_actions_t *actions, struct action action)
{
    const unsigned count = *actions ? (*actions)->count : 0;

    if (action.fd < 0 || action.fd >= DESCRIPTORS) {
        return EBADF;
    }
    struct __posix_spawn_file_actions *const more =
        realloc(*actions, sizeof(**actions) + (count + 1) * sizeof(struct action));
    if (!more) {
        return ENOMEM;
    }
    more->count = count + 1;
    more->action[count] = action;
    *actions = more;
    return 0;
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd)
{
    return add(actions, (struct action){ .kind = ACTION_CLOSE, .fd = fd });
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
{
    return from < 0 || from >= DESCRIPTORS ? EBADF : add(actions, (struct action){ ACTION_DUP2, to, from, NULL });
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict actions, int fd, const char *restrict path,
                                     int flags, mode_t mode)
{
    char *const copy = strdup(path);

    (void)mode;
    if (!copy) {
        return ENOMEM;
    }
    const int number = add(actions, (struct action){ ACTION_OPEN, fd, flags, copy });
    if (number) {
        free(copy);
    }
    return number;
}

int posix_spawnattr_init(posix_spawnattr_t *attributes)
{
    *attributes = NULL;
    return 0;
}

int posix_spawnattr_destroy(posix_spawnattr_t *attributes)
{
    (void)attributes;
    return 0;
}

/* ---- the child's descriptors --------------------------------------------------------------------------------------- */

/** What will be the child's: the caller's, as the actions change them. */
struct table {
    struct file *file[DESCRIPTORS];     /* each with a reference */
    uint64_t cloexec;
};

static void set(struct table *t, int fd, struct file *file)
{
    if (t->file[fd]) {
        file_put(t->file[fd]);
    }
    t->file[fd] = file;
    t->cloexec &= ~(1ull << fd);
}

static struct file *opened(const struct action *a)
{
    const int fd = open(a->path, a->from);
    struct file *const file = fd < 0 ? NULL : file_get(fd);

    if (fd >= 0) {
        (void)close(fd);
    }
    return file;
}

static int act(struct table *t, const struct action *a)
{
    struct file *file = NULL;

    if (a->kind == ACTION_OPEN) {
        file = opened(a);
    } else if (a->kind == ACTION_DUP2) {
        file = t->file[a->from];
        errno = EBADF;
        if (file) {
            file_ref(file);
        }
    }
    if (!file && a->kind != ACTION_CLOSE) {
        return errno;
    }
    set(t, a->fd, file);
    return 0;
}

static int fill(struct table *t, const posix_spawn_file_actions_t *actions)
{
    t->cloexec = file_snapshot(t->file);
    for (unsigned i = 0; actions && *actions && i < (*actions)->count; i++) {
        const int number = act(t, &(*actions)->action[i]);
        if (number) {
            return number;
        }
    }
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        if (t->cloexec & 1ull << fd) {
            set(t, fd, NULL);
        }
    }
    return 0;
}

static void drop(struct table *t)
{
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        set(t, fd, NULL);
    }
}

/* ---- posix_spawn() ------------------------------------------------------------------------------------------------- */

static unsigned count(char *const *words)
{
    unsigned n = 0;

    while (words && words[n]) {
        n++;
    }
    return n;
}

/* The program is that file of the archive; the child's argv[0] is its name, too, because a process has no other. */
static int spawn(pid_t *restrict pid, const char *path, char *const argv[], char *const envp[], struct inheritance *given)
{
    const char *const slash = strrchr(path, '/');
    const unsigned argc = count(argv), envc = count(envp);
    uint64_t number;

    if (argc > 8192 || envc > 8192) {   /* strings that servers/proc takes */
        return E2BIG;
    }
    const char *words[argc + 1], *variables[envc + 1];
    words[0] = slash ? slash + 1 : path;
    for (unsigned i = 1; i < argc; i++) {
        words[i] = argv[i];
    }
    for (unsigned i = 0; i < envc; i++) {
        variables[i] = envp[i];
    }
    variables[envc] = given->text;
    const struct spawn_options options = {
        .envc = envc + (given->text[0] != '\0'), .envp = variables, .passed_count = given->passed_count,
        .passed = given->passed, .streams = given->stream,
    };
    lock_libc();
    const err_t err = process_spawn(argc ? argc : 1, words, &options, &number);
    unlock_libc();
    if (!err_ok(err)) {
        return errno_of(err_root(err));
    }
    if (pid) {
        *pid = (pid_t)number;
    }
    return 0;
}

int posix_spawn(pid_t *restrict pid, const char *restrict path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const argv[], char *const envp[])
{
    struct inheritance *const given = malloc(sizeof(*given));
    struct table table = { .cloexec = 0 };

    (void)attributes;                   /* none of them has a meaning here */
    if (!given) {
        return ENOMEM;
    }
    int number = fill(&table, actions);
    if (!number) {
        number = inherit_write(given, table.file);
    }
    if (!number) {
        number = spawn(pid, path, argv, envp, given);
    }
    drop(&table);
    free(given);
    return number;
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes, char *const argv[], char *const envp[])
{
    return posix_spawn(pid, file, actions, attributes, argv, envp);
}
