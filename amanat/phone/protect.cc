#include "amanat/phone/protect.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "amanat/phone/compartments.h"
#include "amanat/phone/folder_nodes.h"
#include "amanat/phone/item_sealer.h"
#include "amanat/phone/pack_shipping.h"
#include "amanat/phone/scanned_before.h"
#include "amanat/phone/threat_database.h"
#include "amanat/phone/tree_writer.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kRowsBetweenWrites = 4096;
constexpr std::size_t kItemsLookedAhead = 2000;

/// One run over one folder. Everything it learns of files goes into `rows_` and from there into
/// phone.db, a few thousand at a time.
class ProtectRun {
 public:
  ProtectRun(Session& session, Progress& progress, RootRow root, OpenFile folder,
             Collection collection, RunGate gate, scan::Examiner& examiner,
             std::unique_ptr<PackShipping> shipping, const ProtectOptions& options)
      : session_(session),
        progress_(progress),
        records_(session.records()),
        root_(std::move(root)),
        folder_(std::move(folder)),
        collection_(std::move(collection)),
        gate_(std::move(gate)),
        examiner_(examiner),
        scanned_before_(options.cache, examiner, session.clock()),
        put_away_(options.put_away),
        node_bytes_max_(options.node_bytes_max),
        shipping_(std::move(shipping)) {}

  Result<ProtectReport> run() {
    report_.root = root_.path;
    auto known = records_.files(root_.id);
    if (!known) return carry(known);
    for (FileRow& row : *known) {
      std::string path = row.path;
      known_.emplace(std::move(path), std::move(row));
    }
    look_up_scanned();
    auto unsaved = records_.unsaved_trees();
    if (!unsaved) return carry(unsaved);
    dirty_ = std::move(*unsaved);
    auto held = held_compartments(session_);
    if (!held) return carry(held);
    held_ = std::move(*held);
    for (const seal::CompartmentId& compartment : held_) dirty_.erase(compartment);
    marked_ = dirty_.size();
    if (auto done = read_items(); !done) return carry(done);
    scanned_before_.remember();
    if (auto done = forget_what_is_gone(); !done) return carry(done);
    if (auto done = write_rows(); !done) return carry(done);
    if (auto done = note_folders(); !done) return carry(done);
    if (auto done = write_trees(); !done) return carry(done);
    if (auto done =
            session_.records().set_fact(fact::kProtectedAt, millis_of(session_.clock().now()));
        !done) {
      return carry(done);
    }
    report_.sent_packs = shipping_->sent_packs();
    report_.sent_bytes = shipping_->sent_bytes();
    for (const auto& [id, session] : sessions_) report_.sealed_bytes += session->stored_bytes();
    return std::move(report_);
  }

 private:
  /// Files that were scanned with other signatures may be known to be clean under these too.
  void look_up_scanned() {
    report_.carried = scanned_before_.take_up();
    std::vector<const FileRow*> rows;
    for (const auto& [path, row] : known_) {
      if (row.state == FileState::kept && row.scanned_with != examiner_.database().version()) {
        rows.push_back(&row);
      }
    }
    scanned_before_.look_up(rows);
  }

  bool is_scanned(const FileRow& row) const {
    return row.scanned_with == examiner_.database().version() || scanned_before_.is_clean(row.path);
  }

  Result<> read_items() {
    std::uint64_t bytes = 0;
    for (const Item& item : collection_.items) bytes += item_size(item);
    progress_.begin("protecting", bytes, collection_.items.size());
    for (const Skipped& skipped : collection_.skipped)
      leave_unreadable(skipped.path, skipped.reason);
    for (at_ = 0; at_ < collection_.items.size(); ++at_) {
      const Item& item = collection_.items[at_];
      if (auto done = read_item(item); !done) return done;
      progress_.add(item_size(item), 1);
      if (new_rows_.size() >= kRowsBetweenWrites || shipping_->is_commit_due()) {
        if (auto done = write_rows(); !done) return done;
      }
      if (shipping_->is_commit_due()) {
        if (auto done = shipping_->commit(std::nullopt); !done) return done;
      }
    }
    progress_.end();
    return {};
  }

  static std::uint64_t item_size(const Item& item) {
    std::uint64_t size = item.kind == ItemKind::file ? item.main.size : 0;
    for (const FileFacts& companion : item.companions) size += companion.size;
    return size;
  }

