#include "amanat/scan/file_type.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace amanat::scan {
namespace {
using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  Target target = Target::any;
};
constexpr auto kMagics = std::to_array<Magic>({
    {.bytes = "\x7f\x45LF"sv, .target = Target::elf},
    {.bytes = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, .target = Target::ole2},
    {.bytes = "\x89PNG\r\n\x1a\n"sv, .target = Target::graphics},
    {.bytes = "\xff\xd8\xff"sv, .target = Target::graphics},
    {.bytes = "GIF87a"sv, .target = Target::graphics},
    {.bytes = "GIF89a"sv, .target = Target::graphics},
    {.bytes = "II*\0"sv, .target = Target::graphics},
    {.bytes = "MM\0*"sv, .target = Target::graphics},
    {.bytes = "\xfe\xed\xfa\xce"sv, .target = Target::macho},
    {.bytes = "\xfe\xed\xfa\xcf"sv, .target = Target::macho},
    {.bytes = "\xce\xfa\xed\xfe"sv, .target = Target::macho},
    {.bytes = "\xcf\xfa\xed\xfe"sv, .target = Target::macho},
    {.bytes = "FWS"sv, .target = Target::flash},
    {.bytes = "CWS"sv, .target = Target::flash},
    {.bytes = "ZWS"sv, .target = Target::flash},
});

constexpr std::size_t kPdfSearchBytes = 1024;

bool is_pe(std::string_view head) {
  constexpr std::size_t kHeaderOffsetAt = 0x3c;
  if (!head.starts_with("MZ") || head.size() < kHeaderOffsetAt + 4) return false;
  std::size_t at = 0;
  for (std::size_t i = 4; i > 0; --i) {
    at = at << 8 | static_cast<std::uint8_t>(head[kHeaderOffsetAt + i - 1]);
  }
  return at < head.size() && head.substr(at).starts_with("PE\0\0"sv);
}

// Java classes and universal Mach-O share a magic. The next number is a class version (45 and up)
// or the number of architectures, which is small.
Target cafebabe(std::string_view head) {
  constexpr std::uint8_t kFirstJavaVersion = 45;
  if (head.size() < 8) return Target::any;
  return static_cast<std::uint8_t>(head[7]) >= kFirstJavaVersion ? Target::java : Target::macho;
}

bool is_text(std::string_view head) {
  return !head.empty() && std::ranges::none_of(head, [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte < 0x09 || (byte > 0x0d && byte < 0x20);
  });
}

bool is_html(std::string_view text) {
  constexpr auto kOpenings =
      std::to_array<std::string_view>({"<!doctype html", "<html", "<head", "<body", "<script"});
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return std::ranges::any_of(kOpenings, [&](std::string_view opening) {
    return text.size() >= opening.size()
           && std::ranges::equal(opening, text.substr(0, opening.size()), [](char a, char b) {
                return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 0x20) : b);
              });
  });
}

}  // namespace

Target target_of(ByteView head_bytes) {
  const std::string_view head = as_text(head_bytes.first(std::min(head_bytes.size(), kHeadBytes)));
  if (is_pe(head)) return Target::pe;
  if (head.starts_with("\xca\xfe\xba\xbe")) return cafebabe(head);
  for (const Magic& magic : kMagics) {
    if (head.starts_with(magic.bytes)) return magic.target;
  }
  if (head.substr(0, kPdfSearchBytes).find("%PDF-") != std::string_view::npos) return Target::pdf;
  if (!is_text(head)) return Target::any;
  return is_html(head) ? Target::html : Target::ascii;
}

ByteView TextNormaliser::feed(ByteView piece) {
  normal_.clear();
  for (const std::uint8_t byte : piece) {
    if (byte == ' ' || (byte >= '\t' && byte <= '\r')) {
      if (!after_space_) normal_.push_back(' ');
      after_space_ = true;
    } else if (byte > ' ' && byte < 0x80) {
      normal_.push_back(byte >= 'A' && byte <= 'Z' ? byte + 0x20 : byte);
      after_space_ = false;
    }
  }
  return normal_;
}

}  // namespace amanat::scan
