// amanat-cheat: turns a copy of a stopped custodian's folder into that of a liar, so that anybody
// can see what the verifiers catch. amanatd has no dishonest mode: an honest amanatd serves what
// this wrote. Built, never installed.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "amanat/clock/clock.h"
#include "amanat/custodian/event_records.h"
#include "amanat/custodian/folder.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/schema.h"
#include "amanat/seal/pack.h"
#include "amanat/store/blobs.h"
#include "amanat/store/ledger_rows.h"
#include "amanat/tlog/ledger.h"

namespace {

using namespace amanat;
namespace fs = std::filesystem;

constexpr std::size_t kBatchEntries = 4'096;

/// A copied folder, opened with everything a custodian itself has: the keys and the records.
struct Loot {
  custodian::Folder folder;
  custodian::Identity identity;
  store::Database database;
};

Result<> copy_folder(const fs::path& source, const fs::path& target) {
  std::error_code error;
  if (!fs::exists(source / "policy.json", error)) {
    return fail(Code::not_found, "there is no custodian in the source folder");
  }
  if (fs::exists(target, error)) {
    return fail(Code::conflict, "the target is there already: name a new folder");
  }
  // The lock shows that nobody serves from it while we copy.
  const auto lock = custodian::Folder::open(source);
  if (!lock) return carry(lock, "the source folder");
  fs::copy(source, target, fs::copy_options::recursive, error);
  if (error) return fail(Code::unavailable, "copying the folder: " + error.message());
  return {};
}

Result<Loot> open_loot(const fs::path& path) {
  auto folder = custodian::Folder::open(path);
  if (!folder) return carry(folder);
  custodian::Settings settings;
  settings.folder = path;
  auto identity = folder->open_identity(settings, SystemClock().now());
  if (!identity) return carry(identity);
  auto database = store::Database::open(folder->database(), {.migrations = custodian::schema()});
  if (!database) return carry(database);
  return Loot{.folder = *std::move(folder),
              .identity = *std::move(identity),
              .database = *std::move(database)};
}

// --- object-without-consent

/// Any pack that a commit has put into the log.
Result<custodian::PackRecord> some_pack(store::Database& database) {
  const auto packs = custodian::list_packs_after(database, 0, 4'096);
  if (!packs) return carry(packs);
  const auto found = std::ranges::find_if(
      *packs, [](const custodian::PackRecord& pack) { return pack.index.has_value(); });
  if (found == packs->end()) return fail(Code::not_found, "the custodian holds no object");
  return *found;
}

Result<Bytes> read_pack(store::Blobs& blobs, const custodian::PackRecord& pack) {
  Bytes bytes(seal::pack_size_of(pack.frames));
  auto read = blobs.read(custodian::blob_of(pack.account, pack.pack), 0, bytes);
  if (!read) return carry(read, "reading a pack");
  return bytes;
}

/// The same sealed bytes under another salt: a pack of its own that looks like any other.
void disguise(Bytes& pack) {
  constexpr std::size_t kSaltOffset = 16;
  const std::size_t header = pack.size() - seal::kPackHeaderBytes;
  crypto::fill_random(ByteSpan(pack).subspan(header + kSaltOffset, 16));
}

std::vector<merkle::Hash> frame_roots_of(ByteView pack) {
  std::vector<merkle::Hash> roots;
  const std::size_t frames = (pack.size() - seal::kPackHeaderBytes) / seal::kFrameBytes;
  for (std::size_t frame = 0; frame < frames; ++frame) {
    std::vector<merkle::Hash> leaves;
    for (std::size_t leaf = 0; leaf < seal::kFrameLeaves; ++leaf) {
      const std::size_t at = frame * seal::kFrameBytes + leaf * seal::kPackLeafBytes;
      leaves.push_back(merkle::hash_leaf(pack.subspan(at, seal::kPackLeafBytes)));
    }
    roots.push_back(merkle::root_of(leaves));
  }
  return roots;
}

/// An event for an object under a consent that nobody gave, signed with a key made up for it.
Result<tlog::Event> invent_event(const custodian::PackRecord& like, const seal::PackId& pack,
                                 Minute minute) {
  const auto event = tlog::parse_event(like.event);
  if (!event) return carry(event);
  const auto statement = seal::Statement<seal::Object>::parse(ByteView(event->statement));
  if (!statement) return carry(statement);
  seal::Object object = statement->body_unverified();
  object.pack = pack;
  object.sealed_minute = minute;
  object.grants.resize(1);
  object.grants[0].commitment = crypto::random_id<consent::GrantId>();
  return tlog::make_event(tlog::EventType::object_store, crypto::random_id<tlog::Label>(),
                          crypto::random_id<tlog::Salt>(), crypto::random_id<tlog::LinkSalt>(),
                          seal::sign(object, crypto::Signer::random()),
                          {.grants = {&object.grants[0].commitment, 1},
                           .pack = pack.bytes(),
                           .frames = object.frames,
                           .object_store = {}});
}

Result<> store_blob(store::Blobs& blobs, const store::BlobName& name, ByteView bytes) {
  auto writer = blobs.begin(name);
  if (!writer) return carry(writer);
  if (auto written = (*writer)->write(bytes); !written) return written;
  return (*writer)->commit();
}

/// Logs the event and keeps its records as an honest custodian would have.
Result<std::uint64_t> keep(Loot& loot, const custodian::NewPack& pack, const tlog::Event& event,
                           Instant now) {
  auto transaction = store::Transaction::begin(loot.database);
  if (!transaction) return carry(transaction);
  store::LedgerRows rows(loot.database);
  auto ledger = tlog::Ledger::open(rows, loot.identity.policy.log_key);
  if (!ledger) return carry(ledger);
  const auto region = tlog::region_from_name(loot.identity.policy.region).value();
  const std::vector<Bytes> entries{tlog::encode(tlog::entry_of(event, minute_of(now), region))};
  const auto appended = ledger->append(entries, loot.identity.log_seed);
  if (!appended) return carry(appended);
  auto done = custodian::insert_pack(loot.database, pack, now);
  if (!done) return carry(done);
  const auto kept = custodian::find_pack(loot.database, pack.account, pack.pack);
  if (!kept || !*kept) return fail(Code::corrupt, "the pack was not kept");
  done = custodian::set_pack_logged(loot.database, (*kept)->row, appended->first);
  if (!done) return carry(done);
  done = loot.database.run(
      "INSERT INTO events (log_index, account, type, label, subject, event) "
      "VALUES (?, ?, ?, ?, NULL, ?)",
      appended->first, pack.account, tlog::to_byte(event.type), event.label, tlog::encode(event));
  if (!done) return carry(done);
  if (done = transaction->commit(); !done) return carry(done);
  return appended->first;
}

Result<std::string> store_without_consent(Loot& loot) {
  const Instant now = SystemClock().now();
  auto blobs = store::FileBlobs::open(loot.folder.packs());
  if (!blobs) return carry(blobs);
  const auto like = some_pack(loot.database);
  if (!like) return carry(like);
  auto bytes = read_pack(**blobs, *like);
  if (!bytes) return carry(bytes);
  disguise(*bytes);
  const seal::PackId id = seal::pack_id_of(*bytes);
  const auto event = invent_event(*like, id, minute_of(now));
  if (!event) return carry(event);
  auto stored = store_blob(**blobs, custodian::blob_of(like->account, id), *bytes);
  if (!stored) return carry(stored);
  const auto roots = frame_roots_of(*bytes);
  const auto index = keep(loot,
                          {.account = like->account,
                           .pack = id,
                           .frames = like->frames,
                           .event = tlog::encode(*event),
                           .frame_roots = roots,
                           .grants = {}},
                          *event, now);
  if (!index) return carry(index);
  return fmt::format(
      "stored a pack of {} frames under a consent nobody gave: entry {}, signed "
      "with the log's key",
      like->frames, *index);
}

// --- lose-bytes

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// Overwrites a file with as many zeros.
bool blank(const fs::path& path) {
  const std::string zeros(fs::file_size(path), '\0');
  std::ofstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
  return static_cast<bool>(file.flush());
}

/// Every third pack is deleted and every third blanked: the rest hides them from a careless look.
Result<std::string> lose_bytes(Loot& loot) {
  const auto files = files_below(loot.folder.packs());
  if (files.empty()) return fail(Code::not_found, "the custodian holds no object");
  std::size_t deleted = 0;
  std::size_t blanked = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i % 3 == 0) {
      fs::remove(files[i]);
      ++deleted;
    } else if (i % 3 == 1) {
      if (!blank(files[i])) return fail(Code::unavailable, "a pack cannot be written");
      ++blanked;
    }
  }
  return fmt::format(
      "of {} packs deleted {} and filled {} with zeros; the records stay as they were",
      files.size(), deleted, blanked);
}