  Result<> read_item(const Item& item) {
    auto reused = reuse(item);
    if (!reused) return carry(reused);
    if (*reused) return {};
    if (item.kind != ItemKind::file) return keep_placeholder(item);
    if (const auto twin = linked_.find(item.main.hard_link_group);
        item.main.hard_link_group != 0 && item.companions.empty() && twin != linked_.end()) {
      return keep_twin(item, twin->second);
    }
    for (int tries = 1;; ++tries) {
      auto open = OpenItem::open(folder_, item, examiner_);
      if (!open) {
        leave_unreadable(item.main.path, open.error().message);
        return {};
      }
      auto was_whole = read_open_item(item, *open);
      if (!was_whole) return carry(was_whole);
      if (*was_whole) return {};
      if (tries == 2) {
        leave_unreadable(item.main.path, "changed while it was read; it is tried again next time");
        return {};
      }
    }
  }

  /// What is as it was is kept as it is.
  Result<bool> reuse(const Item& item) {
    std::vector<const FileRow*> rows{find_known(item.main)};
    for (const FileFacts& companion : item.companions) rows.push_back(find_known(companion));
    if (std::ranges::count(rows, nullptr) != 0) return false;
    const FileRow& first = *rows.front();
    const auto is_row_scanned = [&](const FileRow* row) { return is_scanned(*row); };
    if (first.state != FileState::refused && !std::ranges::all_of(rows, is_row_scanned)) {
      return false;
    }
    if (first.state == FileState::threat) {
      if (put_away_) return false;  // it takes the whole verdict to say why
      for (const FileRow* row : rows) seen_.insert(row->path);
      report_.threats.push_back({.path = first.path, .reason = first.reason});
      return true;
    }
    const consent::GateAnswer& answer = gate_.decide(first.categories);
    if (first.state == FileState::refused) {
      if (answer.is_allowed()) return false;
      for (const FileRow* row : rows) seen_.insert(row->path);
      leave_for_consent(item, first.categories, *answer.refused);
      return true;
    }
    const seal::KeyringBody& body = session_.keyring().body;
    if (!answer.is_allowed() || !has_keys(body, answer.grants)) {
      if (!is_held(first)) return false;
      for (const FileRow* row : rows) seen_.insert(row->path);
      leave_for_consent(item, first.categories, answer.refused.value_or(lost_key()));
      return true;
    }
    const auto* compartment = find_compartment(body, session_.device_id(), answer.grants);
    if (compartment == nullptr) return false;
    for (const FileRow* row : rows) {
      if (row->state != FileState::kept || row->compartment != compartment->id) return false;
      if (row->node.size() > node_bytes_max_) return false;
      auto node = seal::Node::parse(row->node);
      if (!node) return carry(node, "a file in phone.db");
      const seal::FileContent* content = node->file();
      if (content == nullptr) continue;
      auto session = session_of(compartment->id);
      if (!session) return carry(session);
      if (!knows_all_blobs(**session, *content)) return false;
    }
    for (const FileRow* row : rows) {
      seen_.insert(row->path);
      count_kept(row->stamp.size);
    }
    report_.unchanged_files += rows.size();
    return true;
  }

  bool is_held(const FileRow& row) const {
    return row.state == FileState::kept && held_.contains(row.compartment);
  }

  static consent::Refused lost_key() {
    return {
        .reason = consent::Refusal::withdrawn,
        .category = {},
        .sentence = "a consent for it has no key any more: another device may have withdrawn it",
        .advice = "run: amanat status"};
  }

  const FileRow* find_known(const FileFacts& facts) const {
    const auto found = known_.find(facts.path);
    if (found == known_.end() || found->second.stamp != facts.stamp()) return nullptr;
    return &found->second;
  }

