#include "amanat/unpack/script.h"

#include "amanat/unpack/script_words.h"

namespace amanat::unpack {
namespace {
constexpr std::string_view kEnd = "</script>";
constexpr std::size_t kGrowthMax = 8;  // n000 is four times as long as a
constexpr std::size_t kDecodedBytesMax = 1UL << 20;
}  // namespace

void append_script(std::string_view script, Bytes& normal) {
  if (!normal.empty()) normal.push_back('\n');
  append(normal, as_bytes("<script>"));
  script = script.substr(0, kScriptBytesMax);
  ScriptWords words;
  words.read(script);
  words.finish();
  words.decode();
  words.write(normal, normal.size() + script.size() * kGrowthMax + kDecodedBytesMax);
  if (!as_text(normal).ends_with(kEnd)) append(normal, as_bytes(kEnd));
}

}  // namespace amanat::unpack
