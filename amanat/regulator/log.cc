#include "amanat/regulator/log.h"

#include <algorithm>

#include "amanat/tlog/event.h"

namespace amanat::regulator {

using tlog::EventType;

Result<Log> Log::read(const tlog::Fetch& fetch, const note::VerifiedCheckpoint& checkpoint) {
  Log log;
  auto reading =
      tlog::read_log(fetch, checkpoint, [&log](const tlog::ReadEntry& entry) -> Result<> {
        log.take(entry);
        return {};
      });
  if (!reading) return carry(reading);
  log.reading_ = *std::move(reading);
  return log;
}

void Log::take(const tlog::ReadEntry& entry) {
  bytes_.emplace_back(entry.bytes.begin(), entry.bytes.end());
  entries_.push_back(entry.entry);
  if (!entry.entry) return;
  last_minute_ = std::max(last_minute_, tlog::minute_of(*entry.entry));
  if (const auto* user = std::get_if<tlog::UserEntry>(&*entry.entry)) take_user(entry.index, *user);
  if (const auto* other = std::get_if<tlog::OrganisationEntry>(&*entry.entry)) {
    if (auto notice = tlog::body_of<tlog::PurposeNotice>(*other)) {
      notices_.push_back({.index = entry.index, .notice = *std::move(notice)});
    }
  }
}

void Log::take_user(std::uint64_t index, const tlog::UserEntry& entry) {
  const auto grant = consent::GrantId::from(entry.link.bytes()).value();
  switch (entry.type) {
    case EventType::object_store: objects_.push_back(index); break;
    case EventType::object_erase: erasures_.emplace(entry.link, index); break;
    case EventType::consent_grant:
      grants_.emplace(entry.commitment, index);
      decisions_.push_back(index);
      break;
    case EventType::consent_withdraw:
    case EventType::withdraw_cancelled:
    case EventType::consent_revoke:
      steps_[grant].push_back({.index = index, .type = entry.type, .minute = entry.minute});
      decisions_.push_back(index);
      break;
    case EventType::consent_refused:
    case EventType::consent_renewed: decisions_.push_back(index); break;
    default: break;
  }
}

const tlog::UserEntry* Log::user_entry(std::uint64_t index) const {
  if (index >= entries_.size() || !entries_[index]) return nullptr;
  return std::get_if<tlog::UserEntry>(&*entries_[index]);
}

const tlog::OrganisationEntry* Log::organisation_entry(std::uint64_t index) const {
  if (index >= entries_.size() || !entries_[index]) return nullptr;
  return std::get_if<tlog::OrganisationEntry>(&*entries_[index]);
}

std::optional<std::uint64_t> Log::index_of(const consent::GrantId& grant) const {
  const auto found = grants_.find(tlog::commitment_naming(grant));
  if (found == grants_.end()) return {};
  return found->second;
}

std::optional<std::uint64_t> Log::erasure_of(const tlog::Commitment& object) const {
  const auto found = erasures_.find(tlog::Link::from(object.bytes()).value());
  if (found == erasures_.end()) return {};
  return found->second;
}

std::span<const GrantStep> Log::steps_of(const consent::GrantId& grant) const {
  const auto found = steps_.find(grant);
  if (found == steps_.end()) return {};
  return found->second;
}

std::optional<GrantStep> Log::ended_before(const consent::GrantId& grant,
                                           std::uint64_t index) const {
  std::optional<GrantStep> last;
  for (const GrantStep& step : steps_of(grant)) {
    if (step.index >= index) break;
    last = step;
  }
  if (last && last->type == EventType::withdraw_cancelled) last.reset();
  return last;
}

std::map<std::uint64_t, merkle::Hash> Log::roots_at(std::vector<std::uint64_t> sizes) const {
  std::map<std::uint64_t, merkle::Hash> roots;
  std::ranges::sort(sizes);
  merkle::Edge edge;
  for (const std::uint64_t size : sizes) {
    if (size > bytes_.size()) break;
    while (edge.leaves() < size) edge.append(merkle::hash_leaf(bytes_[edge.leaves()]));
    roots[size] = edge.root().hash;
  }
  return roots;
}

}  // namespace amanat::regulator