  /// False when it changed while it was read.
  Result<bool> read_open_item(const Item& item, const OpenItem& open) {
    const Classification found = open.classify();
    const consent::GateAnswer& answer = gate_.decide(found.categories);
    if (!answer.is_allowed()) {
      refuse(item, open, found.categories, *answer.refused);
      return true;
    }
    std::vector<std::pair<const OpenMember*, scan::Verdict>> verdicts;
    const scan::Verdict verdict =
        open.scan(examiner_, [&](const OpenMember& member, const scan::Verdict& one) {
          verdicts.emplace_back(&member, one);
        });
    if (verdict.kind == scan::Verdict::Kind::threat) {
      set_aside(item, open, found.categories, verdict);
      return true;
    }
    auto session = session_for(answer.grants);
    if (!session) return carry(session);
    if (*session == nullptr) {
      refuse(item, open, found.categories, lost_key());
      return true;
    }
    std::vector<FileRow> rows;
    for (const OpenMember& member : open.members()) {
      auto node = seal_member(**session, member);
      if (!node) {
        // What cannot be read to its end was changed under us; all else is not the file's fault.
        if (node.error().code != Code::unavailable || !has_changed(open)) return carry(node);
        return false;
      }
      if (!fits_page(*node, node_bytes_max_)) {
        leave_too_large(item);
        return true;
      }
      rows.push_back({.path = member.facts->path,
                      .state = FileState::kept,
                      .compartment = (*session)->compartment(),
                      .stamp = member.stamp,
                      .categories = found.categories,
                      .scanned_with = examiner_.database().version(),
                      .reason = {},
                      .node = node->encode()});
    }
    if (has_changed(open)) return false;
    for (const auto& [member, one] : verdicts) scanned_before_.note(*member, one);
    if (verdict.kind != scan::Verdict::Kind::clean) ++report_.not_fully_scanned;
    if (item.main.hard_link_group != 0 && item.companions.empty()) {
      linked_.emplace(item.main.hard_link_group, rows.front());
    }
    for (FileRow& row : rows) keep(std::move(row));
    return true;
  }

  static bool has_changed(const OpenItem& open) {
    const auto unchanged = open.is_unchanged();
    return !unchanged || !*unchanged;
  }

  /// Another name of a file that was just read.
  Result<> keep_twin(const Item& item, const FileRow& twin) {
    if (twin.stamp != item.main.stamp()) {
      leave_unreadable(item.main.path, "changed while it was read; it is tried again next time");
      return {};
    }
    auto node = seal::Node::parse(twin.node);
    if (!node) return carry(node);
    node->name = name_of_path(item.main.path);
    if (!fits_page(*node, node_bytes_max_)) {
      leave_too_large(item);
      return {};
    }
    FileRow row = twin;
    row.path = item.main.path;
    row.node = node->encode();
    keep(std::move(row));
    return {};
  }

  /// Links and empty folders hold nothing to scan; they are `other`.
  Result<> keep_placeholder(const Item& item) {
    const consent::CategorySet categories{consent::Category::other};
    const consent::GateAnswer& answer = gate_.decide(categories);
    FileRow row{.path = item.main.path,
                .state = FileState::refused,
                .compartment = {},
                .stamp = item.main.stamp(),
                .categories = categories,
                .scanned_with = examiner_.database().version(),
                .reason = {},
                .node = {}};
    Result<SealingSession*> session = nullptr;
    if (answer.is_allowed()) session = session_for(answer.grants);
    if (!session) return carry(session);
    if (*session == nullptr) {
      leave_for_consent(item, categories, answer.refused.value_or(lost_key()));
      leave(std::move(row));
      return {};
    }
    row.state = FileState::kept;
    row.compartment = (*session)->compartment();
    row.node = placeholder_node(item).encode();
    keep(std::move(row));
    return {};
  }

  void refuse(const Item& item, const OpenItem& open, consent::CategorySet categories,
              const consent::Refused& refused) {
    leave_for_consent(item, categories, refused);
    for (const OpenMember& member : open.members()) {
      leave({.path = member.facts->path,
             .state = FileState::refused,
             .compartment = {},
             .stamp = member.stamp,
             .categories = categories,
             .scanned_with = {},
             .reason = {},
             .node = {}});
    }
  }

  void set_aside(const Item& item, const OpenItem& open, consent::CategorySet categories,
                 const scan::Verdict& verdict) {
    std::string reason = verdict.signature;
    if (!verdict.inside.empty()) reason += " in " + verdict.inside;
    const Result<> away = put_all_away(open, verdict);
    report_.threats.push_back({.path = item.main.path,
                               .reason = away || !put_away_
                                             ? reason
                                             : reason + "; not put away: " + away.error().message});
    if (away) {
      ++report_.put_away;
      return;  // not seen any more: forgotten like all that is gone
    }
    for (const OpenMember& member : open.members()) {
      leave({.path = member.facts->path,
             .state = FileState::threat,
             .compartment = {},
             .stamp = member.stamp,
             .categories = categories,
             .scanned_with = examiner_.database().version(),
             .reason = reason,
             .node = {}});
    }
  }

