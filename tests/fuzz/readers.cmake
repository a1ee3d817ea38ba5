# The readers of what comes from outside: boot archive, ELF executables, device tree.
shoal_fuzz_target(archive CORPUS tests/fuzz/corpus/archive
    SOURCES tests/fuzz/fuzz_archive.c cpudriver/formats/archive.c)
shoal_fuzz_target(elf CORPUS tests/fuzz/corpus/elf
    SOURCES tests/fuzz/fuzz_elf.c cpudriver/formats/elf.c)
shoal_fuzz_target(devtree LIBFDT CORPUS tests/fuzz/corpus/devtree
    SOURCES tests/fuzz/fuzz_devtree.c cpudriver/core/ranges.c cpudriver/core/devtree.c cpudriver/core/devtree_check.c
        cpudriver/core/devtree_devices.c cpudriver/core/devtree_prop.c cpudriver/core/devtree_reg.c)
