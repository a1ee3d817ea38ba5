/* emit_head.c  What the headers of all back ends begin with. */
#include "emit.h"

#include <inttypes.h>

void emit_head(struct unit *u, const struct source *from, const char *include, struct out *o)
{
    const struct interface *i = u->interface;
    const char *guard = emit_upper(&u->arena, i->name.text);
    struct out_comment c = out_comment(o, "");

    out(o, "/* Made by idlc from %s.if: do not edit. */\n", from->stem);
    out_comment_line(&c, "@file %s.h%s%s", from->stem, i->description[0] ? "  " : "", i->description);
    out_comment_doc(&c, i->doc);
    out_comment_end(&c);
    out(o, "#ifndef STUBS_%s_H\n#define STUBS_%s_H\n\n#include <%s>\n\n", guard, guard, include);
    out(o, "/** Two sides with the same fingerprint mean the same by every message. */\n");
    out(o, "#define %s_FINGERPRINT 0x%016" PRIx64 "ull\n\n", guard, i->fingerprint);
    out(o, "enum %s_message {\n", i->name.text);
    for (const struct message *m = i->messages; m; m = m->next) {
        out(o, "    %s = %u,\n", emit_number_name(u, m), m->number);
    }
    out(o, "};\n\n");
    emit_types(u, o);
}
