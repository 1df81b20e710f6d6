#include "amanat/phone/check.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "amanat/codec/json.h"
#include "amanat/phone/file_records.h"
#include "amanat/phone/vault_reader.h"
#include "amanat/tlog/reader.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kTileBytesMax = std::size_t{1} << 20;

class CheckRun {
 public:
  CheckRun(Session& session, const CheckOptions& options, Progress& progress)
      : session_(session), options_(options), progress_(progress) {}

  Result<CheckReport> run() {
    auto heads = session_.link().heads(session_.device());
    if (!heads) return carry(heads);
    if (auto done = check_receipts(heads->checkpoint); !done) return carry(done);
    if (auto done = check_keyring(*heads); !done) return carry(done);
    if (auto done = check_head(*heads); !done) return carry(done);
    auto listed = read_inventory();
    if (!listed) return carry(listed);
    if (auto done = compare_inventory(); !done) return carry(done);
    if (auto done = options_.all ? read_all() : challenge(); !done) return carry(done);
    if (auto done = name_damaged_files(); !done) return carry(done);
    if (options_.bundle) {
      if (auto done = write_bundle(); !done) return carry(done);
    }
    return std::move(report_);
  }

 private:
  Result<> check_receipts(const std::string& newest_note) {
    const note::VerifierKey& key = session_.link().policy().log_key;
    auto newest = note::open_checkpoint(newest_note, key);
    if (!newest) return carry(newest);
    report_.log_size = newest->root().leaves;
    auto events = session_.records().events();
    if (!events) return carry(events);
    events_ = std::move(*events);
    std::map<std::uint64_t, merkle::Hash> roots;
    for (const KeptEvent& kept : events_) {
      if (!kept.receipt) continue;
      if (auto done = check_receipt(kept, key, roots); !done) return done;
    }
    const auto fetch = [this](std::string_view path) -> Result<Bytes> {
      const auto known = tiles_.find(std::string(path));
      if (known != tiles_.end()) return known->second;
      auto tile = session_.link().fetch("/log/" + std::string(path), kTileBytesMax);
      if (tile) tiles_.emplace(path, *tile);
      return tile;
    };
    for (const auto& [leaves, hash] : roots) {
      auto grew = tlog::check_growth(fetch, {.leaves = leaves, .hash = hash}, newest->root());
      if (!grew) return carry(grew, "the log no longer continues what a receipt showed");
    }
    return {};
  }

  Result<> check_receipt(const KeptEvent& kept, const note::VerifierKey& key,
                         std::map<std::uint64_t, merkle::Hash>& roots) {
    auto checkpoint = tlog::check(*kept.receipt, key);
    if (!checkpoint) return carry(checkpoint, "a receipt");
    if (kept.receipt->event != kept.event) {
      report_.problems.emplace_back("a receipt is of another event than the one that was sent");
    }
    const merkle::Root& root = checkpoint->root();
    const auto [found, is_new] = roots.try_emplace(root.leaves, root.hash);
    if (!is_new && found->second != root.hash) {
      return fail(Code::forged,
                  "the custodian signed two logs of the same size: the receipts in "
                  "phone.db show it");
    }
    ++report_.receipts;
    return {};
  }

  Result<> check_keyring(const api::Heads& heads) {
    const OpenKeyring& own = session_.keyring();
    report_.keyring_version = own.version();
    if (heads.keyring < own.version()) {
      return fail(Code::forged, "the custodian has an older keyring than this phone stored");
    }
    auto answer = session_.link().keyring(session_.device(), own.version());
    if (!answer && answer.error().code == Code::not_found && heads.keyring > own.version()) {
      return {};  // another device has made a newer one
    }
    if (!answer && answer.error().code == Code::unavailable) return carry(answer);
    if (!answer || seal::hash_keyring(answer->keyring) != own.hash()) {
      report_.problems.emplace_back(
          "the custodian does not have the newest keyring as it was stored: without it the words "
          "cannot open anything");
    }
    return {};
  }

