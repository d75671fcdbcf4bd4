# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# What every directory's CMakeLists.txt uses: one flag set, one way to make a library, a program or a test.

set(UTVM_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -Wundef -Wcast-qual -Wformat=2 -Wnull-dereference -Wswitch-enum)
if(UTVM_WERROR)
    list(APPEND UTVM_WARNINGS -Werror)
endif()

function(utvm_flags target)
    target_compile_options(${target} PRIVATE ${UTVM_WARNINGS})
    target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    if(UTVM_SANITIZE)
        target_compile_options(${target} PRIVATE
            -fsanitize=${UTVM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE -fsanitize=${UTVM_SANITIZE})
    endif()
    if(UTVM_FUZZ)
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
endfunction()

# utvm_library(NAME SOURCES...): a static library, so that an upward call fails at link.
function(utvm_library name)
    add_library(${name} STATIC ${ARGN})
    utvm_flags(${name})
endfunction()

# utvm_program(NAME SOURCES... LIBS libraries...)
function(utvm_program name)
    cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
    add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
    utvm_flags(${name})
    target_link_libraries(${name} PRIVATE ${ARG_LIBS})
endfunction()

# utvm_criterion_test(NAME SOURCES... LIBS libraries...): one Criterion program, one ctest entry.
function(utvm_criterion_test name)
    cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
    add_executable(${name} EXCLUDE_FROM_ALL ${ARG_UNPARSED_ARGUMENTS})
    utvm_flags(${name})
    target_link_libraries(${name} PRIVATE ${ARG_LIBS} criterion)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    # Criterion's TestSuite macros define unnamed-section objects that pedantic flags dislike.
    target_compile_options(${name} PRIVATE -Wno-pedantic -Wno-missing-prototypes)
    add_dependencies(tests ${name})
    add_test(NAME ${name} COMMAND ${name} -j2)
endfunction()
