#pragma once

// Takes a dangerous file out of harm's way, keeps it sealed, says why, and gives it back unharmed.
//
//   put away   seal a copy, sync, check that it opens, name it, sync, then remove the original
//   restore    open a copy beside its place, sync, name it (never over something), then forget ours
//
// At every moment the content is in its place or in the quarantine, whole; an interruption can
// leave it in both. `open` finishes what was interrupted: a file that was sealed, and is still
// there just as it was, is removed; what was half written is thrown away (half restored to a place
// of the caller's choice, it is thrown away by the next restore there: `.amanat-restoring-<id>`).
//
//   home/quarantine/<id>.sealed   quarantine_file.h
//   home/keys/quarantine          the key: without it, what is here cannot be given back
//
// Kept: content, path, permissions, times, owner. Not kept: extended attributes and access lists.
// Restoring gives the owner back where this process may do that; else set-user-id bits are left
// out.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/error/error.h"
#include "amanat/phone/quarantine_file.h"

namespace amanat::phone {

struct Quarantined {
  QuarantineId id;
  QuarantineRecord record;
};

struct QuarantineList {
  std::vector<Quarantined> files;     // oldest first
  std::vector<QuarantineId> damaged;  // what is there and does not open
};

struct PutAway {
  QuarantineId id;
  std::uint64_t other_names = 0;  // hard links elsewhere: the content is still reachable there
};

class Quarantine {
 public:
  /// For tests: called before each step that an interruption could come before.
  using OnStep = std::function<void(std::string_view step)>;

  /// Opens the quarantine, makes what is missing, and finishes what was interrupted. It is one
  /// process's at a time: another that has it open is waited for, so it is held for moments only.
  ///
  ///   folder   home/quarantine, made when it is not there
  ///   keys     home/keys
  static Result<Quarantine> open(const std::filesystem::path& folder,
                                 const std::filesystem::path& keys, OnStep on_step = {});

  /// Moves the regular file `path` into the quarantine. A link is not followed.
  ///
  ///   fails   not_found, denied: it cannot be read or removed; it is where it was
  ///           invalid_input when it is no regular file
  ///           conflict when it changed meanwhile: scan it again
  Result<PutAway> put_away(const std::filesystem::path& path, const QuarantineReason& reason,
                           Instant now);

  Result<QuarantineList> list() const;

  /// How many files are in the quarantine at `folder`; opens and holds nothing.
  static std::uint64_t count(const std::filesystem::path& folder);

  /// Why a file is here; not_found, or forged when it is damaged.
  Result<QuarantineRecord> show(const QuarantineId& id) const;

  /// Gives a file back, bit for bit, and returns where: to where it lay, or to `destination`, a
  /// path to be or a folder.
  ///
  ///   fails   conflict when something is there already; not_found when the folder is gone
  Result<std::filesystem::path> restore(
      const QuarantineId& id, const std::optional<std::filesystem::path>& destination = {});

  /// Removes a file for good. Flash may keep pages of what was sealed; the key alone opens them.
  Result<> destroy(const QuarantineId& id);

 private:
  Quarantine(std::filesystem::path folder, OpenFile opened, QuarantineKey key, OnStep on_step)
      : folder_(std::move(folder)),
        opened_(std::move(opened)),
        key_(std::move(key)),
        on_step_(std::move(on_step)) {}
  void step(std::string_view name) const;
  Result<OpenFile> open_sealed(const QuarantineId& id) const;
  Result<> seal_copy(const QuarantineId& id, int from, QuarantineRecord& record);
  Result<> settle();
  std::vector<QuarantineId> ids() const;

  std::filesystem::path folder_;
  OpenFile opened_;
  QuarantineKey key_;
  OnStep on_step_;
};

}  // namespace amanat::phone
