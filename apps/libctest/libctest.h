/** @file libctest.h  Between the parts of libctest. */
#ifndef LIBCTEST_H
#define LIBCTEST_H

#include <stdbool.h>

/** Count a check; say so if it fails. */
#define CHECK(condition) check((condition), __FILE__, __LINE__, #condition)
void check(bool passed, const char *file, int line, const char *what);

/** Like CHECK, with a sentence of the caller's. */
void check_text(bool passed, const char *what, const char *got, const char *wanted);

/** End main()'s thread; another goes on, and the process ends with that one's. */
_Noreturn void leave_to_last(void);

/** What children of libctest do that were told so by "=NAME": their exit status, or -1 if it is none of these. */
int pipe_child(int argc, char **argv);
int output_child(const char *what);

/** Ends the process with status 9, whatever another thread waits for. */
void print_beside_reader(void);

/** Ends the process: recursion without end in a thread. */
void overflow_in_thread(void);

void test_formats(void);
void test_library(void);
void test_memory(void);
void test_files(void);
void test_streams(void);
void test_time(void);
void test_signals(void);
void test_processes(void);
void test_pipes(void);
void test_output(void);
void test_threads(void);
void test_sync(void);
void test_pthreads(void);

#endif