// --- rewrite-log

Result<std::vector<Bytes>> read_entries(store::LedgerRows& rows, std::uint64_t size) {
  std::vector<Bytes> entries;
  while (entries.size() < size) {
    const std::uint64_t count = std::min<std::uint64_t>(kBatchEntries, size - entries.size());
    auto some = rows.read_entries(entries.size(), count);
    if (!some) return carry(some);
    std::ranges::move(*some, std::back_inserter(entries));
  }
  return entries;
}

/// Moves the first consent by a minute: nothing but the log itself tells.
Result<std::uint64_t> bend_one(std::vector<Bytes>& entries) {
  for (std::uint64_t index = 0; index < entries.size(); ++index) {
    const auto entry = tlog::parse_entry(entries[index]);
    if (!entry || tlog::type_of(*entry) != tlog::EventType::consent_grant) continue;
    auto user = std::get<tlog::UserEntry>(*entry);
    --user.minute;
    entries[index] = tlog::encode(user);
    return index;
  }
  return fail(Code::not_found, "the log holds no consent");
}

Result<std::string> rewrite_log(Loot& loot) {
  auto transaction = store::Transaction::begin(loot.database);
  if (!transaction) return carry(transaction);
  store::LedgerRows rows(loot.database);
  const auto head = rows.read_head();
  if (!head) return carry(head);
  if (!*head) return fail(Code::not_found, "the log is empty");
  auto entries = read_entries(rows, (*head)->size);
  if (!entries) return carry(entries);
  const auto bent = bend_one(*entries);
  if (!bent) return carry(bent);
  auto cleared = loot.database.execute(
      "DELETE FROM log_entries; DELETE FROM log_tiles; DELETE FROM log_head;");
  if (!cleared) return carry(cleared);
  auto ledger = tlog::Ledger::open(rows, loot.identity.policy.log_key);
  if (!ledger) return carry(ledger);
  for (std::size_t at = 0; at < entries->size(); at += kBatchEntries) {
    const std::size_t count = std::min(kBatchEntries, entries->size() - at);
    const auto appended =
        ledger->append(std::span(*entries).subspan(at, count), loot.identity.log_seed);
    if (!appended) return carry(appended);
  }
  if (auto done = transaction->commit(); !done) return carry(done);
  return fmt::format("moved the consent of entry {} by a minute and signed all {} entries anew",
                     *bent, entries->size());
}