  /// A database goes together with its logs, so that it can come back whole.
  Result<> put_all_away(const OpenItem& open, const scan::Verdict& verdict) {
    if (!put_away_) return fail(Code::denied, "it was not asked for");
    for (const OpenMember& member : open.members()) {
      auto done =
          put_away_(std::filesystem::path(root_.path) / member.facts->path, member.stamp, verdict);
      if (!done) return carry(done);
    }
    return {};
  }

  void leave_for_consent(const Item& item, consent::CategorySet categories,
                         const consent::Refused& refused) {
    LeftForConsent& left = report_.without_consent[categories.to_text()];
    ++left.files;
    left.bytes += item_size(item);
    left.reason = refused.sentence;
    left.advice = refused.advice;
  }

  void leave_unreadable(const std::string& path, const std::string& reason) {
    report_.unreadable.push_back({.path = path, .reason = reason});
    unreadable_.insert(path);
  }

  /// What an earlier run kept of it stays, like that of everything that cannot be read.
  void leave_too_large(const Item& item) {
    leave_unreadable(item.main.path, "too large or too fragmented for this version");
    for (const FileFacts& companion : item.companions) unreadable_.insert(companion.path);
  }

  void count_kept(std::uint64_t size) {
    ++report_.kept_files;
    report_.kept_bytes += size;
  }

  void keep(FileRow row) {
    count_kept(row.stamp.size);
    dirty_.insert(row.compartment);
    leave(std::move(row));
  }

  void leave(FileRow row) {
    seen_.insert(row.path);
    const auto before = known_.find(row.path);
    if (before != known_.end() && before->second.state == FileState::kept) {
      const bool held = is_held(before->second);
      if (held && row.state != FileState::kept) return;
      if (!held) dirty_.insert(before->second.compartment);
    }
    new_rows_.push_back(std::move(row));
  }

  /// Nothing when the keyring has no key for one of these grants after all.
  Result<SealingSession*> session_for(const GrantSet& grants) {
    if (!has_keys(session_.keyring().body, grants)) return nullptr;
    const auto* compartment =
        find_compartment(session_.keyring().body, session_.device_id(), grants);
    if (compartment == nullptr) {
      const std::vector<GrantSet> wanted = look_ahead(grants);
      auto made = make_compartments(session_, wanted);
      // Making them may have brought a keyring of another device, which has a key less.
      if (!has_keys(session_.keyring().body, grants)) return nullptr;
      if (!made) return carry(made);
      compartment = find_compartment(session_.keyring().body, session_.device_id(), grants);
      ensure(compartment != nullptr, "a compartment that was made is there");
    }
    return session_of(compartment->id);
  }

  /// The grant sets that what is still to come will need, guessed from one file of each kind in
  /// each folder: so a first run makes its compartments in one keyring version or two.
  std::vector<GrantSet> look_ahead(const GrantSet& needed) {
    std::set<GrantSet> wanted{needed};
    std::set<std::string> kinds;
    for (std::size_t i = at_ + 1; i < collection_.items.size(); ++i) {
      const Item& item = collection_.items[i];
      const std::string& path = item.main.path;
      const std::size_t slash = path.rfind('/');
      const std::size_t dot = path.rfind('.');
      std::string kind = slash == std::string::npos ? std::string() : path.substr(0, slash);
      if (dot != std::string::npos && (slash == std::string::npos || dot > slash)) {
        kind += '/' + path.substr(dot);
      }
      if (!kinds.insert(std::move(kind)).second) continue;
      if (kinds.size() > kItemsLookedAhead) break;
      const auto found = classify_item(folder_, item);
      if (!found) continue;
      const consent::GateAnswer& answer = gate_.decide(found->categories);
      if (answer.is_allowed() && has_keys(session_.keyring().body, answer.grants)) {
        wanted.insert(answer.grants);
      }
    }
    return {wanted.begin(), wanted.end()};
  }

