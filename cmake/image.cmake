# How the CPU driver and programs become files.

# shoal_kernel(OBJECTS): links cpudriver.elf twice (the second time with the table of function names that was read from the
# first), checks that nothing moved in between, and writes the flat Image shoal.img.
function(shoal_kernel objects)
    set(script ${CMAKE_CURRENT_SOURCE_DIR}/cpudriver.ld)
    set(ksyms ${CMAKE_SOURCE_DIR}/cmake/ksyms.py)
    set(options -T ${script} --gc-sections --build-id=none "SHELL:-z max-page-size=4096" --no-undefined --fatal-warnings -static)

    set(empty ${CMAKE_CURRENT_BINARY_DIR}/ksyms_empty.S)
    add_custom_command(OUTPUT ${empty} COMMAND ${PYTHON} ${ksyms} table --out ${empty} DEPENDS ${ksyms} VERBATIM)
    add_executable(cpudriver_first $<TARGET_OBJECTS:${objects}> ${empty})

    set(table ${CMAKE_CURRENT_BINARY_DIR}/ksyms.S)
    add_custom_command(OUTPUT ${table}
        COMMAND ${PYTHON} ${ksyms} table --nm ${CMAKE_NM} --elf $<TARGET_FILE:cpudriver_first> --out ${table}
        DEPENDS cpudriver_first ${ksyms} VERBATIM)
    add_executable(cpudriver $<TARGET_OBJECTS:${objects}> ${table})

    foreach(target cpudriver_first cpudriver)
        target_link_libraries(${target} PRIVATE flags_kernel fdt)
        target_link_options(${target} PRIVATE ${options})
        set_target_properties(${target} PROPERTIES LINK_DEPENDS ${script} SUFFIX .elf)
    endforeach()
    set_target_properties(cpudriver PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
    add_custom_command(TARGET cpudriver POST_BUILD
        COMMAND ${PYTHON} ${ksyms} check --nm ${CMAKE_NM} --elf $<TARGET_FILE:cpudriver_first>
            --final $<TARGET_FILE:cpudriver>
        COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:cpudriver> ${CMAKE_BINARY_DIR}/shoal.img
        BYPRODUCTS ${CMAKE_BINARY_DIR}/shoal.img VERBATIM)
endfunction()

# shoal_program(NAME SOURCES ... [WITH_FP | LIBC]): a program for the boot archive, build/PRESET/programs/NAME, linked with
# libos.  Compiled without FP registers, as libos is; a program that needs them says WITH_FP.  LIBC: an ordinary C
# program, with picolibc and libos/posix (docs/libc.md), FP registers included.
function(shoal_program name)
    cmake_parse_arguments(PARSE_ARGV 1 program "WITH_FP;LIBC" "" "SOURCES")
    if(NOT program_SOURCES OR program_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "shoal_program(${name} [WITH_FP | LIBC] SOURCES ...): ${program_UNPARSED_ARGUMENTS}")
    endif()
    set(script ${CMAKE_SOURCE_DIR}/libos/program.ld)
    add_executable(program_${name} ${program_SOURCES})
    set(depends ${script})
    if(program_LIBC)
        target_link_libraries(program_${name} PRIVATE flags_libc $<TARGET_OBJECTS:crt0> ${CMAKE_BINARY_DIR}/libshoal.a
            ${PICOLIBC_LIBRARY} ${LIBGCC_LIBRARY})
        set_target_properties(program_${name} PROPERTIES SHOAL_HOSTED ON)      # the compiler may know what printf does
        add_dependencies(program_${name} libshoal)
        list(APPEND depends ${CMAKE_BINARY_DIR}/libshoal.a)
    else()
        target_link_libraries(program_${name} PRIVATE flags_user os)
    endif()
    if(NOT program_WITH_FP AND NOT program_LIBC)
        target_compile_options(program_${name} PRIVATE -mgeneral-regs-only)
    endif()
    target_include_directories(program_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_options(program_${name} PRIVATE -T ${script} --gc-sections --build-id=none "SHELL:-z max-page-size=4096"
        "SHELL:-z separate-loadable-segments" --no-undefined --fatal-warnings -static)
    set_target_properties(program_${name} PROPERTIES LINK_DEPENDS "${depends}" OUTPUT_NAME ${name}
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/programs)
    set_property(GLOBAL APPEND PROPERTY SHOAL_PROGRAMS ${name})
endfunction()
