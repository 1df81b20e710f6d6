#pragma once

// The custodian's data folder. One process at a time serves it.
//
//   custodian.db   records and log (SQLite, with -wal and -shm)
//   packs/         sealed bytes
//   keys/          log.seed, answer.seed, ca.pem, ca.key: readable by their owner alone
//   policy.json    what phones and verifiers pin; written last, so that its presence means "whole"
//   address        where phones enrol
//   lock
//
// The server's certificate is made anew at each start; its key is never on a disk.

#include <filesystem>
#include <string>
#include <string_view>

#include "amanat/api/certificate.h"
#include "amanat/api/policy.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/custodian/settings.h"
#include "amanat/error/error.h"

namespace amanat::custodian {

/// What makes this custodian this one: made once, at the first start.
struct Identity {
  crypto::SigningSeed log_seed;
  crypto::Signer answer_signer;
  api::Identity authority;  // signs server certificates
  std::string policy_json;
  api::Policy policy;
  api::PolicyHash policy_hash;
};

class Folder {
 public:
  /// Creates the folder if need be and takes its lock.
  ///
  ///   fails   unavailable when another process has it, or it cannot be written
  static Result<Folder> open(const std::filesystem::path& path);
  Folder(Folder&& other) noexcept;
  Folder& operator=(Folder&&) = delete;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  /// Reads the identity, or makes one when the folder is new.
  ///
  ///   fails   invalid_input when the settings contradict what was fixed at the first start
  ///           corrupt when a key is missing or is not the one the policy names
  Result<Identity> open_identity(const Settings& settings, Instant now);

  /// corrupt when this folder was served from, or keeps packs: its log cannot be new.
  Result<> check_new() const;

  std::filesystem::path database() const { return path_ / "custodian.db"; }
  std::filesystem::path packs() const { return path_ / "packs"; }

  Result<> write_address(std::string_view address);

 private:
  Folder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  Result<> make_identity(const Settings& settings, Instant now);
  Result<Identity> read_identity();

  std::filesystem::path path_;
  int lock_;  // file descriptor; -1 once moved from
};

/// The enrol address that the last start of the custodian in `path` left; needs no lock.
Result<std::string> read_address(const std::filesystem::path& path);

}  // namespace amanat::custodian
