#include "amanat/signature/reference.h"

#include <algorithm>
#include <set>
#include <utility>

#include "amanat/signature/boundary.h"

namespace amanat::signature {
namespace {

using Admits = std::function<bool(std::uint64_t begin)>;

bool fits(const Run& run, ByteView text, std::uint64_t position) {
  if (run.size() > text.size() - position) return false;
  for (std::size_t i = 0; i < run.size(); ++i) {
    if (!run[i].fits(text[position + i])) return false;
  }
  return true;
}

/// One part at one place: the elements in order, going back to the next choice of an alternative
/// when what follows does not fit.
class PartAt {
 public:
  PartAt(const Part& part, bool wide, ByteView text) : part_(part), wide_(wide), text_(text) {}

  /// Where a match that begins at `begin` ends.
  std::optional<std::uint64_t> find_end(std::uint64_t begin) {
    if (part_.left && !fits_left(*part_.left, wide_, text_, begin)) return std::nullopt;
    if (part_.before && !has_before(*part_.before, begin)) return std::nullopt;
    dead_ends_.clear();
    return find_rest(0, begin);
  }

 private:
  // Matches the elements from `index` on. Only alternatives of several lengths are branched at;
  // everything else takes one length or does not fit.
  std::optional<std::uint64_t> find_rest(std::size_t index, std::uint64_t position) {
    for (; index < part_.elements.size(); ++index) {
      const auto* const alternatives = std::get_if<Alternatives>(&part_.elements[index]);
      if (alternatives != nullptr && is_varying(*alternatives)) {
        return find_branch(*alternatives, index, position);
      }
      const auto length = std::visit(
          [&](const auto& element) { return length_at(element, position); }, part_.elements[index]);
      if (!length) return std::nullopt;
      position += *length;
    }
    if (!fits_end(position)) return std::nullopt;
    return position;
  }

  std::optional<std::uint64_t> find_branch(const Alternatives& alternatives, std::size_t index,
                                           std::uint64_t position) {
    if (dead_ends_.contains({index, position})) return std::nullopt;
    for (const Run& run : alternatives.choices) {
      if (!fits(run, text_, position)) continue;
      if (const auto end = find_rest(index + 1, position + run.size())) return end;
    }
    dead_ends_.insert({index, position});
    return std::nullopt;
  }

  std::optional<std::uint64_t> length_at(const Run& run, std::uint64_t position) const {
    if (!fits(run, text_, position)) return std::nullopt;
    return run.size();
  }

  std::optional<std::uint64_t> length_at(const Alternatives& alternatives,
                                         std::uint64_t position) const {
    const std::size_t size = alternatives.choices.at(0).size();
    if (size > text_.size() - position) return std::nullopt;
    const bool is_one = std::ranges::any_of(
        alternatives.choices, [&](const Run& run) { return fits(run, text_, position); });
    if (is_one == alternatives.negated) return std::nullopt;
    return size;
  }

  std::optional<std::uint64_t> length_at(const Boundary& boundary, std::uint64_t position) const {
    if (position >= text_.size()) return std::nullopt;
    return fits_inside(boundary, text_, position);
  }

  bool fits_end(std::uint64_t end) const {
    if (part_.right && !fits_right(*part_.right, wide_, text_, end)) return false;
    return !part_.after || has_after(*part_.after, end);
  }

  bool has_before(const Near& near, std::uint64_t begin) const {
    for (std::uint64_t distance = near.min; distance <= near.max; ++distance) {
      if (distance < begin && near.byte.fits(text_[begin - 1 - distance])) return true;
    }
    return false;
  }

  bool has_after(const Near& near, std::uint64_t end) const {
    for (std::uint64_t distance = near.min; distance <= near.max; ++distance) {
      if (end + distance < text_.size() && near.byte.fits(text_[end + distance])) return true;
    }
    return false;
  }

  const Part& part_;
  bool wide_;
  ByteView text_;
  std::set<std::pair<std::size_t, std::uint64_t>> dead_ends_;
};

std::vector<Match> find_part(const Part& part, bool wide, ByteView text) {
  std::vector<Match> found;
  PartAt at(part, wide, text);
  for (std::uint64_t begin = 0; begin <= text.size(); ++begin) {
    if (const auto end = at.find_end(begin)) found.push_back({begin, *end});
  }
  return found;
}

bool fits(const Gap& gap, std::uint64_t end, std::uint64_t begin) {
  if (begin < end) return false;
  return begin - end >= gap.min && (!gap.max || begin - end <= *gap.max);
}

// Puts each match of the next part behind the chain that begins earliest.
std::vector<Match> chain(const std::vector<Match>& before, const Gap& gap,
                         const std::vector<Match>& next) {
  std::vector<Match> chained;
  for (const Match& match : next) {
    std::optional<std::uint64_t> earliest;
    for (const Match& earlier : before) {
      if (!fits(gap, earlier.end, match.begin)) continue;
      earliest = std::min(earliest.value_or(earlier.begin), earlier.begin);
    }
    if (earliest) chained.push_back({*earliest, match.end});
  }
  return chained;
}

std::vector<Match> find_where(const Pattern& pattern, ByteView text, const Admits& admits) {
  std::vector<Match> found = find_part(pattern.parts.at(0), pattern.wide, text);
  std::erase_if(found, [&](const Match& match) { return !admits(match.begin); });
  for (std::size_t i = 1; i < pattern.parts.size() && !found.empty(); ++i) {
    found = chain(found, pattern.gaps[i - 1], find_part(pattern.parts[i], pattern.wide, text));
  }
  return found;
}

Admits admission(const Offset& offset, Target target, const Object& object) {
  const auto positions =
      resolve(offset, governing_target(object, target), object.text.size(), object.layout);
  if (!positions) return [](std::uint64_t) { return false; };
  if (offset.from == Offset::From::version_info) {
    const Layout* const layout = object.layout;
    return [layout](std::uint64_t begin) {
      return layout != nullptr
             && std::ranges::find(layout->version_info, begin) != layout->version_info.end();
    };
  }
  return [range = *positions](std::uint64_t begin) { return range.contains(begin); };
}

}  // namespace

std::vector<Match> find_matches(const Pattern& pattern, ByteView text) {
  return find_where(pattern, text, [](std::uint64_t) { return true; });
}

std::vector<Match> find_matches(const Body& body, Target target, const Object& object) {
  const Admits admits = admission(body.offset, target, object);
  std::vector<Match> found;
  for (const Pattern& pattern : body.variants) {
    const auto some = find_where(pattern, object.text, admits);
    found.insert(found.end(), some.begin(), some.end());
  }
  // Of a pattern in one part each place counts once; of one in several, each place of the last
  // part.
  const bool is_one_part = body.variants.at(0).parts.size() == 1;
  const auto key = [&](const Match& match) {
    return std::pair(match.begin, is_one_part ? std::uint64_t{0} : match.end);
  };
  std::ranges::sort(found, {}, key);
  const auto twins = std::ranges::unique(found, {}, key);
  found.erase(twins.begin(), twins.end());
  return found;
}

bool evaluate(const BodySignature& signature, const Object& object) {
  if (signature.target != Target::any && signature.target != object.target) return false;
  if (signature.body.offset.from == Offset::From::macro_group) return false;
  return !find_matches(signature.body, signature.target, object).empty();
}

}  // namespace amanat::signature
