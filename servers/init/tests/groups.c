/** @file groups.c  All groups of self-tests, in the order they run: what others stand on comes first. */
#include "../test.h"

extern const struct test_group retype_tests, cspace_tests, vspace_tests, dispatch_tests, fault_tests, time_tests,
    notify_tests, lmp_tests, irq_tests, fp_tests, isolation_tests, revoke_tests, adversary_tests,
    clients_tests, spawn_tests, rpc_tests, rpc_ump_tests, mem_tests, thread_tests, cores_tests, cores_panic_tests;

const struct test_group *const test_groups[] = {
    &retype_tests, &cspace_tests, &vspace_tests, &dispatch_tests,  &fault_tests,  &time_tests,
    &notify_tests, &lmp_tests,    &irq_tests,    &fp_tests,        &isolation_tests, &revoke_tests,
    &adversary_tests, &clients_tests, &spawn_tests, &rpc_tests, &rpc_ump_tests,
    &mem_tests, &thread_tests, &cores_tests,
    &cores_panic_tests,         /* prints a panic, so it is not part of all */
};
const unsigned test_group_count = sizeof(test_groups) / sizeof(test_groups[0]);
const unsigned test_group_apart = 1;
