#include "amanat/phone/item_reader.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <sys/xattr.h>
#include <utility>

#include "amanat/phone/classify.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kAttributeNamesBytesMax = 64 << 10;
constexpr std::uint64_t kSparseBytesMin = 128 << 10;  // smaller files are not worth the question
constexpr std::uint64_t kHoleBytesMin = 64 << 10;

/// Holes worth remembering; small ones are stored as the zeros they are.
Result<std::vector<seal::Hole>> read_holes(const OpenFile& file, std::uint64_t size) {
  std::vector<seal::Hole> kept;
  if (size < kSparseBytesMin) return kept;
  auto holes = file.holes(size);
  if (!holes) return carry(holes);
  for (const Hole& hole : *holes) {
    if (hole.size >= kHoleBytesMin) kept.push_back({.offset = hole.offset, .length = hole.size});
  }
  return kept;
}

Result<OpenMember> open_member(const OpenFile& folder, const FileFacts& facts,
                               scan::Examiner* examiner) {
  OpenMember member;
  member.facts = &facts;
  auto file = folder.open_below(facts.path);
  if (!file) return carry(file);
  member.file = std::move(*file);
  auto stamp = member.file.stamp();
  if (!stamp) return carry(stamp);
  member.stamp = *stamp;
  member.attributes = read_attributes(member.file.descriptor());
  auto holes = read_holes(member.file, stamp->size);
  if (!holes) return carry(holes);
  member.holes = std::move(*holes);
  if (stamp->size > kWholeBytesMax) return member;

  const auto size = static_cast<std::size_t>(stamp->size);
  ByteSpan target;
  if (examiner != nullptr) {
    auto buffer = examiner->buffer(size);
    if (!buffer) return carry(buffer);
    target = *buffer;
  } else {
    member.own.resize(size);
    target = member.own;
  }
  if (auto read = member.file.read_at(0, target); !read) return carry(read);
  member.whole = target;
  return member;
}

/// The head of a large file, and the way to the rest; or all of a small one. Borrows both.
Sample sample_over(const OpenMember& member, Bytes& head) {
  if (member.is_whole()) return sample_of(member.whole);
  Sample sample;
  head.resize(kHeadBytesMax);
  if (!member.file.read_at(0, head)) head.clear();
  sample.size = member.stamp.size;
  sample.head = head;
  sample.read_at = [file = &member.file](std::uint64_t offset, ByteSpan target) {
    return file->read_at(offset, target);
  };
  return sample;
}

}  // namespace

std::vector<seal::Attribute> read_attributes(int descriptor) {
  std::vector<seal::Attribute> attributes;
  const ssize_t needed = ::flistxattr(descriptor, nullptr, 0);  // most files have none
  if (needed <= 0 || static_cast<std::size_t>(needed) > kAttributeNamesBytesMax) return attributes;
  std::string names(static_cast<std::size_t>(needed), '\0');
  const ssize_t size = ::flistxattr(descriptor, names.data(), names.size());
  if (size <= 0) return attributes;
  names.resize(static_cast<std::size_t>(size));
  std::size_t total = 0;
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (!name.starts_with("user.") || name.size() > seal::kNodeNameBytesMax) continue;
    Bytes value(65'535);
    const ssize_t length = ::fgetxattr(descriptor, name.c_str(), value.data(), value.size());
    if (length < 0) continue;
    value.resize(static_cast<std::size_t>(length));
    total += name.size() + value.size();
    if (total > kAttributesBytesMax) break;
    attributes.push_back({.name = name, .value = std::move(value)});
  }
  std::ranges::sort(attributes, {}, &seal::Attribute::name);
  return attributes;
}

Result<OpenItem> OpenItem::open(const OpenFile& folder, const Item& item,
                                scan::Examiner& examiner) {
  ensure(item.kind == ItemKind::file, "only files are opened");
  OpenItem open;
  open.members_.reserve(1 + item.companions.size());
  auto main = open_member(folder, item.main, &examiner);
  if (!main) return carry(main);
  open.members_.push_back(std::move(*main));
  for (const FileFacts& companion : item.companions) {
    auto member = open_member(folder, companion, nullptr);
    if (!member) return carry(member);
    open.members_.push_back(std::move(*member));
  }
  // A companion's view looks into its own memory, which moved with it.
  for (OpenMember& member : open.members_) {
    if (!member.own.empty()) member.whole = member.own;
  }
  return open;
}

Classification OpenItem::classify() const {
  Bytes head;
  Bytes log_head;
  Sample sample = sample_over(members_.front(), head);
  Sample log;
  for (const OpenMember& member : members_) {
    if (!member.facts->path.ends_with("-wal") || &member == &members_.front()) continue;
    log = sample_over(member, log_head);
    sample.write_ahead_log = &log;
  }
  return phone::classify(sample);
}

scan::Verdict OpenItem::scan(scan::Examiner& examiner, const OnVerdict& on_verdict) const {
  scan::Verdict first;
  for (const OpenMember& member : members_) {
    // The examiner's buffer holds the first member, which is still to be sealed: other bytes may
    // not pass through it.
    const bool in_buffer = &member == &members_.front() && member.is_whole();
    scan::Verdict verdict = in_buffer || member.stamp.size == 0
                                ? examiner.examine(member.whole)
                                : examiner.examine_file(member.file.descriptor());
    on_verdict(member, verdict);
    if (verdict.kind == scan::Verdict::Kind::threat) return verdict;
    if (first.kind == scan::Verdict::Kind::clean) first = std::move(verdict);
  }
  return first;
}

Result<bool> OpenItem::is_unchanged() const {
  for (const OpenMember& member : members_) {
    auto now = member.file.stamp();
    if (!now) return carry(now);
    if (*now != member.stamp) return false;
  }
  return true;
}

}  // namespace amanat::phone
