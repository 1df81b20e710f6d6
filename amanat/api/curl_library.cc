#include "amanat/api/curl_library.h"

#include <optional>
#include <string>

#include <dlfcn.h>

namespace amanat::api {
namespace {

// The one over OpenSSL: what a server showed is read from its session (client.cc).
constexpr const char* kName = "libcurl.so.4";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

std::optional<CurlLibrary> load() {
  // It stays: what it has registered with others would be left hanging.
  void* library = ::dlopen(kName, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return std::nullopt;
  CurlLibrary curl;
  const bool whole = find(library, "curl_global_init", curl.global_init)
                     && find(library, "curl_easy_init", curl.easy_init)
                     && find(library, "curl_easy_cleanup", curl.easy_cleanup)
                     && find(library, "curl_easy_setopt", curl.easy_setopt)
                     && find(library, "curl_easy_perform", curl.easy_perform)
                     && find(library, "curl_easy_getinfo", curl.easy_getinfo)
                     && find(library, "curl_easy_strerror", curl.easy_strerror)
                     && find(library, "curl_slist_append", curl.slist_append)
                     && find(library, "curl_slist_free_all", curl.slist_free_all);
  if (!whole || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return curl;
}

const std::optional<CurlLibrary>& loaded() {
  static const std::optional<CurlLibrary> library = load();
  return library;
}

}  // namespace

Result<> load_curl() {
  if (loaded()) return {};
  return fail(Code::unavailable,
              std::string("connections need ") + kName + ": install libcurl (Debian: libcurl4)");
}

const CurlLibrary& curl() {
  ensure(loaded().has_value(), "libcurl was loaded");
  return *loaded();
}

}  // namespace amanat::api