  Result<SealingSession*> session_of(const seal::CompartmentId& compartment) {
    const auto found = sessions_.find(compartment);
    if (found != sessions_.end()) return found->second.get();
    auto names = records_.sound_blob_names(compartment);
    if (!names) return carry(names);
    auto opened = SealingSession::open(
        session_.keyring().body, compartment, std::move(*names), session_.clock(),
        [this](StatedPack pack) { return shipping_->ship(std::move(pack)); });
    if (!opened) return carry(opened);
    return sessions_.emplace(compartment, std::move(*opened)).first->second.get();
  }

  /// What is not there any more; what could not be read this time stays as it was.
  Result<> forget_what_is_gone() {
    std::vector<std::string> gone;
    for (const auto& [path, row] : known_) {
      if (seen_.contains(path) || is_held(row)) continue;
      const bool is_kept = row.state == FileState::kept;
      if (is_below_unreadable(path) && row.node.size() <= node_bytes_max_) {
        if (is_kept) count_kept(row.stamp.size);
        continue;
      }
      if (is_kept) {
        dirty_.insert(row.compartment);
        ++report_.removed_files;
      }
      gone.push_back(path);
    }
    if (auto done = mark_unsaved(); !done) return done;
    return records_.forget_files(root_.id, gone);
  }

  bool is_below_unreadable(const std::string& path) const {
    if (unreadable_.empty()) return false;
    if (unreadable_.contains(path)) return true;
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      if (unreadable_.contains(path.substr(0, slash))) return true;
    }
    return false;
  }

  Result<> mark_unsaved() {
    if (marked_ == dirty_.size()) return {};
    marked_ = dirty_.size();
    return records_.mark_unsaved(dirty_);
  }

  Result<> write_rows() {
    if (auto done = mark_unsaved(); !done) return done;
    auto kept = records_.keep_files(root_.id, new_rows_);
    new_rows_.clear();
    return kept;
  }

  /// Folders have times and modes too; where one changed, the trees that show it change.
  Result<> note_folders() {
    auto found = read_folders(folder_, collection_);
    if (!found) return carry(found);
    auto known = records_.folders(root_.id);
    if (!known) return carry(known);
    const Bytes root_node = std::move(found->root);
    if (*known == found->folders && root_.node == root_node) return {};
    std::set<std::string> changed;
    std::unordered_map<std::string, Bytes> before;
    for (FolderRow& row : *known) before.emplace(row.path, std::move(row.node));
    for (const FolderRow& row : found->folders) {
      const auto old = before.find(row.path);
      if (old == before.end() || old->second != row.node) changed.insert(row.path);
    }
    if (root_.node != root_node) changed.insert("");
    if (auto done = mark_dirty_below(changed); !done) return done;
    if (auto done = mark_unsaved(); !done) return done;
    if (auto done = records_.replace_folders(root_.id, found->folders); !done) return done;
    return records_.set_root_node(root_.id, root_node);
  }

  Result<> mark_dirty_below(const std::set<std::string>& changed) {
    auto rows = records_.files(root_.id);
    if (!rows) return carry(rows);
    for (const FileRow& row : *rows) {
      if (row.state != FileState::kept || is_held(row) || dirty_.contains(row.compartment))
        continue;
      bool shows = changed.contains("");
      for (std::size_t slash = row.path.find('/'); !shows && slash != std::string::npos;
           slash = row.path.find('/', slash + 1)) {
        shows = changed.contains(row.path.substr(0, slash));
      }
      if (shows) dirty_.insert(row.compartment);
    }
    return {};
  }

  Result<> write_trees() {
    auto folders = read_tree_folders(records_);
    if (!folders) return carry(folders);
    auto trees = current_trees();
    if (!trees) return carry(trees);
    progress_.begin("sending", 0, 0);
    std::vector<FileRecords::CommittedTree> written;
    for (const seal::CompartmentId& compartment : dirty_) {
      if (session_.keyring().body.find_compartment(compartment) == nullptr) continue;
      auto session = session_of(compartment);
      // Another device withdrew its consent just now: held, as it will be at the next run.
      if (!session && session.error().code == Code::denied) continue;
      if (!session) return carry(session);
      auto tree = write_tree(records_, *folders, **session);
      if (!tree) return carry(tree);
      trees->erase(compartment);
      if (!*tree) {
        if (auto done = records_.forget_tree(compartment); !done) return done;
        continue;
      }
      trees->emplace(compartment, (*tree)->tree);
      written.push_back(std::move(**tree));
    }
    // A session may be open with blobs of a file that changed under us and no tree to show them.
    if (auto done = shipping_->finish(); !done) return done;
    progress_.end();
    if (dirty_.empty()) return shipping_->commit(std::nullopt);
    std::vector<seal::SnapshotTree> all;
    for (const auto& [compartment, tree] : *trees) all.push_back(tree);
    auto retired = records_.damaged_packs_unused();
    if (!retired) return carry(retired);
    if (auto done = shipping_->commit(std::move(all), *retired); !done) return done;
    if (!retired->empty()) {
      if (auto done = records_.forget_damaged(*retired); !done) return done;
    }
    report_.is_committed = true;
    for (const FileRecords::CommittedTree& tree : written) {
      if (auto done = records_.keep_tree(tree); !done) return done;
    }
    return {};
  }

  Result<std::map<seal::CompartmentId, seal::SnapshotTree>> current_trees() {
    auto trees = records_.trees();
    if (!trees) return carry(trees);
    std::map<seal::CompartmentId, seal::SnapshotTree> by_compartment;
    for (const seal::SnapshotTree& tree : *trees) by_compartment.emplace(tree.compartment, tree);
    return by_compartment;
  }

  Session& session_;
  Progress& progress_;
  FileRecords records_;
  RootRow root_;
  OpenFile folder_;
  Collection collection_;
  RunGate gate_;
  scan::Examiner& examiner_;
  ScannedBefore scanned_before_;
  PutThreatAway put_away_;
  std::size_t node_bytes_max_;

  std::size_t at_ = 0;                              // the item that is being read
  std::unordered_map<std::string, FileRow> known_;  // as phone.db had it
  std::set<std::string> unreadable_;
  std::unordered_set<std::string> seen_;
  std::vector<FileRow> new_rows_;                      // not yet in phone.db
  std::unordered_map<std::uint32_t, FileRow> linked_;  // by group: a name that was read
  std::set<seal::CompartmentId> held_;                 // being withdrawn: they stay as they are
  std::set<seal::CompartmentId> dirty_;                // their trees change
  std::size_t marked_ = 0;                             // so many of them are marked in phone.db
  ProtectReport report_;

  std::unique_ptr<PackShipping> shipping_;
  std::map<seal::CompartmentId, std::unique_ptr<SealingSession>> sessions_;
};

}  // namespace

