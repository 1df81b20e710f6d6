#pragma once

// The log under one signed checkpoint, read once from the first entry to the last, with what the
// checks ask of it at hand.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "amanat/consent/grant_id.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"
#include "amanat/note/note.h"
#include "amanat/tlog/bodies.h"
#include "amanat/tlog/entry.h"
#include "amanat/tlog/reader.h"

namespace amanat::regulator {

/// What ended or restored a grant, publicly: the links of these entries are plain.
struct GrantStep {
  std::uint64_t index = 0;
  tlog::EventType type = tlog::EventType::consent_withdraw;
  Minute minute = 0;
};

struct PublishedNotice {
  std::uint64_t index = 0;
  tlog::PurposeNotice notice;
};

class Log {
 public:
  /// Reads and rebuilds; fails as tlog::read_log does.
  static Result<Log> read(const tlog::Fetch& fetch, const note::VerifiedCheckpoint& checkpoint);

  std::uint64_t size() const { return bytes_.size(); }
  ByteView bytes(std::uint64_t index) const { return bytes_[index]; }
  /// The user entry at this index; nullptr when there is none.
  const tlog::UserEntry* user_entry(std::uint64_t index) const;
  const tlog::OrganisationEntry* organisation_entry(std::uint64_t index) const;
  Minute last_minute() const { return last_minute_; }
  const tlog::LogReading& reading() const { return reading_; }

  /// Indices in order of the log.
  const std::vector<std::uint64_t>& objects() const { return objects_; }
  const std::vector<std::uint64_t>& decisions() const { return decisions_; }
  const std::vector<PublishedNotice>& notices() const { return notices_; }

  /// Where the grant was logged.
  std::optional<std::uint64_t> index_of(const consent::GrantId& grant) const;
  /// The erasure of the object whose object_store event has this commitment.
  std::optional<std::uint64_t> erasure_of(const tlog::Commitment& object) const;
  std::span<const GrantStep> steps_of(const consent::GrantId& grant) const;
  /// The step by which the grant is withdrawn or revoked just before entry `index`, if it is.
  std::optional<GrantStep> ended_before(const consent::GrantId& grant, std::uint64_t index) const;

  /// The root of the first `size` entries for each of these sizes, none beyond the log's.
  std::map<std::uint64_t, merkle::Hash> roots_at(std::vector<std::uint64_t> sizes) const;

 private:
  void take(const tlog::ReadEntry& entry);
  void take_user(std::uint64_t index, const tlog::UserEntry& entry);

  std::vector<Bytes> bytes_;
  std::vector<std::optional<tlog::Entry>> entries_;
  tlog::LogReading reading_;
  Minute last_minute_ = 0;
  std::vector<std::uint64_t> objects_;
  std::vector<std::uint64_t> decisions_;
  std::vector<PublishedNotice> notices_;
  std::map<tlog::Commitment, std::uint64_t> grants_;
  std::map<tlog::Link, std::uint64_t> erasures_;
  std::map<consent::GrantId, std::vector<GrantStep>> steps_;
};

}  // namespace amanat::regulator
