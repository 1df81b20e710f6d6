# Turns LAYERS and the folders it names into targets. For a module m and a part x of it:
#
#   amanat_m     library of amanat/m/*.cc, linked to the modules on the lines above its own
#   m_test       amanat/m/*_test.cc with doctest's main; CTest "m"
#   m_x_fuzz     amanat/m/x_fuzz.cc, driven by libFuzzer (preset fuzz) or by the replayer over
#                amanat/m/fuzz_corpus/x; CTest "fuzz/m/x"
#   m_x_bench    amanat/m/x_bench.cc, in preset release
#
# A module whose folder is still empty is skipped.

add_library(doctest_main OBJECT EXCLUDE_FROM_ALL cmake/doctest_main.cc)
add_library(fuzz_replay OBJECT EXCLUDE_FROM_ALL cmake/fuzz_replay.cc)
add_custom_target(all_tests)

set(AMANAT_TEST_ENVIRONMENT
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=halt_on_error=1")

# One glob sees the whole tree, so that a new file or a new module configures itself.
file(GLOB AMANAT_FILES CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
  amanat/*/*.cc amanat/*/*.h journeys/*_test.cc programs/*.cc)

# Adds the test executable `target` from `sources`, run in `folder` under the CTest name `name`.
function(amanat_add_test target name folder sources libraries)
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE ${libraries} doctest_main rapidcheck)
  target_compile_definitions(${target} PRIVATE AMANAT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_dependencies(all_tests ${target})
  add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/${folder})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT "${AMANAT_TEST_ENVIRONMENT}")
endfunction()

function(amanat_add_fuzz module part)
  set(target ${module}_${part}_fuzz)
  set(corpus ${PROJECT_SOURCE_DIR}/amanat/${module}/fuzz_corpus/${part})
  add_executable(${target} amanat/${module}/${part}_fuzz.cc)
  target_link_libraries(${target} PRIVATE amanat_${module})
  if(AMANAT_LIBFUZZER)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_link_libraries(${target} PRIVATE fuzz_replay)
  add_dependencies(all_tests ${target})
  add_test(NAME fuzz/${module}/${part} COMMAND ${target} ${corpus} ${AMANAT_REPLAY_${module}_${part}})
  set_tests_properties(fuzz/${module}/${part} PROPERTIES
    TIMEOUT 300 ENVIRONMENT "${AMANAT_TEST_ENVIRONMENT}")
endfunction()

# Each compiler of YARA's rules fills ten megabytes with zeros.
set(AMANAT_REPLAY_yara_rules_text --mutations=100)

# Adds all targets of one module; `below` are the libraries it may use.
function(amanat_add_module module below)
  set(files ${AMANAT_FILES})
  list(FILTER files INCLUDE REGEX "^amanat/${module}/[^/]+$")
  set(sources ${files})
  list(FILTER sources INCLUDE REGEX "\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cc$")

  if(sources)
    add_library(amanat_${module} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(amanat_${module} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(amanat_${module} ${scope} ${PROJECT_SOURCE_DIR})
  target_link_libraries(amanat_${module} ${scope} ${below} ${AMANAT_USES_${module}})

  set(tests ${files})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(tests)
    amanat_add_test(${module}_test ${module} amanat/${module} "${tests}" amanat_${module})
  endif()

  foreach(file IN LISTS files)
    if(file MATCHES "/([a-z0-9_]+)_fuzz\\.cc$")
      amanat_add_fuzz(${module} ${CMAKE_MATCH_1})
    elseif(AMANAT_BENCH AND file MATCHES "/([a-z0-9_]+)_bench\\.cc$")
      add_executable(${module}_${CMAKE_MATCH_1}_bench ${file})
      target_link_libraries(${module}_${CMAKE_MATCH_1}_bench PRIVATE amanat_${module}
        ${AMANAT_BENCH_USES_${module}})
    endif()
  endforeach()
endfunction()

# Walks LAYERS bottom to top. Modules on one line see the same libraries and never each other.
function(amanat_add_modules)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/LAYERS)
  file(STRINGS LAYERS lines REGEX "^[^#]")
  set(below "")
  foreach(line IN LISTS lines)
    separate_arguments(modules UNIX_COMMAND "${line}")
    set(level "")
    foreach(module IN LISTS modules)
      if(AMANAT_FILES MATCHES "(^|;)amanat/${module}/")
        amanat_add_module(${module} "${below}")
        list(APPEND level amanat_${module})
      endif()
    endforeach()
    list(APPEND below ${level})
  endforeach()
  foreach(file IN LISTS AMANAT_FILES)
    if(file MATCHES "^amanat/([^/]+)/")
      if(NOT TARGET amanat_${CMAKE_MATCH_1})
        message(FATAL_ERROR "${file}: the module ${CMAKE_MATCH_1} is not in LAYERS")
      endif()
    endif()
  endforeach()
  set(AMANAT_LIBRARIES ${below} PARENT_SCOPE)
endfunction()

# journeys/*_test.cc are the only tests in which the three parties meet in one process.
function(amanat_add_journeys)
  set(tests ${AMANAT_FILES})
  list(FILTER tests INCLUDE REGEX "^journeys/")
  if(tests)
    amanat_add_test(journeys_test journeys journeys "${tests}" "${AMANAT_LIBRARIES}")
  endif()
endfunction()

# Adds programs/SOURCE... as an executable of one party, once the first and the party exist.
function(amanat_add_program name)
  cmake_parse_arguments(arg "INSTALL" "PARTY" "SOURCE" ${ARGN})
  list(TRANSFORM arg_SOURCE PREPEND programs/)
  list(GET arg_SOURCE 0 main)
  if(NOT main IN_LIST AMANAT_FILES OR NOT TARGET amanat_${arg_PARTY})
    return()
  endif()
  add_executable(${name} ${arg_SOURCE})
  target_link_libraries(${name} PRIVATE amanat_${arg_PARTY})
  if(arg_INSTALL)
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endfunction()

# Collects in `result` every target that `target` links to, directly or not.
function(amanat_link_closure target result)
  set(seen "")
  set(queue ${target})
  while(queue)
    list(POP_FRONT queue next)
    if(next MATCHES "^\\$<LINK_ONLY:(.+)>$")
      set(next ${CMAKE_MATCH_1})
    endif()
    if(NOT TARGET ${next} OR next IN_LIST seen)
      continue()
    endif()
    list(APPEND seen ${next})
    foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(links ${next} ${property})
      if(links)
        list(APPEND queue ${links})
      endif()
    endforeach()
  endwhile()
  set(${result} ${seen} PARENT_SCOPE)
endfunction()

# Stops the configuration when `library` is anywhere in `target`.
function(amanat_forbid target library)
  if(NOT TARGET ${target})
    return()
  endif()
  amanat_link_closure(${target} links)
  if(library IN_LIST links)
    message(FATAL_ERROR "${target} must not contain ${library}")
  endif()
endfunction()
