#include "amanat/signature/body.h"

namespace amanat::signature {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void print_byte(MaskedByte byte, std::string& out) {
  if (byte.mask == 0xdf) byte.value |= 0x20;  // a letter in either case, written small
  out += (byte.mask & 0xc0) == 0 ? '?' : kDigits[byte.value >> 4];
  out += (byte.mask & 0x0f) == 0 ? '?' : kDigits[byte.value & 0x0f];
}

void print_run(const Run& run, std::string& out) {
  for (const MaskedByte byte : run) print_byte(byte, out);
}

void print_boundary(Boundary boundary, std::string& out) {
  constexpr std::string_view kLetters = "BLW";
  if (boundary.negated) out += '!';
  out += '(';
  out += kLetters[static_cast<std::size_t>(boundary.kind)];
  out += ')';
}

void print_element(const Element& element, std::string& out) {
  if (const auto* const run = std::get_if<Run>(&element)) {
    print_run(*run, out);
  } else if (const auto* const boundary = std::get_if<Boundary>(&element)) {
    print_boundary(*boundary, out);
  } else {
    const auto& alternatives = std::get<Alternatives>(element);
    out += alternatives.negated ? "!(" : "(";
    for (const Run& choice : alternatives.choices) {
      if (out.back() != '(') out += '|';
      print_run(choice, out);
    }
    out += ')';
  }
}

void print_near(const Near& near, std::string& out) {
  out += '[' + std::to_string(near.min) + '-' + std::to_string(near.max) + ']';
}

void print_part(const Part& part, std::string& out) {
  if (part.before) {
    print_byte(part.before->byte, out);
    print_near(*part.before, out);
  }
  if (part.left) print_boundary(*part.left, out);
  for (const Element& element : part.elements) print_element(element, out);
  if (part.right) print_boundary(*part.right, out);
  if (part.after) {
    print_near(*part.after, out);
    print_byte(part.after->byte, out);
  }
}

void print_gap(const Gap& gap, std::string& out) {
  if (!gap.max && gap.min == 0) {
    out += '*';
  } else {
    out += '{' + std::to_string(gap.min) + '-' + (gap.max ? std::to_string(*gap.max) : "") + '}';
  }
}

}  // namespace

std::string print(const Pattern& pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
    if (i > 0) print_gap(pattern.gaps[i - 1], out);
    print_part(pattern.parts[i], out);
  }
  return out;
}

std::string print(const BodySignature& signature) {
  return signature.name + ':' + std::to_string(static_cast<unsigned>(signature.target)) + ':'
         + print(signature.body.offset) + ':' + print(signature.body.variants.at(0));
}

}  // namespace amanat::signature
