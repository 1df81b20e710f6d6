#include "amanat/signature/boundary.h"

#include <string_view>

namespace amanat::signature {
namespace {

using Kind = Boundary::Kind;

constexpr std::string_view kLeft = " -./<@_";
constexpr std::string_view kRight = " \n\r\"'-/=>_";

bool contains(std::string_view set, std::uint8_t byte) {
  return set.find(static_cast<char>(byte)) != std::string_view::npos;
}

bool is_alphanum(std::uint8_t byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z')
         || (byte >= 'A' && byte <= 'Z');
}

bool is_line_end(ByteView text, std::uint64_t position) {
  if (text[position] == '\n') return true;
  return text[position] == '\r' && position + 1 < text.size() && text[position + 1] == '\n';
}

bool is_left(Kind kind, bool wide, ByteView text, std::uint64_t begin) {
  if (begin == 0) return true;
  const std::uint8_t before = text[begin - 1];
  switch (kind) {
    case Kind::word: return contains(kLeft, before);
    case Kind::line: return before == '\n';
    case Kind::not_alphanum: break;
  }
  if (!wide) return !is_alphanum(before);
  return begin == 1 || !(is_alphanum(text[begin - 2]) && before == 0);
}

bool is_right(Kind kind, bool wide, ByteView text, std::uint64_t end) {
  if (end >= text.size()) return true;
  switch (kind) {
    case Kind::word: return contains(kRight, text[end]);
    case Kind::line: return is_line_end(text, end);
    case Kind::not_alphanum: break;
  }
  if (!wide || end + 1 == text.size()) return !is_alphanum(text[end]);
  return !(is_alphanum(text[end]) && text[end + 1] == 0);
}

}  // namespace

bool fits_left(const Boundary& boundary, bool wide, ByteView text, std::uint64_t begin) {
  return is_left(boundary.kind, wide, text, begin) != boundary.negated;
}

bool fits_right(const Boundary& boundary, bool wide, ByteView text, std::uint64_t end) {
  return is_right(boundary.kind, wide, text, end) != boundary.negated;
}

std::optional<std::uint64_t> fits_inside(const Boundary& boundary, ByteView text,
                                         std::uint64_t position) {
  const std::uint8_t byte = text[position];
  bool is_it = false;
  std::uint64_t length = 1;
  switch (boundary.kind) {
    case Kind::word: is_it = contains(kLeft, byte) || contains(kRight, byte); break;
    case Kind::line:
      is_it = is_line_end(text, position);
      if (is_it && byte == '\r') length = 2;
      break;
    case Kind::not_alphanum: is_it = !is_alphanum(byte); break;
  }
  if (is_it == boundary.negated) return std::nullopt;
  return length;
}

}  // namespace amanat::signature
