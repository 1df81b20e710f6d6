#include "amanat/threat/database.h"

#include <algorithm>

#include "amanat/threat/sections.h"

namespace amanat::threat {
namespace {

std::optional<Partition> read_partition(const Image& image, std::uint32_t target) {
  Partition partition{
      .target = target,
      .covered = image.section({section::kCovered, target}),
      .without_anchor = image.rows<std::uint32_t>({section::kWithoutAnchor, target})};
  if (partition.covered.empty() && partition.without_anchor.empty()) return std::nullopt;
  return partition;
}

Result<> read_anchors(Database::Tables& tables) {
  const Image& image = tables.image;
  if (const ByteView index = image.section(section::kIndex); !index.empty()) {
    auto opened = match::LiteralIndex::open(index);
    if (!opened) return carry(opened, "opening the index of the threat database");
    tables.index = *opened;
  }
  tables.anchor_uses = image.rows<std::uint32_t>(section::kAnchorUses);
  tables.uses = image.rows<UseRow>(section::kUses);
  tables.users = image.rows<std::uint32_t>(section::kUsers);
  for (std::uint32_t target = 0; target < signature::kTargetCount; ++target) {
    tables.partitions.at(target) = read_partition(image, target);
    tables.macros.at(target) = image.rows<MacroRow>({section::kMacros, target});
  }
  return {};
}

void read_hashes(Database::Tables& tables) {
  for (std::size_t role = 0; role < kHashedCount; ++role) {
    for (const crypto::DigestKind kind : kDigestKinds) {
      tables.hashes[role][number_of(kind)] =
          KnownHashes(tables.image, static_cast<Hashed>(role), kind);
    }
  }
}
}  // namespace

Hit Database::Tables::hit(const Label& label, std::uint64_t position) const {
  const Class kind = label.kind <= Class::allowed ? label.kind : Class::malware;
  return {string_at(strings, label.name), label.source, kind, position};
}

Result<Database> Database::of_file(int file) {
  auto mapping = Mapping::of_file(file);
  if (!mapping) return carry(mapping);
  return from_mapping(std::move(*mapping));
}

Result<Database> Database::from_image(ByteView image) {
  auto mapping = Mapping::copy_of(image);
  if (!mapping) return carry(mapping);
  return from_mapping(std::move(*mapping));
}

Result<Database> Database::borrow_image(ByteView image) {
  return from_mapping(Mapping::borrow(image));
}

Result<Database> Database::from_mapping(Mapping mapping) {
  auto image = Image::open(std::move(mapping), kEngineVersion);
  if (!image) return carry(image);
  auto tables = std::make_shared<Tables>(std::move(*image));
  const Image& opened = tables->image;
  tables->strings = opened.section(section::kStrings);
  tables->sources = read_sources(opened, tables->strings);
  read_hashes(*tables);
  tables->signatures = opened.rows<SignatureRow>(section::kSignatures);
  tables->subsignatures = opened.rows<SubsignatureRow>(section::kSubsignatures);
  tables->offsets = opened.rows<OffsetRow>(section::kOffsets);
  tables->conditions = opened.rows<ConditionsRow>(section::kConditions);
  tables->patterns = {opened.rows<std::uint32_t>(section::kPatternPlaces),
                      opened.section(section::kPatterns)};
  tables->code = {opened.rows<std::uint32_t>(section::kCodePlaces), opened.section(section::kCode)};
  tables->members = opened.rows<MemberRow>(section::kMembers);
  if (auto read = read_anchors(*tables); !read) return carry(read);
  return Database(std::move(tables));
}

Result<> Database::verify() const { return tables_->image.verify(); }
Version Database::version() const { return tables_->image.version(); }
std::uint64_t Database::size() const { return tables_->image.size(); }
const std::vector<Source>& Database::sources() const { return tables_->sources; }
Report Database::report() const { return decode_report(tables_->image.section(section::kReport)); }

std::size_t Database::hash_count() const {
  std::size_t count = 0;
  for (const auto& role : tables_->hashes) {
    for (const KnownHashes& hashes : role) count += hashes.count();
  }
  return count - allowed_count();
}

std::size_t Database::allowed_count() const {
  std::size_t count = 0;
  for (const KnownHashes& hashes : tables_->hashes.at(static_cast<std::size_t>(Hashed::allowed))) {
    count += hashes.count();
  }
  return count;
}

std::size_t Database::signature_count() const {
  return tables_->signatures.size() + tables_->members.size();
}

}  // namespace amanat::threat
