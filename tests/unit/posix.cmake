# libos/posix, as far as it runs on the build machine.
shoal_unit_test(number SOURCES tests/unit/number_test.c libos/posix/number/decimal.c SEEDS 1 2 3)
