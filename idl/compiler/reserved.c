#include "reserved.h"

#include <stddef.h>
#include <string.h>

static const char *const c_words[] = {
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float",
    "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
    "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while",
    /* macros of the freestanding headers, keywords of later C, and what clang adds */
    "alignas", "alignof", "asm", "bool", "constexpr", "false", "noreturn", "nullptr", "offsetof", "static_assert",
    "thread_local", "true", "typeof", "va_arg", "va_copy", "va_end", "va_start", "NULL",
    "linux", "unix",                        /* macros of a compiler that is not told to be strict */
};

static const char *const stub_words[] = { "CPTR_NULL", "ERR", "OK", "REQUIRE", "TRY", "err_ok", "memcpy" };

static bool is_one_of(const char *name, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool reserved_in_c(const char *name)
{
    return (name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'))) ||
           is_one_of(name, c_words, sizeof(c_words) / sizeof(c_words[0]));
}

bool reserved_by_stubs(const char *name)
{
    const size_t length = strlen(name);

    /* uint8_t, err_t and the like; rpc_call, binding_transmit and the like; E_RPC_NUMBER, UINT8_MAX and the like */
    return (length > 2 && strcmp(name + length - 2, "_t") == 0) || strncmp(name, "rpc_", 4) == 0 ||
           strncmp(name, "binding_", 8) == 0 || strncmp(name, "RPC_", 4) == 0 || strncmp(name, "E_", 2) == 0 ||
           strncmp(name, "UINT", 4) == 0 ||
           is_one_of(name, stub_words, sizeof(stub_words) / sizeof(stub_words[0]));
}
