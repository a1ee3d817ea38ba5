# From the first instruction to init: the parts that are pure.
shoal_unit_test(boot_ranges SOURCES tests/unit/boot_ranges_test.c cpudriver/core/ranges_boot.c SEEDS 1 2 3)
shoal_unit_test(bootargs SOURCES tests/unit/bootargs_test.c)
shoal_unit_test(console SOURCES tests/unit/console_test.c cpudriver/plat/console.c)
shoal_unit_test(ktables SOURCES tests/unit/ktables_test.c cpudriver/arch/aarch64/ktables.c SEEDS 1 2 3)
shoal_unit_test(print SOURCES tests/unit/print_test.c cpudriver/core/print.c)
shoal_unit_test(lib SOURCES tests/unit/lib_test.c SEEDS 1 2 3)
shoal_unit_test(backtrace SOURCES tests/unit/backtrace_test.c cpudriver/core/backtrace.c)
