#pragma once

// The phone's home folder: everything `amanat` remembers, readable by its owner alone.
//
//   phone.db        what was consented, protected, sent and answered (phone_records.h)
//   keys/           the device's seed, one-time keys, and what opens the keyring (key_store.h)
//   outbox/         sealed packs on their way
//   evidence/       bytes that did not hold: kept, so that anyone can be shown
//   threats/        signature files for the scanner, if the owner puts any there
//   threats-compiled/  what the scanner maps, made of them
//   verdicts.db     what the scanner found earlier (verdict_cache.h)
//   quarantine/     dangerous files, sealed (quarantine.h)
//   lock            held while a command runs, so that two never work at once
//
// A key in a file is no hardware key store: whoever reads the owner's files reads the keys. On a
// phone the maker's key store takes the place of keys/.

#include <filesystem>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::phone {

class Home {
 public:
  /// Opens the folder, makes what is missing of it, and takes the lock.
  ///
  ///   fails   unavailable when another command holds the lock or the folder cannot be made
  static Result<Home> open(const std::filesystem::path& folder);

  /// Makes what is missing of it, for those who need no lock: the scanner.
  static Result<> make_folders(const std::filesystem::path& folder);

  Home(Home&& other) noexcept;
  Home& operator=(Home&&) = delete;
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home();

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path database() const { return folder_ / "phone.db"; }
  std::filesystem::path keys() const { return folder_ / "keys"; }
  std::filesystem::path outbox() const { return folder_ / "outbox"; }
  std::filesystem::path evidence() const { return folder_ / "evidence"; }

 private:
  Home(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  std::filesystem::path folder_;
  int lock_ = -1;
};

/// Writes a file that only its owner may read: temporary file, fsync, rename, fsync of the folder.
/// On return it is on disk, whole, or nothing changed.
Result<> write_private_file(const std::filesystem::path& path, ByteView bytes);

/// Reads a small file; `not_found` when there is none, invalid_input when it is larger than
/// `size_max`.
Result<SecretBytes> read_private_file(const std::filesystem::path& path, std::size_t size_max);

/// Overwrites a file with zeros, syncs, and removes it. What is not there is destroyed already.
/// Flash may keep an old copy of the page: this is said wherever a destruction is claimed.
Result<> destroy_private_file(const std::filesystem::path& path);

}  // namespace amanat::phone