  Result<> check_head(const api::Heads& heads) {
    auto sequence = session_.records().number_fact(fact::kCommitSequence);
    if (!sequence) return carry(sequence);
    if (!*sequence) return {};
    const auto own =
        std::ranges::find(heads.commits, session_.device_id(), &api::Heads::Commit::device);
    if (own == heads.commits.end() || own->sequence < **sequence) {
      return fail(Code::forged, "the custodian forgot commits of this phone: it was rolled back");
    }
    return {};
  }

  Result<bool> read_inventory() {
    std::optional<seal::PackId> after;
    while (true) {
      auto page = session_.link().inventory(session_.device(), after);
      if (!page) return carry(page);
      for (const api::Inventory::Pack& pack : page->packs) {
        if (pack.state != "committed" || pack.frames == 0 || pack.frames > seal::kFramesMax) {
          continue;
        }
        if (after && pack.id <= *after) {
          return fail(Code::invalid_input, "the custodian's inventory is not in order");
        }
        listed_.emplace(pack.id, pack.frames);
      }
      if (!page->next || page->packs.empty()) break;
      after = page->next;
    }
    report_.packs = listed_.size();
    return true;
  }

  Result<> compare_inventory() {
    auto packs = session_.records().packs();
    if (!packs) return carry(packs);
    for (const KeptPack& pack : *packs) {
      if (pack.state != PackState::committed) continue;
      const auto found = listed_.find(pack.id);
      if (found != listed_.end() && found->second == pack.frames) continue;
      damage(pack.id, "is not in the custodian's inventory as it was committed");
      if (found != listed_.end()) listed_.erase(found);
    }
    return {};
  }

  /// One random leaf of each pack.
  Result<> challenge() {
    progress_.begin("checking packs", 0, listed_.size());
    auto pack = listed_.begin();
    while (pack != listed_.end()) {
      api::OwnLeaves request;
      std::vector<std::uint64_t> sizes;
      for (; pack != listed_.end() && request.leaves.size() < api::kLeavesMax; ++pack) {
        const std::uint64_t leaves = std::uint64_t{pack->second} * seal::kFrameLeaves + 1;
        request.leaves.push_back({.pack = pack->first, .leaf = random_below(leaves)});
        sizes.push_back(leaves);
      }
      auto answer = session_.link().leaves(session_.device(), request);
      if (!answer) return carry(answer);
      if (answer->answers.size() != request.leaves.size()) {
        return fail(Code::corrupt, "the custodian answered another number of challenges");
      }
      for (std::size_t i = 0; i < request.leaves.size(); ++i) {
        judge(request.leaves[i], sizes[i], answer->answers[i]);
      }
      progress_.add(0, request.leaves.size());
    }
    progress_.end();
    return {};
  }

  static std::uint64_t random_below(std::uint64_t limit) {
    std::uint64_t number = 0;
    crypto::fill_random(ByteSpan(reinterpret_cast<std::uint8_t*>(&number), sizeof(number)));
    return number % limit;  // at most 4,097 of 2^64: no bias worth naming
  }

  void judge(const api::OwnLeaves::Leaf& asked, std::uint64_t leaves,
             const api::LeafAnswers::Answer& answer) {
    if (answer.missing) return damage(asked.pack, "is lost at the custodian");
    const auto root_hash = merkle::Hash::from(asked.pack.bytes()).value();
    auto held = merkle::verify_inclusion(merkle::hash_leaf(answer.leaf), asked.leaf, answer.path,
                                         {.leaves = leaves, .hash = root_hash});
    if (!held) return damage(asked.pack, "has other bytes than were stored");
    ++report_.leaves;
  }

  /// Every pack, read whole and opened as far as this phone has keys.
  Result<> read_all() {
    progress_.begin("reading packs", total_bytes(), listed_.size());
    PackFetcher fetcher(session_);
    for (const auto& [id, frames] : listed_) {
      auto bytes = fetcher.whole(id, frames);
      if (!bytes && bytes.error().code == Code::unavailable) return carry(bytes);
      if (!bytes) {
        damage(id, "is lost at the custodian");
        continue;
      }
      if (seal::pack_id_of(*bytes) != id) {
        damage(id, "has other bytes than were stored");
      } else if (auto opened = open_pack(*bytes); !opened) {
        damage(id, opened.error().message);
      }
      report_.bytes_read += bytes->size();
      progress_.add(bytes->size(), 1);
    }
    progress_.end();
    return {};
  }

