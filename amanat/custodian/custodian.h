#pragma once

// The custodian: keeps what phones seal, refuses what no consent covers, logs every step, and
// answers whoever may ask. Opened once for each data folder.
//
//   auto custodian = Custodian::open({.folder = "var/custodian"}, clock);
//   auto server = serve(**custodian, {.port = 8443});
//   std::puts((*server)->address().c_str());
//
// The formats are docs/format.md and docs/api.md. Nothing here can read what it keeps.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "amanat/api/policy.h"
#include "amanat/api/server.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/custodian/settings.h"
#include "amanat/custodian/sweep.h"
#include "amanat/error/error.h"

namespace amanat::custodian {

class Custodian {
 public:
  /// Opens the folder, or founds a custodian in it: keys, policy, and a log whose first entry says
  /// what it is, then where the data lies, then each notice. Publishes notices that have changed.
  ///
  ///   clock   borrowed for the custodian's life
  ///   fails   unavailable when another process has the folder
  ///           invalid_input when settings contradict what was fixed before
  ///           corrupt when keys, log and records do not belong together: nothing is written
  static Result<std::unique_ptr<Custodian>> open(Settings settings, const Clock& clock);
  Custodian(const Custodian&) = delete;
  Custodian& operator=(const Custodian&) = delete;
  ~Custodian();

  api::Handler& handler();
  const Settings& settings() const;
  const api::Policy& policy() const;
  const api::PolicyHash& policy_hash() const;

  /// Does what is due (sweep.h). `serve` calls it every minute.
  SweepReport sweep();

  Result<> add_auditor(const crypto::PublicKey& key);

  /// A server certificate for these names, by the CA that the policy names.
  Result<api::Identity> make_certificate(const std::vector<std::string>& hosts) const;
  /// Leaves the enrol address in the folder for `amanatd address`.
  Result<> write_address(std::string_view address);

 private:
  friend Result<struct StoreReport> check_store(Custodian&);
  struct State;
  explicit Custodian(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct ServeOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;               // 0: any free one
  std::vector<std::string> hosts = {};  // names in the certificate, the one for phones first
  std::chrono::seconds sweep_every{60};
  std::function<void(const api::AccessRecord&)> access_log = {};
  std::function<void(const SweepReport&)> sweep_log = {};
};

/// A custodian that is being served: its TLS server, and a thread that sweeps and renews the
/// certificate.
class Serving {
 public:
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;
  ~Serving();  // stops

  std::uint16_t port() const;
  /// `https://host:port#sha256=…`: what a phone is given.
  const api::EnrolAddress& address() const;
  /// Lets requests finish for at most `patience`.
  void stop(std::chrono::milliseconds patience);

 private:
  friend Result<std::unique_ptr<Serving>> serve(Custodian&, ServeOptions);
  struct State;
  explicit Serving(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Serves over TLS 1.3. Borrows the custodian, which outlives the serving.
Result<std::unique_ptr<Serving>> serve(Custodian& custodian, ServeOptions options);

/// What `amanatd check` found.
struct StoreReport {
  std::uint64_t entries = 0;
  std::uint64_t packs = 0;            // read whole and hashed
  std::vector<std::string> problems;  // a sentence each; empty: everything is as the log says
};
/// Checks the database, the log against its checkpoint, and every pack against its id. Reads
/// everything.
Result<StoreReport> check_store(Custodian& custodian);

}  // namespace amanat::custodian
