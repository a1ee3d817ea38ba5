/** @file output.c  Contracts in output.h. */
#include "output.h"

static void put(struct output *o, char c)
{
    if (c == '\n') {
        bytes_put(o->wire, '\r');
    }
    bytes_put(o->wire, (unsigned char)c);
}

static void bring_out(struct output *o, const struct output_line *line, const char *text, unsigned count)
{
    if (count == 0) {
        return;
    }
    if (o->part && o->owner != line) {
        put(o, '\n');
    }
    for (unsigned i = 0; i < count; i++) {
        put(o, text[i]);
    }
    o->part = text[count - 1] != '\n';
    o->owner = line;
}

void output_flush(struct output *o, struct output_line *line)
{
    bring_out(o, line, line->text, line->used);
    line->used = 0;
}

void output_write(struct output *o, struct output_line *line, const char *text, unsigned count)
{
    OS_ASSERT(count <= OUTPUT_WRITE && bytes_room(o->wire) >= OUTPUT_ROOM);
    for (unsigned i = 0; i < count; i++) {
        line->text[line->used++] = text[i];
        if (text[i] == '\n' || line->used == OUTPUT_LINE) {
            output_flush(o, line);
        }
    }
}

void output_now(struct output *o, struct output_line *line, const char *text, unsigned count)
{
    output_flush(o, line);
    bring_out(o, line, text, count);
}

void output_mark(struct output *o, const char *text, unsigned count)
{
    bring_out(o, o->part ? o->owner : NULL, text, count);
}

void output_forget(struct output *o, const struct output_line *line)
{
    if (o->owner == line) {
        o->owner = NULL;
    }
}