  std::uint64_t total_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& [id, frames] : listed_) bytes += seal::pack_size_of(frames);
    return bytes;
  }

  Result<> open_pack(ByteView bytes) {
    auto source = seal::source_over(bytes);
    if (!source) return carry(source);
    auto header = seal::read_pack_header(*source);
    if (!header) return carry(header);
    auto keys =
        seal::compartment_keys(session_.keyring().body, header->compartment, header->generation);
    if (!keys) return {};  // withdrawn, or not ours to open: the id held
    auto reader = seal::PackReader::open(std::move(*source), seal::access_of(*keys));
    if (!reader) return carry(reader);
    auto directory = reader->directory();
    if (!directory) return carry(directory);
    for (const seal::PackEntry& entry : *directory) {
      auto blob = reader->read_blob(entry);
      if (!blob) return carry(blob);
    }
    return {};
  }

  void damage(const seal::PackId& pack, std::string_view what) {
    damaged_.insert(pack);
    report_.problems.push_back("pack " + pack.hex().substr(0, 16) + " " + std::string(what));
  }

  Result<> name_damaged_files() {
    report_.damaged_packs = damaged_.size();
    if (damaged_.empty()) return {};
    FileRecords records(session_.records());
    BlobNames names;
    for (const seal::PackId& pack : damaged_) {
      auto in_pack = records.names_in_pack(pack);
      if (!in_pack) return carry(in_pack);
      names.insert(in_pack->begin(), in_pack->end());
    }
    auto roots = records.roots();
    if (!roots) return carry(roots);
    for (const RootRow& root : *roots) {
      auto files = records.files(root.id);
      if (!files) return carry(files);
      for (const FileRow& file : *files) {
        if (file.state == FileState::kept && uses(file.node, names)) {
          report_.damaged_files.push_back(root.path + "/" + file.path);
        }
      }
    }
    return records.mark_damaged(damaged_);
  }

  static bool uses(ByteView bytes, const BlobNames& names) {
    const auto node = seal::Node::parse(bytes);
    if (!node || node->file() == nullptr) return false;
    return uses_any(*node->file(), names);
  }

  Result<> write_bundle() {
    auto policy = session_.records().needed_fact(fact::kPolicy);
    if (!policy) return carry(policy);
    const std::string text =
        bundle_json(api::hash_of_policy(as_text(*policy)).hex(), events_) + "\n";
    auto written = write_private_file(*options_.bundle, as_bytes(text));
    if (!written) return carry(written, "writing the bundle");
    return {};
  }

  Session& session_;
  const CheckOptions& options_;
  Progress& progress_;
  std::vector<KeptEvent> events_;
  std::map<std::string, Bytes> tiles_;
  std::map<seal::PackId, std::uint32_t> listed_;
  std::set<seal::PackId> damaged_;
  CheckReport report_;
};

}  // namespace

std::string bundle_json(std::string_view policy_hash_hex, const std::vector<KeptEvent>& events) {
  json::Array receipts;
  for (const KeptEvent& kept : events) {
    if (!kept.receipt) continue;
    json::Array proof;
    for (const merkle::Hash& hash : kept.receipt->proof) {
      proof.emplace_back(to_base64(hash.bytes()));
    }
    receipts.emplace_back(json::Object{{"index", kept.receipt->index},
                                       {"entry", to_base64(kept.receipt->entry)},
                                       {"proof", std::move(proof)},
                                       {"checkpoint", kept.receipt->checkpoint}});
  }
  return json::to_text(json::Object{{"schema", "amanat-bundle/1"},
                                    {"policy", policy_hash_hex},
                                    {"receipts", std::move(receipts)}});
}

Result<CheckReport> check(Session& session, const CheckOptions& options, Progress& progress) {
  return CheckRun(session, options, progress).run();
}

}  // namespace amanat::phone
