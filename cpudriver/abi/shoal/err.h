/**
 * @file err.h  One error type for kernel and user space.
 * An error is a trail of up to four 16-bit codes, the root cause lowest; 0 is success.  The kernel returns single codes;
 * each user-space layer adds its own with err_wrap (libos).  A struct, so that it is never mixed up with a number.
 */
#ifndef SHOAL_ERR_H
#define SHOAL_ERR_H

#include <stdbool.h>
#include <stdint.h>

enum err_code {
    E_OK = 0,
#define ERROR(name, number, text) name = number,
#include <shoal/errors.def>
#undef ERROR
};

typedef struct __attribute__((warn_unused_result)) {
    uint64_t trail;
} err_t;

#define OK          ((err_t){ 0 })
#define ERR(code)   ((err_t){ (uint64_t)(code) })

static inline bool err_ok(err_t e)
{
    return e.trail == 0;
}

/** The root cause: the code of the layer where the error arose. */
static inline enum err_code err_root(err_t e)
{
    return (enum err_code)(e.trail & 0xffff);
}

/** Leave the function with the error of @p expr, if it is one. */
#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        err_t try_err_ = (expr);                                                                                       \
        if (__builtin_expect(!err_ok(try_err_), 0))                                                                    \
            return try_err_;                                                                                           \
    } while (0)

/** Leave the function with @p code unless @p cond holds.  For what a caller sent, never for our own mistakes. */
#define REQUIRE(cond, code)                                                                                            \
    do {                                                                                                               \
        if (__builtin_expect(!(cond), 0))                                                                              \
            return ERR(code);                                                                                          \
    } while (0)

#endif
