# The readers of what comes from outside: boot archive, ELF executables, device tree.

# A program of our own toolchain, and an archive of our own tool, as inputs in order.
set(elf_program ${CMAKE_CURRENT_BINARY_DIR}/elf_program)
set(elf_source ${CMAKE_CURRENT_SOURCE_DIR}/data/elf_program.c)
set(made_archive ${CMAKE_CURRENT_BINARY_DIR}/made.cpio)
set(mkarchive ${CMAKE_SOURCE_DIR}/tools/mkarchive.py)
add_custom_command(OUTPUT ${elf_program}
    COMMAND ${CMAKE_C_COMPILER} --target=aarch64-none-elf -ffreestanding -fno-pic -O1 -nostdlib -static -fuse-ld=lld
        ${elf_source} -o ${elf_program}
    DEPENDS ${elf_source} VERBATIM)
add_custom_command(OUTPUT ${made_archive}
    COMMAND ${PYTHON} -B ${mkarchive} --out ${made_archive} init=${elf_program} source=${elf_source}
    DEPENDS ${mkarchive} ${elf_program} ${elf_source} VERBATIM)
add_custom_target(readers_inputs DEPENDS ${elf_program} ${made_archive})

shoal_unit_test(archive SOURCES tests/unit/archive_test.c cpudriver/formats/archive.c SEEDS 1 2 3
    DEFINITIONS MADE_ARCHIVE="${made_archive}" MADE_INIT="${elf_program}" MADE_SOURCE="${elf_source}")
shoal_unit_test(elf SOURCES tests/unit/elf_test.c cpudriver/formats/elf.c SEEDS 1 2 3
    DEFINITIONS ELF_PROGRAM="${elf_program}")
add_dependencies(unit_archive readers_inputs)
add_dependencies(unit_elf readers_inputs)

set(devtree_sources
    tests/unit/devtree_maker.c cpudriver/core/ranges.c cpudriver/core/devtree.c cpudriver/core/devtree_check.c
    cpudriver/core/devtree_devices.c cpudriver/core/devtree_prop.c cpudriver/core/devtree_reg.c)
shoal_unit_test(ranges SOURCES tests/unit/ranges_test.c cpudriver/core/ranges.c SEEDS 1 2 3)
shoal_unit_test(devtree LIBFDT SEEDS 1 2 3
    SOURCES tests/unit/devtree_test.c tests/unit/devtree_devices_test.c tests/unit/devtree_check_test.c
        ${devtree_sources})

# Compiled trees of the i.MX boards, from an arm64 kernel package.  Where they cannot be had, the build goes on and the
# test fails.
set(dtb_package linux-image-6.1.0-50-arm64-unsigned)
set(dtb_folder usr/lib/linux-image-6.1.0-50-arm64/freescale)
execute_process(COMMAND ${PYTHON} -B ${CMAKE_SOURCE_DIR}/cmake/fetch_deb.py
    --package ${dtb_package} --version 6.1.176-1 --architecture arm64
    --sha256 31ba9c41615c6e3a2c5397671ecd169af9822871cf19a6ac711d56b39833bd08
    --members ${dtb_folder}/imx8mp-evk.dtb ${dtb_folder}/imx8qxp-colibri-eval-v3.dtb
    --build ${CMAKE_SOURCE_DIR}/build)
set(dtbs ${CMAKE_SOURCE_DIR}/build/third_party/${dtb_package})
find_program(QEMU_AARCH64 qemu-system-aarch64)
shoal_unit_test(devtree_boards LIBFDT SOURCES tests/unit/devtree_boards_test.c ${devtree_sources}
    DEFINITIONS QEMU="${QEMU_AARCH64}" DTB_IMX8MP="${dtbs}/imx8mp-evk.dtb"
        DTB_COLIBRI="${dtbs}/imx8qxp-colibri-eval-v3.dtb")
