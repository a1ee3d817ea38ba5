/** @file err.c  Names and texts of all errors, from shoal/errors.def. */
#include <os/err.h>

const char *err_name(enum err_code code)
{
    switch (code) {
    case E_OK:
        return "OK";
#define ERROR(name, number, text)                                                                                      \
    case name:                                                                                                         \
        return #name;
#include <shoal/errors.def>
#undef ERROR
    }
    return "E_?";
}

const char *err_text(enum err_code code)
{
    switch (code) {
    case E_OK:
        return "no error";
#define ERROR(name, number, text)                                                                                      \
    case name:                                                                                                         \
        return text;
#include <shoal/errors.def>
#undef ERROR
    }
    return "unknown error";
}
