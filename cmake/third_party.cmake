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

# Asio and Beast compile once, in cmake/asio.cc, for whoever links to this.
add_library(amanat_asio STATIC EXCLUDE_FROM_ALL cmake/asio.cc)
target_compile_definitions(amanat_asio
  PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(amanat_asio PUBLIC Boost::headers OpenSSL::SSL Threads::Threads)

set(AMANAT_USES_error fmt::fmt)
set(AMANAT_USES_codec simdjson::simdjson)
set(AMANAT_USES_crypto OpenSSL::Crypto PkgConfig::sodium)
set(AMANAT_USES_seal PkgConfig::zstd)
set(AMANAT_USES_scan PkgConfig::deflate ZLIB::ZLIB)
set(AMANAT_USES_store SQLite::SQLite3)
set(AMANAT_USES_api amanat_asio CURL::libcurl)
