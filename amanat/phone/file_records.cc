#include "amanat/phone/file_records.h"

#include <functional>
#include <utility>

namespace amanat::phone {
namespace {

using store::Database;
using store::Statement;

Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
std::string text_of(ByteView bytes) { return std::string(as_text(bytes)); }

/// Runs `read` on each row of a prepared and bound query.
template <class Item, class Read>
Result<std::vector<Item>> read_rows(Result<Statement> statement, const Read& read) {
  if (!statement) return carry(statement);
  std::vector<Item> items;
  while (true) {
    auto row = statement->step();
    if (!row) return carry(row);
    if (!*row) break;
    Result<Item> item = read(*statement);
    if (!item) return carry(item);
    items.push_back(std::move(*item));
  }
  if (auto intact = statement->intact(); !intact) return carry(intact);
  return items;
}

template <class... Values>
Result<Statement> bound(Database& database, std::string_view sql, const Values&... values) {
  auto statement = database.prepare(sql);
  if (statement) statement->bind_all(values...);
  return statement;
}

Result<> in_transaction(Database& database, const std::function<Result<>()>& work) {
  auto transaction = store::Transaction::begin(database);
  if (!transaction) return carry(transaction);
  if (auto done = work(); !done) return carry(done);
  return transaction->commit();
}

Result<FileRow> read_file(Statement& row) {
  auto categories = consent::CategorySet::from_text(row.text(8));
  if (!categories) return carry(categories, "a file in phone.db");
  return FileRow{.path = text_of(row.blob(0)),
                 .state = static_cast<FileState>(row.number(1)),
                 .compartment = row.id<seal::CompartmentId>(2),
                 .stamp = {.device = static_cast<std::uint64_t>(row.signed_number(3)),
                           .inode = static_cast<std::uint64_t>(row.signed_number(4)),
                           .size = row.number(5),
                           .mtime_ns = row.signed_number(6),
                           .ctime_ns = row.signed_number(7)},
                 .categories = *categories,
                 .scanned_with = row.id<crypto::Hash>(9),
                 .reason = std::string(row.text(10)),
                 .node = copy_of(row.blob(11))};
}

Result<seal::PackEntry> read_entry(Statement& row) {
  return seal::PackEntry{.name = row.id<seal::BlobName>(0),
                         .offset = static_cast<std::uint32_t>(row.number(1)),
                         .stored = static_cast<std::uint32_t>(row.number(2)),
                         .raw = static_cast<std::uint32_t>(row.number(3)),
                         .codec = static_cast<seal::BlobCodec>(row.number(4)),
                         .dictionary = static_cast<std::uint8_t>(row.number(5)),
                         .type = static_cast<seal::BlobType>(row.number(6))};
}

Result<BlobNames> read_names(Result<Statement> statement) {
  if (!statement) return carry(statement);
  BlobNames names;
  while (true) {
    auto row = statement->step();
    if (!row) return carry(row);
    if (!*row) break;
    names.insert(statement->id<seal::BlobName>(0));
  }
  if (auto intact = statement->intact(); !intact) return carry(intact);
  return names;
}

}  // namespace

Result<RootRow> FileRecords::open_root(const std::string& path) {
  Database& database = records_.database();
  auto made =
      database.run("INSERT OR IGNORE INTO roots (path, node) VALUES (?, x'')", as_bytes(path));
  if (!made) return carry(made);
  auto query = database.prepare("SELECT id, node FROM roots WHERE path = ?");
  if (!query) return carry(query);
  auto found = query->first(as_bytes(path));
  if (!found) return carry(found);
  return RootRow{.id = query->number(0), .path = path, .node = copy_of(query->blob(1))};
}

Result<> FileRecords::set_root_node(std::uint64_t root, ByteView node) {
  return records_.database().run("UPDATE roots SET node = ? WHERE id = ?", node, root);
}

Result<std::vector<RootRow>> FileRecords::roots() {
  return read_rows<RootRow>(
      bound(records_.database(), "SELECT id, path, node FROM roots ORDER BY path"),
      [](Statement& row) -> Result<RootRow> {
        return RootRow{
            .id = row.number(0), .path = text_of(row.blob(1)), .node = copy_of(row.blob(2))};
      });
}

Result<std::vector<FolderRow>> FileRecords::folders(std::uint64_t root) {
  return read_rows<FolderRow>(
      bound(records_.database(), "SELECT path, node FROM folders WHERE root = ? ORDER BY path",
            root),
      [](Statement& row) -> Result<FolderRow> {
        return FolderRow{.path = text_of(row.blob(0)), .node = copy_of(row.blob(1))};
      });
}

Result<> FileRecords::replace_folders(std::uint64_t root, const std::vector<FolderRow>& folders) {
  return in_transaction(records_.database(), [&]() -> Result<> {
    auto cleared = records_.database().run("DELETE FROM folders WHERE root = ?", root);
    if (!cleared) return cleared;
    auto insert = records_.database().prepare("INSERT INTO folders VALUES (?, ?, ?)");
    if (!insert) return carry(insert);
    for (const FolderRow& folder : folders) {
      auto done = insert->run(root, as_bytes(folder.path), folder.node);
      if (!done) return done;
    }
    return {};
  });
}

Result<std::vector<FileRow>> FileRecords::files(std::uint64_t root) {
  return read_rows<FileRow>(
      bound(records_.database(),
            "SELECT path, state, compartment, device, inode, size, mtime_ns, ctime_ns, categories, "
            "scanned_with, reason, node FROM files WHERE root = ?",
            root),
      read_file);
}

Result<> FileRecords::keep_files(std::uint64_t root, const std::vector<FileRow>& files) {
  if (files.empty()) return {};
  return in_transaction(records_.database(), [&]() -> Result<> {
    auto insert = records_.database().prepare(
        "INSERT OR REPLACE INTO files (root, path, state, compartment, device, inode, size, "
        "mtime_ns, ctime_ns, categories, scanned_with, reason, node) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert) return carry(insert);
    for (const FileRow& file : files) {
      auto done = insert->run(root, as_bytes(file.path), static_cast<std::uint64_t>(file.state),
                              file.compartment, static_cast<std::int64_t>(file.stamp.device),
                              static_cast<std::int64_t>(file.stamp.inode), file.stamp.size,
                              file.stamp.mtime_ns, file.stamp.ctime_ns,
                              std::string_view(file.categories.to_text()), file.scanned_with,
                              std::string_view(file.reason), file.node);
      if (!done) return done;
    }
    return {};
  });
}

Result<> FileRecords::forget_files(std::uint64_t root, const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  return in_transaction(records_.database(), [&]() -> Result<> {
    auto remove = records_.database().prepare("DELETE FROM files WHERE root = ? AND path = ?");
    if (!remove) return carry(remove);
    for (const std::string& path : paths) {
      if (auto done = remove->run(root, as_bytes(path)); !done) return done;
    }
    return {};
  });
}

Result<std::vector<TreeRow>> FileRecords::tree_rows(const seal::CompartmentId& compartment) {
  return read_rows<TreeRow>(
      bound(records_.database(), "SELECT root, path, node FROM files WHERE compartment = ?",
            compartment),
      [](Statement& row) -> Result<TreeRow> {
        return TreeRow{
            .root = row.number(0), .path = text_of(row.blob(1)), .node = copy_of(row.blob(2))};
      });
}

Result<std::vector<FileCount>> FileRecords::counts() {
  return read_rows<FileCount>(
      bound(records_.database(),
            "SELECT state, categories, reason, count(*), sum(size) FROM files "
            "GROUP BY state, categories, reason"),
      [](Statement& row) -> Result<FileCount> {
        auto categories = consent::CategorySet::from_text(row.text(1));
        if (!categories) return carry(categories, "a file in phone.db");
        return FileCount{.state = static_cast<FileState>(row.number(0)),
                         .categories = *categories,
                         .reason = std::string(row.text(2)),
                         .files = row.number(3),
                         .bytes = row.number(4)};
      });
}

Result<BlobNames> FileRecords::blob_names(const seal::CompartmentId& compartment) {
  return read_names(
      bound(records_.database(), "SELECT name FROM blobs WHERE compartment = ?", compartment));
}

Result<BlobNames> FileRecords::names_in_pack(const seal::PackId& pack) {
  return read_names(bound(records_.database(), "SELECT name FROM blobs WHERE pack = ?", pack));
}

Result<std::optional<seal::PackId>> FileRecords::pack_of(const seal::CompartmentId& compartment,
                                                         const seal::BlobName& name) {
  auto packs = read_rows<seal::PackId>(
      bound(records_.database(), "SELECT pack FROM blobs WHERE compartment = ? AND name = ?",
            compartment, name),
      [](Statement& row) -> Result<seal::PackId> { return row.id<seal::PackId>(0); });
  if (!packs) return carry(packs);
  if (packs->empty()) return std::optional<seal::PackId>();
  return std::optional<seal::PackId>(packs->front());
}

Result<std::vector<seal::IndexedPack>> FileRecords::packs_to_index(
    const seal::CompartmentId& compartment, WhichPacks which) {
  Database& database = records_.database();
  auto packs = read_rows<seal::IndexedPack>(
      bound(database,
            "SELECT id, frames, generation FROM packs WHERE compartment = ? AND indexed <= ?",
            compartment, which == WhichPacks::all ? 1U : 0U),
      [](Statement& row) -> Result<seal::IndexedPack> {
        return seal::IndexedPack{
            .pack = {.id = row.id<seal::PackId>(0),
                     .frames = static_cast<std::uint32_t>(row.number(1)),
                     .generation = static_cast<seal::Generation>(row.number(2))},
            .entries = {}};
      });
  if (!packs) return carry(packs);
  for (seal::IndexedPack& pack : *packs) {
    auto entries = read_rows<seal::PackEntry>(
        bound(database,
              "SELECT name, offset, stored, raw, codec, dictionary, type FROM blobs "
              "WHERE pack = ? ORDER BY offset",
              pack.pack.id),
        read_entry);
    if (!entries) return carry(entries);
    pack.entries = std::move(*entries);
  }
  return packs;
}

Result<std::vector<seal::BlobPlace>> FileRecords::segments(const seal::CompartmentId& compartment) {
  return read_rows<seal::BlobPlace>(
      bound(records_.database(),
            "SELECT pack, name FROM segments WHERE compartment = ? ORDER BY name", compartment),
      [](Statement& row) -> Result<seal::BlobPlace> {
        return seal::BlobPlace{.pack = row.id<seal::PackId>(0), .name = row.id<seal::BlobName>(1)};
      });
}

Result<std::vector<seal::SnapshotTree>> FileRecords::trees() {
  return read_rows<seal::SnapshotTree>(
      bound(records_.database(), "SELECT compartment, pack, root FROM trees ORDER BY compartment"),
      [](Statement& row) -> Result<seal::SnapshotTree> {
        return seal::SnapshotTree{.compartment = row.id<seal::CompartmentId>(0),
                                  .pack = row.id<seal::PackId>(1),
                                  .root = row.id<seal::BlobName>(2)};
      });
}

Result<> FileRecords::keep_tree(const CommittedTree& kept) {
  Database& database = records_.database();
  const seal::CompartmentId& compartment = kept.tree.compartment;
  return in_transaction(database, [&]() -> Result<> {
    auto done = database.run("INSERT OR REPLACE INTO trees VALUES (?, ?, ?)", compartment,
                             kept.tree.pack, kept.tree.root);
    if (done && kept.replaces_segments) {
      done = database.run("DELETE FROM segments WHERE compartment = ?", compartment);
    }
    for (std::size_t i = 0; done && i < kept.segments.size(); ++i) {
      done = database.run("INSERT OR REPLACE INTO segments VALUES (?, ?, ?)", compartment,
                          kept.segments[i].pack, kept.segments[i].name);
    }
    for (std::size_t i = 0; done && i < kept.indexed.size(); ++i) {
      done = database.run("UPDATE packs SET indexed = 1 WHERE id = ?", kept.indexed[i]);
    }
    if (done) done = database.run("DELETE FROM unsaved_trees WHERE compartment = ?", compartment);
    return done;
  });
}

Result<> FileRecords::forget_tree(const seal::CompartmentId& compartment) {
  auto done = records_.database().run("DELETE FROM trees WHERE compartment = ?", compartment);
  if (!done) return done;
  return records_.database().run("DELETE FROM unsaved_trees WHERE compartment = ?", compartment);
}

Result<std::set<seal::CompartmentId>> FileRecords::unsaved_trees() {
  auto rows = read_rows<seal::CompartmentId>(
      bound(records_.database(), "SELECT compartment FROM unsaved_trees"),
      [](Statement& row) -> Result<seal::CompartmentId> { return row.id<seal::CompartmentId>(0); });
  if (!rows) return carry(rows);
  return std::set<seal::CompartmentId>(rows->begin(), rows->end());
}

Result<> FileRecords::mark_unsaved(const std::set<seal::CompartmentId>& compartments) {
  return in_transaction(records_.database(), [&]() -> Result<> {
    for (const seal::CompartmentId& compartment : compartments) {
      auto done =
          records_.database().run("INSERT OR IGNORE INTO unsaved_trees VALUES (?)", compartment);
      if (!done) return done;
    }
    return {};
  });
}

Result<> FileRecords::forget_lost_packs(const std::set<seal::PackId>& packs) {
  Database& database = records_.database();
  return in_transaction(database, [&]() -> Result<> {
    for (const seal::PackId& pack : packs) {
      auto known = records_.pack(pack);
      if (!known) return carry(known);
      if (!*known) continue;  // another device's
      const seal::CompartmentId& compartment = (*known)->compartment;
      auto done = database.run("DELETE FROM segments WHERE compartment = ?", compartment);
      if (done) {
        done = database.run("UPDATE packs SET indexed = 0 WHERE compartment = ?", compartment);
      }
      if (done) {
        done = database.run("INSERT OR IGNORE INTO unsaved_trees VALUES (?)", compartment);
      }
      if (done) done = records_.forget_pack(pack);
      if (!done) return done;
    }
    return {};
  });
}

}  // namespace amanat::phone
