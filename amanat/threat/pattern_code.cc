#include "amanat/threat/pattern_code.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <variant>

#include "amanat/threat/pattern_ops.h"

namespace amanat::threat {
namespace {
using signature::Alternatives;
using signature::Boundary;
using signature::Element;
using signature::MaskedByte;
using signature::Near;
using signature::Part;
using signature::Pattern;
using signature::Run;
using RunView = std::span<const MaskedByte>;

constexpr std::uint8_t kCaseMask = 0xdf;
constexpr std::size_t kWideBytesMin = 6;  // shorter ones gain nothing

bool is_letter(std::uint8_t byte) {
  const auto upper = static_cast<std::uint8_t>(byte & kCaseMask);
  return upper >= 'A' && upper <= 'Z';
}

// What a byte asks of the form it is written in. Plain bytes that are no letters fit two forms.
enum class Ask : std::uint8_t { either, exact, folded, skip, masked };

Ask ask_of(const MaskedByte& byte) {
  if (byte.mask == 0) return Ask::skip;
  if (byte.mask == 0xff) return is_letter(byte.value) ? Ask::exact : Ask::either;
  if (byte.mask == kCaseMask && is_letter(byte.value)) return Ask::folded;
  return Ask::masked;
}

bool fits_together(Ask form, Ask next) {
  if (form == next) return true;
  const bool plain = form == Ask::exact || form == Ask::folded || form == Ask::either;
  return plain && (next == Ask::either || (form == Ask::either && next <= Ask::folded));
}

bool is_wide(RunView run) {
  if (run.size() < kWideBytesMin || run.size() % 2 != 0) return false;
  for (std::size_t i = 1; i < run.size(); i += 2) {
    if (run[i].value != 0) return false;
  }
  return true;
}

void write_values(CodeWriter& code, RunView run) {
  for (const MaskedByte& byte : run) code.byte(byte.value);
}

void write_masks(CodeWriter& code, RunView run) {
  for (const MaskedByte& byte : run) code.byte(byte.mask);
}

void write_op(CodeWriter& code, Op op) { code.byte(static_cast<std::uint8_t>(op)); }

void write_piece(CodeWriter& code, RunView piece, Ask form) {
  if (form == Ask::skip || form == Ask::masked) {
    write_op(code, form == Ask::skip ? Op::skip : Op::masked);
    code.number(piece.size());
    if (form == Ask::skip) return;
    write_values(code, piece);
    write_masks(code, piece);
    return;
  }
  const bool folded = form == Ask::folded;
  if (!is_wide(piece)) {
    write_op(code, folded ? Op::folded : Op::exact);
    code.number(piece.size());
    write_values(code, piece);
    return;
  }
  write_op(code, folded ? Op::wide_folded : Op::wide_exact);
  code.number(piece.size() / 2);
  for (std::size_t i = 0; i < piece.size(); i += 2) code.byte(piece[i].value);
}

void write_run(CodeWriter& code, RunView run) {
  while (!run.empty()) {
    Ask form = ask_of(run.front());
    std::size_t size = 1;
    for (; size < run.size() && fits_together(form, ask_of(run[size])); ++size) {
      if (form == Ask::either) form = ask_of(run[size]);
    }
    write_piece(code, run.first(size), form);
    run = run.subspan(size);
  }
}

bool is_plain(const Run& run) {
  return std::ranges::all_of(run, [](const MaskedByte& byte) { return byte.mask == 0xff; });
}

void write_alternatives(CodeWriter& code, const Alternatives& alternatives) {
  const auto& choices = alternatives.choices;
  const std::size_t size = choices.front().size();
  const bool equal =
      std::ranges::all_of(choices, [&](const Run& run) { return run.size() == size; });
  const bool plain = std::ranges::all_of(choices, is_plain);
  write_op(code, !equal ? Op::choices : plain ? Op::plain_choices : Op::masked_choices);
  code.byte(alternatives.negated ? 1 : 0);
  code.number(choices.size());
  if (equal) code.number(size);
  for (const Run& run : choices) {
    if (!equal) code.number(run.size());
    write_values(code, run);
    if (!equal || !plain) write_masks(code, run);
  }
}

std::uint8_t boundary_byte(const Boundary& boundary) {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(boundary.kind)
                                   | (boundary.negated ? kNegated : 0U));
}

void write_elements(CodeWriter& code, const Part& part) {
  for (const Element& element : part.elements) {
    if (const auto* run = std::get_if<Run>(&element)) {
      write_run(code, *run);
    } else if (const auto* alternatives = std::get_if<Alternatives>(&element)) {
      write_alternatives(code, *alternatives);
    } else {
      write_op(code, Op::boundary);
      code.byte(boundary_byte(std::get<Boundary>(element)));
    }
  }
}

void write_near(CodeWriter& code, const std::optional<Near>& near) {
  code.byte(near ? 1 : 0);
  if (!near) return;
  code.byte(near->byte.value);
  code.byte(near->byte.mask);
  code.byte(static_cast<std::uint8_t>(near->min));
  code.byte(static_cast<std::uint8_t>(near->max));
}

// One byte: 0 for none, otherwise kPresent and what boundary_byte says.
void write_boundary(CodeWriter& code, const std::optional<Boundary>& boundary) {
  code.byte(boundary ? static_cast<std::uint8_t>(boundary_byte(*boundary) | kPresent) : 0);
}

// Roughly how much a byte narrows a search: zeros and fillers are everywhere.
unsigned weight_of(const MaskedByte& byte) {
  constexpr std::array<std::uint8_t, 5> kFillers{0x20, 0x90, 0xcc, 0xff, 0x01};
  if (byte.mask == 0) return 0;
  if (byte.mask == kCaseMask) return 4;
  if (byte.mask != 0xff) return 2;
  if (byte.value == 0) return 1;
  if (std::ranges::find(kFillers, byte.value) != kFillers.end()) return 3;
  return is_letter(byte.value) ? 5 : 7;
}

struct ProbeChoice {
  RunView bytes;
  std::size_t distance_min = 0;
  std::size_t distance_max = 0;
  unsigned weight = 0;
};

void consider_run(const Run& run, std::size_t min, std::size_t max, ProbeChoice& best) {
  for (std::size_t i = 0; i < run.size(); ++i) {
    const RunView window = RunView(run).subspan(i, std::min(kProbeBytesMax, run.size() - i));
    unsigned weight = 0;
    for (const MaskedByte& byte : window) weight += weight_of(byte);
    // A probe that may stand at several places costs a try for each of them.
    if (max != min) weight /= 2;
    if (weight > best.weight) best = {window, min + i, max + i, weight};
  }
}

ProbeChoice choose_probe(const Part& part) {
  ProbeChoice best;
  std::size_t min = 0;
  std::size_t max = 0;
  for (const Element& element : part.elements) {
    if (const auto* run = std::get_if<Run>(&element)) {
      consider_run(*run, min, max, best);
      min += run->size();
      max += run->size();
    } else if (const auto* alternatives = std::get_if<Alternatives>(&element)) {
      const auto [least, most] = std::ranges::minmax(
          alternatives->choices, {}, [](const Run& choice) { return choice.size(); });
      min += least.size();
      max += most.size();
    } else {
      const auto& boundary = std::get<Boundary>(element);
      const bool may_be_two = boundary.kind == Boundary::Kind::line && !boundary.negated;
      min += 1;
      max += may_be_two ? 2 : 1;  // CR LF
    }
  }
  return best;
}

void write_part(CodeWriter& code, const Part& part) {
  CodeWriter body;
  body.number(part.length_min());
  body.number(part.length_max());
  const ProbeChoice probe = choose_probe(part);
  body.byte(static_cast<std::uint8_t>(probe.bytes.size()));
  if (!probe.bytes.empty()) {
    body.number(probe.distance_min);
    body.number(probe.distance_max - probe.distance_min);
    write_values(body, probe.bytes);
    write_masks(body, probe.bytes);
  }
  CodeWriter around;
  write_near(around, part.before);
  write_near(around, part.after);
  write_boundary(around, part.left);
  write_boundary(around, part.right);
  body.block(around.bytes());
  write_elements(body, part);
  code.block(body.bytes());
}

std::uint64_t little_endian(ByteView bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

std::optional<Probe> read_probe(CodeReader& reader) {
  Probe probe;
  probe.count = reader.byte();
  if (probe.count == 0) return probe;
  if (probe.count > kProbeBytesMax) return std::nullopt;
  probe.distance_min = reader.number32();
  probe.spread = reader.number32();
  const ByteView values = reader.raw(probe.count);
  const ByteView masks = reader.raw(probe.count);
  if (reader.failed()) return std::nullopt;
  probe.mask = little_endian(masks);
  probe.value = little_endian(values) & probe.mask;
  return probe;
}
}  // namespace

Bytes encode_pattern(const Pattern& pattern) {
  CodeWriter code;
  code.byte(pattern.wide ? 1 : 0);
  code.number(pattern.parts.size());
  for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
    if (i > 0) {
      const signature::Gap& gap = pattern.gaps[i - 1];
      code.number(gap.min);
      code.number(gap.max ? std::uint64_t{*gap.max} + 1 : 0);
    }
    write_part(code, pattern.parts[i]);
  }
  return std::move(code).take();
}

PatternReader::PatternReader(ByteView code) : reader_(code) {
  wide_ = reader_.byte() != 0;
  part_count_ = reader_.number32();
  if (part_count_ > signature::kPartsMax) part_count_ = 0;
}

std::optional<PartCode> PatternReader::next() {
  if (index_ >= part_count_) return std::nullopt;
  PartCode part;
  part.wide = wide_;
  if (index_++ > 0) {
    part.gap_min = reader_.number32();
    const std::uint64_t max = reader_.number();
    part.gap_max = max == 0 ? std::nullopt : std::optional(max - 1);
    if (max > std::uint64_t{1} << 33U) return std::nullopt;
  }
  CodeReader body(reader_.block());
  part.length_min = body.number32();
  part.length_max = body.number32();
  const auto probe = read_probe(body);
  part.surroundings = body.block();
  part.elements = body.rest();
  if (!probe || reader_.failed() || body.failed()) return std::nullopt;
  if (part.elements.empty() || part.length_min > part.length_max) return std::nullopt;
  part.probe = *probe;
  return part;
}

}  // namespace amanat::threat
