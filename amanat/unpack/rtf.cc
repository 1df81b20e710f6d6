// Objects in RTF: hexadecimal digits behind \objdata, in which control words and groups may be
// strewn to confuse readers; Word passes over them and so do we.

#include "amanat/unpack/little.h"
#include "amanat/unpack/package.h"
#include "amanat/unpack/transfer.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

constexpr std::string_view kObjectWord = "\\objdata";
constexpr std::size_t kParameterDigitsMax = 10;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A control word and its number.
struct Control {
  std::string_view word;
  std::uint64_t number = 0;
  std::size_t size = 0;  // with the backslash and the space that ends it
};

Control read_control(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && is_letter(text[at])) ++at;
  Control control{.word = text.substr(1, at - 1)};
  if (at == 1) {  // a symbol: \' and two digits, or one character
    control.size = std::min<std::size_t>(text.starts_with("\\'") ? 4 : 2, text.size());
    return control;
  }
  if (at < text.size() && text[at] == '-') ++at;
  const std::size_t digits_end = std::min(text.size(), at + kParameterDigitsMax);
  for (; at < digits_end && text[at] >= '0' && text[at] <= '9'; ++at) {
    control.number = control.number * 10 + static_cast<std::uint64_t>(text[at] - '0');
  }
  if (at < text.size() && text[at] == ' ') ++at;
  control.size = at;
  return control;
}

/// Reads the data of one object; returns how much of `text` it took.
std::size_t read_object(std::string_view text, Output& output, bool& fits) {
  std::size_t at = 0;
  std::uint32_t depth = 0;
  std::uint8_t high = 16;
  while (at < text.size() && fits) {
    const char c = text[at];
    if (c == '\\') {
      const Control control = read_control(text.substr(at));
      at += control.size;
      if (control.word == "bin") {
        const std::string_view raw = text.substr(at, control.number);
        fits = output.add(as_bytes(raw));
        at += raw.size();
      }
      continue;
    }
    ++at;
    if (c == '{') {
      ++depth;
    } else if (c == '}') {
      if (depth == 0) break;
      --depth;
    } else if (const std::uint8_t digit = hex_digit(c); digit < 16) {
      if (high < 16) {
        fits = output.add(static_cast<std::uint8_t>(high << 4 | digit));
        high = 16;
      } else {
        high = digit;
      }
    }
  }
  return at;
}

// The data behind the header of an OLE 1 object [MS-OLEDS 2.2.4]: version, format, three names
// with their sizes, size, data. All of it when there is no such header.
struct Native {
  std::string_view class_name;
  ByteView data;
};
Native read_native(ByteView object) {
  constexpr std::uint32_t kEmbedded = 2;
  if (little32(object, 4) != kEmbedded) return {.class_name = {}, .data = object};
  std::size_t at = 8;
  std::string_view class_name;
  for (int i = 0; i < 3; ++i) {
    const std::uint32_t size = little32(object, at);
    if (!has(object, at + 4, size)) return {.class_name = {}, .data = object};
    if (i == 0 && size > 0) class_name = as_text(object.subspan(at + 4, size - 1));
    at += 4 + std::size_t{size};
  }
  return {.class_name = class_name, .data = part(object, at + 4, little32(object, at))};
}

}  // namespace

void unpack_rtf(ByteView object, Walk& walk) {
  const std::string_view text = as_text(object);
  Output output(walk.budget);
  for (std::size_t at = 0; (at = text.find(kObjectWord, at)) != text.npos && walk.goes_on();) {
    at += kObjectWord.size();
    output.begin(text.size() - at);
    bool fits = true;
    const std::size_t size = read_object(text.substr(at), output, fits);
    const Native native = read_native(output.bytes());
    Entry entry{.name = std::string(native.class_name),
                .packed_size = size,
                .size = native.data.size(),
                .position = at};
    const End end = fits ? End::whole : End::over_budget;
    at += size;
    if (const auto package = read_package(native.data); package && !package->content.empty()) {
      if (!walk.give({.name = package->name,
                      .packed_size = entry.packed_size,
                      .size = package->content.size(),
                      .position = entry.position},
                     end, package->content)) {
        return;
      }
    }
    if (!native.data.empty() && !walk.give(std::move(entry), end, native.data)) return;
  }
}

}  // namespace amanat::unpack
