#pragma once

// libcurl, loaded when the first connection is made.
//
// It brings some thirty libraries with it (TLS, Kerberos, LDAP, SSH ...), which is half of what a
// program of ours would load at its start. Most commands talk to nobody, and the worker that
// examines foreign files must not: a network library is not even in its memory.

#include <curl/curl.h>

#include "amanat/error/error.h"

namespace amanat::api {

/// The functions that are used, as <curl/curl.h> has them.
struct CurlLibrary {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;
};

/// Loads and starts it, once.
///
///   fails   unavailable when it is not installed; says what to install
Result<> load_curl();

/// After load_curl has succeeded.
const CurlLibrary& curl();

}  // namespace amanat::api
