// A manifest that is read names its package, keeps its limits, and holds nothing but UTF-8.

#include "amanat/program/manifest.h"

#include "amanat/program/axml.h"
#include "amanat/program/unicode.h"

using namespace amanat;
using namespace amanat::program;

namespace {

void check_text(const std::string& text) {
  ensure(utf8_from_untrusted(as_bytes(text), text.size() + 1) == text, "text is UTF-8");
  ensure(text.size() <= 2 * kManifestTextMax + 8, "text keeps its limit");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto document = Axml::open(bytes)) {
    ensure(document->strings().count() <= size / 4, "strings are counted by what is there");
    for (const AxmlEvent& event : document->events()) {
      ensure(document->attributes(event).size() == event.attribute_count, "attributes are there");
    }
  }
  const auto manifest = read_manifest(bytes);
  if (!manifest) return 0;
  ensure(!manifest->package.empty(), "a manifest names its package");
  ensure(manifest->components.size() <= kManifestComponentsMax, "components keep their limit");
  check_text(manifest->package);
  for (const std::string& permission : manifest->permissions) check_text(permission);
  for (const Component& component : manifest->components) check_text(component.name);
  return 0;
}
