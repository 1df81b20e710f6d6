#include "amanat/program/jar_manifest.h"

#include <algorithm>
#include <array>
#include <optional>

#include "amanat/crypto/crypto.h"
#include "amanat/program/apk_signature.h"

namespace amanat::program {
namespace {

bool is_equal_in_any_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  std::size_t position() const { return at_; }
  char next() const { return at_end() ? '\n' : text_[at_]; }

  std::string_view line() {
    const std::size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
    const std::string_view line = text_.substr(at_, end - at_);
    at_ = end;
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n' && (at_ == end || text_[end] == '\r')) ++at_;
    return line;
  }

  /// A line with those that continue it.
  std::string logical_line() {
    std::string whole(line());
    while (!whole.empty() && !at_end() && next() == ' ') whole += line().substr(1);
    return whole;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// Reads attributes up to an empty line; a section without any has no bytes.
Result<JarSection> read_section(LineReader& lines, ByteView file) {
  JarSection section;
  const std::size_t begin = lines.position();
  while (!lines.at_end()) {
    const std::string line = lines.logical_line();
    if (line.empty()) break;
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos || colon == 0) {
      return fail(Code::invalid_input, "a line is no attribute");
    }
    if (section.attributes.size() == kJarAttributesMax) {
      return fail(Code::invalid_input, "a section has too many attributes");
    }
    section.attributes.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  section.bytes = file.subspan(begin, lines.position() - begin);
  return section;
}

struct JarDigest {
  std::string_view name;
  crypto::DigestKind kind;
};
// The strongest first.
constexpr auto kJarDigests = std::to_array<JarDigest>({
    {"SHA-512", crypto::DigestKind::sha512},
    {"SHA-384", crypto::DigestKind::sha384},
    {"SHA-256", crypto::DigestKind::sha256},
    {"SHA1", crypto::DigestKind::sha1},
    {"SHA-1", crypto::DigestKind::sha1},
});

}  // namespace

std::string_view JarSection::value(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (is_equal_in_any_case(key, name)) return value;
  }
  return {};
}

Result<JarManifest> read_jar_manifest(ByteView file) {
  if (file.size() > kJarFileBytesMax) return fail(Code::invalid_input, "a JAR file is too long");
  LineReader lines(as_text(file));
  JarManifest manifest;
  auto main = read_section(lines, file);
  if (!main) return carry(main);
  manifest.main = std::move(*main);
  while (!lines.at_end()) {
    auto section = read_section(lines, file);
    if (!section) return carry(section);
    if (section->attributes.empty()) continue;  // more than one empty line
    const auto& [key, name] = section->attributes.front();
    if (!is_equal_in_any_case(key, "Name")) {
      return fail(Code::invalid_input, "a section has no name");
    }
    if (manifest.entries.size() == kJarEntriesMax) {
      return fail(Code::invalid_input, "too many sections");
    }
    if (!manifest.entries.try_emplace(name, std::move(*section)).second) {
      return fail(Code::invalid_input, "two sections about one entry");
    }
  }
  return manifest;
}

std::optional<bool> digest_matches(const JarSection& section, std::string_view suffix,
                                   ByteView bytes) {
  for (const JarDigest& known : kJarDigests) {
    const std::string_view stated = section.value(std::string(known.name) + std::string(suffix));
    if (stated.empty()) continue;
    crypto::Digest digest(known.kind);
    digest.update(bytes);
    return stated == to_base64(digest.finish());
  }
  return std::nullopt;
}

}  // namespace amanat::program
