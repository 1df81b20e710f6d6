#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "amanat/match/few.h"
#include "amanat/match/layout.h"

namespace amanat::match {
namespace {

constexpr std::uint32_t kCountMax = std::numeric_limits<std::uint32_t>::max();

/// Hands out the sections of an image that lie in it, whole and aligned.
class Sections {
 public:
  explicit Sections(ByteView image) : image_(image) {}

  /// `count` values of `size` bytes at `offset`; a null pointer, once and for all, when they are
  /// not there.
  const std::uint8_t* take(std::uint64_t offset, std::uint64_t count, std::uint64_t size) {
    const bool fits = offset % kSectionAlignment == 0 && offset <= image_.size()
                      && count <= (image_.size() - offset) / size;
    if (!fits) all_fit_ = false;
    return fits ? image_.data() + offset : nullptr;
  }
  bool all_fit() const { return all_fit_; }

 private:
  ByteView image_;
  bool all_fit_ = true;
};

bool is_sound(const PassHeader& header) {
  const bool is_few = header.is_few == 1 && kShapes[header.shape % kShapes.size()].stride == 1
                      && header.filter_bits == kFewFilterBits;
  return (header.is_few == 0 || is_few) && header.shape < kShapes.size() && header.filter_bits >= 1
         && header.filter_bits <= kFilterBitsMax && header.sieve_bits >= 1
         && header.sieve_bits <= kTableBitsMax && header.own.bits <= kTableBitsMax
         && header.shared.bits <= kTableBitsMax && header.longest >= kShapes[header.shape].size_min
         && header.longest <= kLiteralBytesMax;
}

Table read_table(const TableHeader& header, Sections& sections) {
  if (header.bits == 0) return {};
  return {.heads = sections.take(header.heads_offset, (std::uint64_t{1} << header.bits) + 1, 4),
          .entries = sections.take(header.entries_offset, header.entries, sizeof(Entry)),
          .shift = 64U - header.bits,
          .entry_count = header.entries};
}

Pass read_pass(const PassHeader& header, Sections& sections) {
  Pass pass;
  pass.shape = kShapes[header.shape];
  pass.is_few = header.is_few != 0;
  pass.longest = header.longest;
  pass.sieve_shift = 64U - header.sieve_bits;
  const auto one = std::uint64_t{1};
  pass.screen.filter = sections.take(header.filter_offset, one << header.filter_bits, 4);
  pass.screen.shift = 32U - header.filter_bits;
  pass.screen.seed = header.seed;
  pass.screen.stride = pass.shape.stride;
  pass.screen.high_mask = high_mask_of(pass.shape);
  pass.sieve = sections.take(header.sieve_offset, one << header.sieve_bits, 8);
  pass.tables = {read_table(header.own, sections), read_table(header.shared, sections)};
  return pass;
}

Result<Layout> read_layout(ByteView image, const Header& header) {
  const auto refuse = [] { return fail(Code::invalid_input, "no sound index of literals"); };
  if (header.image_size != image.size() || header.groups > kGroupsMax
      || image.size() < place_of_pass(header.groups, 0) || header.literals > kLiteralsMax
      || header.ids.size / sizeof(Id) > kCountMax || header.bytes.size > kCountMax
      || std::ranges::any_of(header.passes, [](std::uint8_t n) { return n > kPassesMax; })) {
    return refuse();
  }
  Sections sections(image);
  Layout layout;
  layout.literals = header.literals;
  layout.id_count = static_cast<std::uint32_t>(header.ids.size / sizeof(Id));
  layout.byte_count = static_cast<std::uint32_t>(header.bytes.size);
  layout.groups.resize(header.groups);
  layout.rows = sections.take(header.rows.offset, header.literals + std::uint64_t{1}, sizeof(Row));
  layout.ids = sections.take(header.ids.offset, layout.id_count, sizeof(Id));
  layout.bytes = sections.take(header.bytes.offset, layout.byte_count, 1);
  for (std::size_t group = 0; group < layout.groups.size(); ++group) {
    Group& opened = layout.groups[group];
    opened.pass_count = header.passes[group];
    for (std::size_t i = 0; i < opened.pass_count; ++i) {
      const auto pass = value_at<PassHeader>(image.data() + place_of_pass(group, i), 0);
      if (!is_sound(pass)) return refuse();
      opened.passes[i] = read_pass(pass, sections);
    }
  }
  if (!sections.all_fit()) return refuse();
  return layout;
}

}  // namespace

Result<LiteralIndex> LiteralIndex::open(ByteView image, Simd simd) {
  const ScreenFunction screen = screen_for(simd);
  if (screen == nullptr)
    return fail(Code::invalid_input, "this machine lacks that instruction set");
  if (image.size() < sizeof(Header) || as_text(image.first(kMagic.size())) != kMagic) {
    return fail(Code::invalid_input, "no index of literals");
  }
  auto layout = read_layout(image, value_at<Header>(image.data(), 0));
  if (!layout) return carry(layout);
  LiteralIndex index;
  if (layout->literals == 0) return index;
  layout->screen = screen;
  layout->screen_few = screen_few_for(simd);
  index.layout_ = std::make_shared<const Layout>(std::move(*layout));
  return index;
}

}  // namespace amanat::match
