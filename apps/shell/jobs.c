/** @file jobs.c  Contracts in shell.h. */
#include "numbers.h"
#include "shell.h"

#include <os/err.h>
#include <os/print.h>

#define JOBS_MAX 32u

static struct job {
    uint64_t pid;                   /* 0: unused */
    char name[33];
} jobs[JOBS_MAX];

static struct job *find(uint64_t pid)
{
    for (unsigned i = 0; i < JOBS_MAX; i++) {
        if (jobs[i].pid == pid) {
            return &jobs[i];
        }
    }
    return NULL;
}

bool jobs_room(void)
{
    return find(0) != NULL;
}

void jobs_add(uint64_t pid, const char *name)
{
    struct job *const job = find(0);

    job->pid = pid;
    (void)format_text(job->name, sizeof(job->name), "%s", name);
}

/* It has ended with @p status. */
static void report(struct job *job, unsigned status)
{
    char pid[PID_TEXT_BYTES];

    if (status == 0) {
        say("%s %s: ended\n", pid_text(pid, job->pid), job->name);
    } else {
        char name[64];
        (void)format_text(name, sizeof(name), "%s %s", pid_text(pid, job->pid), job->name);
        report_status(name, status);
    }
    job->pid = 0;
}

static bool has_ended(uint64_t pid)
{
    struct process_info info;
    const err_t err = process_next(pid - 1, &info);

    return !err_ok(err) || info.pid != pid || info.state == PROCESS_ENDED;
}

void jobs_reap(void)
{
    for (struct job *job = jobs; job < jobs + JOBS_MAX; job++) {
        uint64_t ended;
        unsigned status;
        if (job->pid == 0 || !has_ended(job->pid)) {
            continue;
        }
        if (err_ok(process_wait(job->pid, &ended, &status))) {
            report(job, status);
        } else {
            job->pid = 0;           /* somebody else's by now, or the process server has forgotten it */
        }
    }
}

void jobs_list(void)
{
    char pid[PID_TEXT_BYTES];

    for (const struct job *job = jobs; job < jobs + JOBS_MAX; job++) {
        if (job->pid != 0) {
            say("%s %s: running\n", pid_text(pid, job->pid), job->name);
        }
    }
}

static int wait_job(struct job *job)
{
    unsigned status;
    const err_t err = wait_child(job->pid, &status);

    if (err_root(err) == E_RPC_CANCELLED) {
        shell.interrupted = true;
        return (int)STATUS_KILLED;
    }
    if (!err_ok(err)) {
        job->pid = 0;
        return complain_err("wait", job->name, err);
    }
    report(job, status);
    return (int)status;
}

int jobs_wait(uint64_t pid)
{
    int status = 0;

    if (pid != 0) {
        struct job *const job = find(pid);
        if (!job) {
            char text[PID_TEXT_BYTES];
            complain("wait: %s: not in the background\n", pid_text(text, pid));
            return STATUS_FAILED;
        }
        return wait_job(job);
    }
    for (struct job *job = jobs; job < jobs + JOBS_MAX && !shell.interrupted; job++) {
        if (job->pid != 0) {
            status = wait_job(job);
        }
    }
    return status;
}