Result<ProtectReport> protect(Session& session, const ProtectOptions& options, Progress& progress) {
  std::error_code problem;
  const auto path = std::filesystem::canonical(options.folder, problem);
  if (problem) return fail(Code::not_found, "there is no such folder: " + problem.message());
  if (!seal::is_absolute_path(path.string())) {
    return fail(Code::invalid_input, "the folder's path is longer than a tree can name");
  }
  auto folder = OpenFile::open_folder(path.string());
  if (!folder) return carry(folder, "opening the folder");
  if (auto sent = session.send_pending_events(); !sent) return carry(sent);
  if (auto settled = settle_cut_off_packs(session); !settled) return carry(settled);
  std::unique_ptr<scan::Examiner> own;
  if (options.examiner == nullptr) {
    auto threats = load_threats(session.home().folder());
    if (!threats) return carry(threats);
    own = scan::examine_here(std::move(*threats), {}, session.clock());
  }
  scan::Examiner& examiner = own ? *own : *options.examiner;
  auto gate = RunGate::open(session);
  if (!gate) return carry(gate);
  auto collection = collect(*folder, {.cross_file_systems = options.cross_file_systems});
  if (!collection) return carry(collection, "listing the folder");
  auto root = FileRecords(session.records()).open_root(path.string());
  if (!root) return carry(root);
  auto shipping = PackShipping::open(session);
  if (!shipping) return carry(shipping);
  ProtectRun run(session, progress, std::move(*root), std::move(*folder), std::move(*collection),
                 std::move(*gate), examiner, std::move(*shipping), options);
  return run.run();
}

}  // namespace amanat::phone
