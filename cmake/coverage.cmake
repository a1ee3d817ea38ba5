# Preset coverage: each unit test leaves a profile, the test coverage.report (last) merges them and prints lines per file.
set_property(GLOBAL PROPERTY SHOAL_COVERED "")
set(profiles ${CMAKE_BINARY_DIR}/profiles)

function(shoal_coverage_of test program)
    if(SHOAL_COVERAGE)
        set_property(TEST ${test} PROPERTY ENVIRONMENT LLVM_PROFILE_FILE=${profiles}/${test}.profraw)
        set_property(TEST ${test} PROPERTY FIXTURES_SETUP coverage)
        set_property(GLOBAL APPEND PROPERTY SHOAL_COVERED $<TARGET_FILE:${program}>)
    endif()
endfunction()

function(shoal_coverage_report)
    get_property(programs GLOBAL PROPERTY SHOAL_COVERED)
    if(SHOAL_COVERAGE AND programs)
        list(REMOVE_DUPLICATES programs)
        add_test(NAME coverage.report
            COMMAND ${PYTHON} ${CMAKE_SOURCE_DIR}/cmake/coverage.py --profiles ${profiles} --sources ${CMAKE_SOURCE_DIR}
                --report ${CMAKE_BINARY_DIR}/coverage.txt ${programs})
        set_tests_properties(coverage.report PROPERTIES FIXTURES_REQUIRED coverage TIMEOUT 120)
    endif()
endfunction()
