/**
 * @file inherit.c  Descriptors that go from parent to child; contracts in file.h.
 *
 * The three streams go as any program's do, pipes as capabilities (os/stream.h).  All else is for programs with this library
 * only: the variable SHOAL_FDS says of each descriptor what it is, in pieces that end with a slash.  N is the descriptor.
 *
 *   Nc          it is closed; of 0, 1 and 2, which are open if nothing is said
 *   Nd K        the same open file as descriptor K below it
 *   Nr S, Nw S  the end of a pipe in slot S, to read from or to write to
 *   Na AT:NAME  the file NAME of the boot archive, at position AT, which is the child's own from here on
 *
 * A folder that is open, and a stream that is none of the child's first three descriptors, do not go.
 */
#include "inherit.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <os/startup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_BYTES 64u          /* more than files of the archive can be opened by */

/* ---- the parent ---------------------------------------------------------------------------------------------------- */

struct writer {
    struct inheritance *to;
    size_t used;
    int error;
};

static void add(struct writer *w, const char *text)
{
    const size_t bytes = strlen(text);

    if (w->used + bytes + 1 > sizeof(w->to->text)) {
        w->error = E2BIG;
        return;
    }
    memcpy(w->to->text + w->used, text, bytes + 1);
    w->used += bytes;
}

static void add_piece(struct writer *w, int fd, char kind, unsigned long number, const char *name)
{
    char head[32];                      /* 20 digits, a letter, 2 digits */

    if (w->used == 0) {
        add(w, INHERIT_NAME "=");
    }
    char *at = head + sizeof(head);
    *--at = '\0';
    if (kind != 'c') {
        do {
            *--at = (char)('0' + number % 10);
        } while (number /= 10);
    }
    *--at = kind;
    do {
        *--at = (char)('0' + fd % 10);
    } while (fd /= 10);
    add(w, at);
    add(w, name ? ":" : "");
    add(w, name ? name : "");
    add(w, "/");
}

static int same_below(struct file *const table[DESCRIPTORS], int fd)
{
    for (int other = 0; other < fd; other++) {
        if (table[other] == table[fd]) {
            return other;
        }
    }
    return -1;
}

static void add_pipe(struct writer *w, int fd, const struct file *file)
{
    if (fd < (int)STREAMS) {
        w->to->stream[fd] = STREAM_CAP(pipe_end(file));
        return;
    }
    if (w->to->passed_count == PASSED_MAX - STREAMS) {      /* the streams may need theirs */
        w->error = EMFILE;
        return;
    }
    const unsigned slot = PSLOT_PASSED + w->to->passed_count;
    w->to->passed[w->to->passed_count++] = pipe_end(file);
    add_piece(w, fd, (file->flags & O_ACCMODE) == O_RDONLY ? 'r' : 'w', slot, NULL);
}

static void add_descriptor(struct writer *w, struct file *const table[DESCRIPTORS], int fd)
{
    struct file *const file = table[fd];
    const bool stream = fd < (int)STREAMS;

    if (!file) {
        if (stream) {
            add_piece(w, fd, 'c', 0, NULL);
        }
        return;
    }
    if (file->ops == &stream_ops && stream) {
        w->to->stream[fd] = os_startup()->stream[file->stream];
        return;
    }
    if (pipe_end(file) != CPTR_NULL && stream) {
        add_pipe(w, fd, file);
        return;
    }
    const int same = same_below(table, fd);
    if (same >= 0) {
        add_piece(w, fd, 'd', (unsigned long)same, NULL);
    } else if (pipe_end(file) != CPTR_NULL) {
        add_pipe(w, fd, file);
    } else if (file->ops == &archive_ops) {
        add_piece(w, fd, 'a', (unsigned long)file->at, file->entry.name);
    } else if (stream) {
        add_piece(w, fd, 'c', 0, NULL);
    }
}

int inherit_write(struct inheritance *to, struct file *const table[DESCRIPTORS])
{
    struct writer w = { .to = to };

    *to = (struct inheritance){ .passed_count = 0 };
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        add_descriptor(&w, table, fd);
    }
    return w.error;
}

/* ---- the child ----------------------------------------------------------------------------------------------------- */

static struct file *archive_at(const char *text, unsigned long at)
{
    char path[NAME_BYTES];
    const size_t bytes = strcspn(text, "/");

    if (bytes >= sizeof(path)) {
        return NULL;
    }
    memcpy(path, text, bytes);
    path[bytes] = '\0';
    const int fd = open(path, O_RDONLY);
    struct file *const file = fd < 0 ? NULL : file_get(fd);
    if (file) {
        file->at = (off_t)at;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return file;
}

/* One piece, from its kind on; what makes no sense is no descriptor. */
static struct file *made(const char *piece)
{
    char *rest;
    const unsigned long number = strtoul(piece + 1, &rest, 10);
    const bool slot = number >= PSLOT_PASSED && number < PSLOT_FREE;

    switch (*piece) {
    case 'r': return slot ? pipe_file(number, O_RDONLY, true) : NULL;
    case 'w': return slot ? pipe_file(number, O_WRONLY, true) : NULL;
    case 'd': return number < DESCRIPTORS ? file_get((int)number) : NULL;
    case 'a': return *rest == ':' ? archive_at(rest + 1, number) : NULL;
    default: return NULL;
    }
}

static void take(const char *text)
{
    while (*text) {
        char *piece;
        const unsigned long fd = strtoul(text, &piece, 10);
        if (fd < DESCRIPTORS) {
            file_replace((int)fd, made(piece));
        }
        text = piece + strcspn(piece, "/");
        text += *text == '/';
    }
}

/* A stream that is a pipe is used as pipes are: the stream itself moves less at a time. */
static void take_streams(void)
{
    for (unsigned i = 0; i < STREAMS; i++) {
        const iref_t iref = os_startup()->stream[i];
        if (STREAM_IS_CAP(iref)) {
            file_replace((int)i, pipe_file(STREAM_SLOT(iref), i == STREAM_IN ? O_RDONLY : O_WRONLY, true));
        }
    }
}

void os_inherit(char **variables)
{
    const size_t name = sizeof(INHERIT_NAME) - 1;

    take_streams();
    for (char **from = variables; *from; from++) {
        if (strncmp(*from, INHERIT_NAME, name) == 0 && (*from)[name] == '=') {
            const char *const text = *from + name + 1;
            for (char **to = from; *to; to++) {
                to[0] = to[1];          /* it is not the child's business, and still less its children's */
            }
            take(text);
            return;
        }
    }
}
