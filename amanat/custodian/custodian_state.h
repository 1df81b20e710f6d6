#pragma once

// What a custodian is made of, in the order in which it is made. For the files that define parts of
// custodian.h.

#include <memory>
#include <mutex>
#include <optional>

#include "amanat/api/nonce_memory.h"
#include "amanat/consent/law.h"
#include "amanat/custodian/custodian.h"
#include "amanat/custodian/folder.h"
#include "amanat/custodian/readers.h"
#include "amanat/custodian/sequencer.h"
#include "amanat/custodian/service.h"
#include "amanat/custodian/uploads.h"
#include "amanat/custodian/world.h"
#include "amanat/store/blobs.h"
#include "amanat/store/ledger_rows.h"
#include "amanat/store/sqlite.h"
#include "amanat/tlog/ledger.h"

namespace amanat::custodian {

struct Custodian::State {
  State(Settings settings_given, Folder folder_given, Identity identity_given,
        consent::LawPack law_given, store::Database database_given,
        std::unique_ptr<store::Blobs> blobs_given, const Clock& clock_given);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() = default;

  Result<> begin();
  World world();
  Result<> empty_write_ahead_log();

  const Settings settings;
  Folder folder;
  const Identity identity;
  const consent::LawPack law;
  const Clock& clock;
  store::Database database;  // the sequencer's
  store::LedgerRows rows;
  std::optional<tlog::Ledger> ledger;
  std::unique_ptr<store::Blobs> blobs;
  Readers readers;
  Uploads uploads;
  api::NonceMemory nonces;
  std::optional<Sequencer> sequencer;
  std::optional<Service> service;
  std::mutex sweeping;  // one sweep at a time; guards what follows
  Instant orphans_due;  // when to look for them next; first at once
};

}  // namespace amanat::custodian
