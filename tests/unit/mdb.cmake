# The mapping database and the two data structures of dispatch, each against a naive model.
set(mdb_sources
    cpudriver/cap/mdb.c cpudriver/cap/mdb_balance.c cpudriver/cap/mdb_search.c cpudriver/cap/mdb_check.c
    cpudriver/arch/fake/fake.c)

shoal_unit_test(mdb_test SOURCES tests/unit/mdb_test.c tests/unit/mdb_world.c ${mdb_sources} SEEDS 1 2 3 4 5 6 7 8)
shoal_unit_test(mdb_check_test SOURCES tests/unit/mdb_check_test.c tests/unit/mdb_world.c ${mdb_sources})
shoal_unit_test(ready_test SOURCES tests/unit/ready_test.c cpudriver/arch/fake/fake.c
                SEEDS 1 2 3 4)
shoal_unit_test(deadline_test SOURCES tests/unit/deadline_test.c cpudriver/dispatch/deadline.c
                cpudriver/arch/fake/fake.c SEEDS 1 2 3 4)
