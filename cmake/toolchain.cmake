# How everything is compiled and linked: warnings, sanitizers, hardening, linker, compiler cache.

set(AMANAT_SANITIZE "" CACHE STRING "value of -fsanitize=, or empty")
option(AMANAT_HARDEN "fortify, stack protector and read-only relocations" OFF)
option(AMANAT_LIBFUZZER "link x_fuzz.cc to libFuzzer instead of the replayer" OFF)
option(AMANAT_BENCH "build x_bench.cc" OFF)

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "Amanat is built with clang 19 (found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}): "
    "use one of the presets, for instance cmake --preset dev")
endif()

add_compile_options(
  -Werror -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough -Wextra-semi -Wunused)

# No folder of the building machine ends up in a binary. With ccache the compiler sees paths from
# the build folder (../../amanat/x.cc), without it absolute ones: both become amanat/x.cc. The last
# map that fits is the one that counts.
add_compile_options(
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -ffile-prefix-map=${PROJECT_BINARY_DIR}=.
  -ffile-prefix-map=../../=)

if(AMANAT_SANITIZE)
  add_compile_options(
    -fsanitize=${AMANAT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${AMANAT_SANITIZE})
endif()

if(AMANAT_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

# A bare -fuse-ld=lld may be LLVM 14, which cannot read what clang 19 writes.
find_program(AMANAT_MOLD mold)
find_program(AMANAT_LLD ld.lld-19)
mark_as_advanced(AMANAT_MOLD AMANAT_LLD)
if(AMANAT_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(AMANAT_LLD)
  add_link_options(--ld-path=${AMANAT_LLD})
endif()

# CCACHE_BASEDIR lets two checkouts of the project share what one of them has compiled.
find_program(AMANAT_CCACHE ccache)
mark_as_advanced(AMANAT_CCACHE)
if(AMANAT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${AMANAT_CCACHE})
endif()
