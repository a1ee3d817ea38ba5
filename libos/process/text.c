/** @file text.c  Contract in os/process.h. */
#include <os/print.h>
#include <os/process.h>
#include <os/rpc.h>

const char *pid_text(char text[PID_TEXT_BYTES], uint64_t pid)
{
    const uint64_t core = id_core(pid), number = pid & UINT32_MAX;

    (void)(core ? format_text(text, PID_TEXT_BYTES, "%lu.%lu", core, number) : format_text(text, PID_TEXT_BYTES, "%lu", number));
    return text;
}
