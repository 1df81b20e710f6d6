#include <algorithm>
#include <array>
#include <utility>

#include "amanat/program/import_table.h"
#include "amanat/program/section_digest.h"
#include "amanat/threat/evaluation.h"
#include "amanat/threat/threat.h"

namespace amanat::threat {
namespace {
using crypto::DigestKind;

Bytes digest_of(DigestKind kind, ByteView bytes, const ReadWindow* read = nullptr) {
  crypto::Digest digest(kind);
  for_each_window(bytes, read, 0, [&](const Window& window) {
    digest.update(window.bytes);
    return true;
  });
  return digest.finish();
}

std::optional<Label> find_object(const Database::Tables& tables, Hashed role, ByteView object,
                                 const std::optional<KnownDigest>& known,
                                 const ReadWindow* read = nullptr) {
  for (const DigestKind kind : kDigestKinds) {
    const KnownHashes& hashes = tables.hashes_of(role, kind);
    if (!hashes.asks_for(object.size())) continue;
    const bool is_known = known && known->kind == kind;
    const Bytes digest = is_known ? Bytes() : digest_of(kind, object, read);
    const auto label = hashes.find(object.size(), is_known ? known->digest : ByteView(digest));
    if (label) return label;
  }
  return std::nullopt;
}
}  // namespace

struct Examiner::State {
  const Database::Tables& tables;
  Limits limits;
  Scratch scratch;
  std::vector<MemberSignature> members;

  State(const Database::Tables& database, Limits chosen) : tables(database), limits(chosen) {
    for (const MemberRow& row : tables.members) {
      auto member = MemberSignature::decode(row.label, tables.code.at(row.code));
      if (member) members.push_back(std::move(*member));
    }
  }

  void match_sections(ByteView object, const program::Executable& executable,
                      Findings& findings) const {
    for (const DigestKind kind : kDigestKinds) {
      const KnownHashes& hashes = tables.hashes_of(Hashed::section, kind);
      if (hashes.empty()) continue;
      const auto digests = program::digest_sections(
          object, executable, kind, [&](std::uint32_t size) { return hashes.asks_for(size); });
      if (!digests) {
        findings.complete = false;
        continue;
      }
      for (const program::SectionDigest& section : *digests) {
        const auto label = hashes.find(section.size, section.digest);
        if (!label) continue;
        findings.hits.push_back(
            tables.hit(*label, executable.sections.at(section.section).raw_offset));
      }
    }
  }

  void match_imports(ByteView object, const program::Executable& executable,
                     Findings& findings) const {
    const KnownHashes& hashes = tables.hashes_of(Hashed::imports, DigestKind::md5);
    if (hashes.empty()) return;
    const auto text = program::import_text(object, executable);
    if (!text || !hashes.asks_for(text->size())) return;
    const auto label = hashes.find(text->size(), digest_of(DigestKind::md5, as_bytes(*text)));
    if (label) findings.hits.push_back(tables.hit(*label, 0));
  }
};

Examiner::Examiner(const Database& database, Limits limits)
    : state_(std::make_unique<State>(database.tables(), limits)) {}
Examiner::Examiner(Examiner&&) noexcept = default;
Examiner& Examiner::operator=(Examiner&&) noexcept = default;
Examiner::~Examiner() = default;

bool Examiner::is_allowed(ByteView object, std::optional<KnownDigest> known) {
  return find_object(state_->tables, Hashed::allowed, object, known).has_value();
}

Findings Examiner::match_digests(ByteView object, const ObjectFacts& facts,
                                 std::optional<KnownDigest> known) {
  Findings findings;
  if (const auto label = find_object(state_->tables, Hashed::object, object, known, facts.read)) {
    findings.hits.push_back(state_->tables.hit(*label, 0));
  }
  const program::Executable* executable = facts.executable;
  if (executable == nullptr || executable->format != program::Format::pe) return findings;
  state_->match_sections(object, *executable, findings);
  // The hashes of imports were never taken of 64-bit images.
  if (!executable->pe.pe32plus) state_->match_imports(object, *executable, findings);
  return findings;
}

Findings Examiner::match_bytes(ByteView object, const ObjectFacts& facts) {
  Work work(state_->limits.steps + state_->limits.steps_per_byte * object.size());
  Evaluation evaluation(state_->tables, state_->scratch, object, facts, work);
  Findings findings;
  findings.hits = evaluation.run();
  findings.complete = !evaluation.gave_up();
  return findings;
}

Findings Examiner::match_member(const Member& member) {
  Findings findings;
  for (const MemberSignature& signature : state_->members) {
    if (signature.matches(member)) {
      findings.hits.push_back(state_->tables.hit(signature.label(), 0));
    }
  }
  return findings;
}

}  // namespace amanat::threat