int run(Result<std::string> (*cheat)(Loot&), const fs::path& source, const fs::path& target) {
  const auto report = [](const Error& error) {
    fmt::print(stderr, "amanat-cheat: {}\n", error.message);
    return 2;
  };
  if (auto copied = copy_folder(source, target); !copied) return report(copied.error());
  auto loot = open_loot(target);
  if (!loot) return report(loot.error());
  const auto done = cheat(*loot);
  if (!done) return report(done.error());
  fmt::print("{}\n", *done);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string source;
  std::string target;
  CLI::App app("Makes a liar's copy of a stopped custodian's folder, for amanatd to serve.");
  app.require_subcommand(1);
  const auto add = [&](const char* name, const char* description) {
    auto* command = app.add_subcommand(name, description);
    command->add_option("source", source, "data folder of a stopped custodian")->required();
    command->add_option("target", target, "new folder for the copy")->required();
    return command;
  };
  const auto* unasked = add("object-without-consent", "Keep an object that no consent covers");
  const auto* lost = add("lose-bytes", "Lose the bytes and keep the records");
  add("rewrite-log", "Change an old entry and sign everything anew");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (unasked->parsed()) return run(store_without_consent, source, target);
  return run(lost->parsed() ? lose_bytes : rewrite_log, source, target);
}
