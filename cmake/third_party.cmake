# The libraries we did not write, and the module that may use each. Modules above inherit them.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(simdjson REQUIRED)
find_package(rapidcheck REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(deflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(mspack REQUIRED IMPORTED_TARGET libmspack)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(yara REQUIRED IMPORTED_TARGET yara)
pkg_check_modules(yaml_cpp REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)

# Asio and Beast compile once, in cmake/asio.cc, for whoever links to this.
add_library(amanat_asio STATIC EXCLUDE_FROM_ALL cmake/asio.cc)
target_compile_definitions(amanat_asio
  PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(amanat_asio PUBLIC Boost::headers OpenSSL::SSL Threads::Threads)

# Of libcurl the headers alone: it is loaded when it is needed (amanat/api/curl_library.h).
add_library(amanat_curl_headers INTERFACE)
target_include_directories(amanat_curl_headers SYSTEM INTERFACE ${CURL_INCLUDE_DIRS})

# What benchmarks measure themselves against, where it is installed.
pkg_check_modules(hs IMPORTED_TARGET libhs)
if(hs_FOUND)
  add_library(amanat_vectorscan INTERFACE)
  target_link_libraries(amanat_vectorscan INTERFACE PkgConfig::hs)
  target_compile_definitions(amanat_vectorscan INTERFACE AMANAT_HAS_VECTORSCAN)
  set(AMANAT_BENCH_USES_match amanat_vectorscan)
endif()

set(AMANAT_USES_error fmt::fmt)
set(AMANAT_USES_codec simdjson::simdjson)
set(AMANAT_USES_crypto OpenSSL::Crypto PkgConfig::sodium)
set(AMANAT_USES_seal PkgConfig::zstd)
set(AMANAT_USES_scan PkgConfig::deflate ZLIB::ZLIB)
set(AMANAT_USES_unpack PkgConfig::archive PkgConfig::mspack PkgConfig::deflate ZLIB::ZLIB)
set(AMANAT_USES_sandbox PkgConfig::seccomp)
set(AMANAT_USES_indicator PkgConfig::yaml_cpp)
set(AMANAT_USES_yara PkgConfig::yara)
set(AMANAT_USES_signature OpenSSL::Crypto ZLIB::ZLIB)
set(AMANAT_USES_threat PkgConfig::pcre2)
set(AMANAT_USES_store SQLite::SQLite3)
set(AMANAT_USES_api amanat_asio amanat_curl_headers ${CMAKE_DL_LIBS})
