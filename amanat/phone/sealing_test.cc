// Sealing a compartment without a custodian: what goes into packs, and what the tree says of it.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "amanat/phone/file_records.h"
#include "amanat/phone/file_sealer.h"
#include "amanat/phone/item_sealer.h"
#include "amanat/phone/sealing_session.h"
#include "amanat/phone/tree_writer.h"
#include "amanat/seal/pack_reader.h"
#include "amanat/seal/statement.h"

namespace amanat::phone {
namespace {

/// A keyring with one grant and one compartment, records in a folder, and packs in memory.
struct Vault {
  std::filesystem::path folder;
  ManualClock clock{instant_from_millis(1'790'000'000'000)};
  seal::KeyringBody body;
  crypto::Signer consent_key = crypto::Signer::random();
  std::vector<StatedPack> packs;
  std::optional<PhoneRecords> records;

  Vault() {
    std::string pattern = (std::filesystem::temp_directory_path() / "amanat-seal-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    auto opened = PhoneRecords::open(folder / "phone.db");
    REQUIRE(opened);
    records.emplace(std::move(*opened));

    seal::KeyringGrant grant;
    grant.category = consent::Category::documents;
    grant.commitment = crypto::random_id<consent::GrantId>();
    grant.decision = crypto::random_id<consent::DecisionHash>();
    grant.consent_seed = consent_key.seed().duplicate();
    grant.keys.push_back({.generation = 1, .key = crypto::random_key<seal::GrantKey>()});
    body.compartments.push_back({.id = crypto::random_id<seal::CompartmentId>(),
                                 .device = {},
                                 .grants = {grant.commitment}});
    body.grants.push_back(std::move(grant));
  }
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  ~Vault() { std::filesystem::remove_all(folder); }

  const seal::CompartmentId& compartment() const { return body.compartments.front().id; }

  std::unique_ptr<SealingSession> open() {
    auto names = FileRecords(*records).blob_names(compartment());
    REQUIRE(names);
    auto session = SealingSession::open(
        body, compartment(), std::move(*names), clock, [this](StatedPack pack) -> Result<Bytes> {
          auto kept = records->keep_pack({.id = pack.pack.id,
                                          .compartment = pack.compartment,
                                          .frames = pack.pack.frames,
                                          .generation = pack.pack.generation},
                                         pack.pack.entries);
          if (!kept) return carry(kept);
          packs.push_back(std::move(pack));
          return Bytes();
        });
    REQUIRE(session);
    return std::move(*session);
  }
};

}  // namespace

TEST_CASE("a pack leaves with a statement that its consent key signed") {
  Vault vault;
  const auto session = vault.open();
  REQUIRE(session->store(seal::BlobType::data, as_bytes("some words")));
  REQUIRE(session->finish_pack(seal::Padding::ladder));
  REQUIRE(vault.packs.size() == 1);
  auto object = seal::Statement<seal::Object>::parse(vault.packs[0].statement);
  REQUIRE(object);
  auto body = object->verify(vault.consent_key.public_key());
  REQUIRE(body);
  CHECK((*body)->pack == vault.packs[0].pack.id);
  CHECK((*body)->frames == 4);
  REQUIRE((*body)->grants.size() == 1);
  CHECK((*body)->grants[0].category == consent::Category::documents);
}

TEST_CASE("what is known is not sealed again, in this session or the next") {
  Vault vault;
  {
    const auto session = vault.open();
    const auto first = session->store(seal::BlobType::data, as_bytes("some words"));
    const auto second = session->store(seal::BlobType::data, as_bytes("some words"));
    REQUIRE(first);
    CHECK(*first == second.value());
    REQUIRE(session->finish_pack(seal::Padding::ladder));
    CHECK(vault.packs[0].pack.entries.size() == 1);
  }
  const auto session = vault.open();
  REQUIRE(session->store(seal::BlobType::data, as_bytes("some words")));
  REQUIRE(session->finish_pack(seal::Padding::ladder));
  CHECK(vault.packs.size() == 1);
}

TEST_CASE("paths are in the order of a walk: what is in a folder comes in its place") {
  std::vector<std::string> paths{"a.txt", "a/b", "a b", "a", "a/a/z", "B"};
  std::ranges::sort(paths, comes_before);
  CHECK(paths == std::vector<std::string>{"B", "a", "a/a/z", "a/b", "a b", "a.txt"});
}

TEST_CASE("a tree's first pack names itself; later roots find older blobs through segments") {
  Vault vault;
  FileRecords files(*vault.records);
  auto root = files.open_root("/data/phone");
  REQUIRE(root);
  const seal::Node folder{
      .name = "", .mode = 0755, .attributes = {}, .content = seal::FolderContent{}};
  REQUIRE(files.set_root_node(root->id, folder.encode()));
  const auto keep = [&](SealingSession& session, const std::string& path, const char* text) {
    auto name = session.store(seal::BlobType::data, as_bytes(text));
    REQUIRE(name);
    const auto size = std::string_view(text).size();
    const seal::Node node{
        .name = name_of_path(path),
        .mode = 0644,
        .attributes = {},
        .content = seal::FileContent{
            .size = size,
            .holes = {},
            .parts = {{.compartment = vault.compartment(), .length = size, .names = {*name}}}}};
    FileRow row;
    row.path = path;
    row.compartment = vault.compartment();
    row.categories = {consent::Category::documents};
    row.node = node.encode();
    REQUIRE(files.keep_files(root->id, {row}));
  };

  {
    const auto session = vault.open();
    keep(*session, "notes/a.txt", "first");
    auto folders = read_tree_folders(files);
    REQUIRE(folders);
    auto tree = write_tree(files, *folders, *session);
    REQUIRE(tree);
    REQUIRE(*tree);
    CHECK((*tree)->segments.empty());
    CHECK((*tree)->tree.pack == vault.packs.back().pack.id);
    REQUIRE(files.keep_tree(**tree));
  }
  const auto session = vault.open();
  keep(*session, "notes/b.txt", "second");
  auto folders = read_tree_folders(files);
  REQUIRE(folders);
  auto tree = write_tree(files, *folders, *session);
  REQUIRE(tree);
  REQUIRE(*tree);
  REQUIRE(vault.packs.size() == 2);
  REQUIRE((*tree)->segments.size() == 1);
  CHECK((*tree)->segments[0].pack == vault.packs[1].pack.id);
  CHECK((*tree)->indexed == std::vector<seal::PackId>{vault.packs[0].pack.id});

  auto keys = seal::compartment_keys(vault.body, vault.compartment(), 1);
  REQUIRE(keys);
  auto source = seal::source_over(vault.packs[1].pack.bytes);
  REQUIRE(source);
  auto reader = seal::PackReader::open(std::move(*source), seal::access_of(*keys));
  REQUIRE(reader);
  auto directory = reader->directory();
  REQUIRE(directory);
  const auto entry = std::ranges::find(*directory, (*tree)->tree.root, &seal::PackEntry::name);
  REQUIRE(entry != directory->end());
  auto bytes = reader->read_blob(*entry);
  REQUIRE(bytes);
  auto read = seal::TreeRoot::parse(*bytes);
  REQUIRE(read);
  REQUIRE(read->roots.size() == 1);
  CHECK(read->roots[0].path == "/data/phone");
  REQUIRE(read->segments.size() == 1);
  CHECK(read->segments[0].pack.is_zero());
}

TEST_CASE("a tree that comes out as before is stored anew, so that its places are true") {
  Vault vault;
  FileRecords files(*vault.records);
  auto root = files.open_root("/data/phone");
  REQUIRE(root);
  const seal::Node folder{
      .name = "", .mode = 0755, .attributes = {}, .content = seal::FolderContent{}};
  REQUIRE(files.set_root_node(root->id, folder.encode()));
  const auto write = [&] {
    const auto session = vault.open();
    auto name = session->store(seal::BlobType::data, as_bytes("text"));
    REQUIRE(name);
    const seal::Node node{
        .name = "a.txt",
        .mode = 0644,
        .attributes = {},
        .content = seal::FileContent{
            .size = 4,
            .holes = {},
            .parts = {{.compartment = vault.compartment(), .length = 4, .names = {*name}}}}};
    FileRow row;
    row.path = "a.txt";
    row.compartment = vault.compartment();
    row.categories = {consent::Category::documents};
    row.node = node.encode();
    REQUIRE(files.keep_files(root->id, {row}));
    auto folders = read_tree_folders(files);
    REQUIRE(folders);
    auto tree = write_tree(files, *folders, *session);
    REQUIRE(tree);
    REQUIRE(*tree);
    return std::move(**tree);
  };
  const auto forget_segments = [&](const seal::PackId& indexed, const seal::PackId& unindexed) {
    store::Database& database = vault.records->database();
    REQUIRE(database.execute("DELETE FROM segments"));
    REQUIRE(database.run("UPDATE packs SET indexed = 1 WHERE id = ?", indexed));
    REQUIRE(database.run("UPDATE packs SET indexed = 0 WHERE id = ?", unindexed));
  };
  REQUIRE(files.keep_tree(write()));  // one pack that shows itself
  REQUIRE(files.keep_tree(write()));  // a segment for the first pack, in the second
  REQUIRE(vault.packs.size() == 2);
  // As if the second run had been cut off: the third makes the same segment and the same root.
  forget_segments(vault.packs[1].pack.id, vault.packs[0].pack.id);
  const auto third = write();
  REQUIRE(vault.packs.size() == 3);
  CHECK(third.tree.pack == vault.packs[2].pack.id);
  REQUIRE(third.segments.size() == 1);
  CHECK(third.segments[0].pack == vault.packs[2].pack.id);
  CHECK(files.pack_of(vault.compartment(), third.segments[0].name).value()
        == vault.packs[2].pack.id);

  // A place that is not true is found, and all is indexed again.
  REQUIRE(files.keep_tree(third));
  REQUIRE(vault.records->database().run("UPDATE segments SET pack = ?", vault.packs[0].pack.id));
  const auto fourth = write();
  CHECK(fourth.replaces_segments);
  CHECK(fourth.indexed.size() == 3);
}

TEST_CASE("a node fits a page or it does not, however many blobs it lists") {
  const auto node_of = [](std::size_t parts, std::size_t names) {
    seal::FileContent content;
    for (std::size_t i = 0; i < parts; ++i) {
      content.parts.push_back({.compartment = {},
                               .offset = content.size,
                               .length = names,
                               .names = std::vector<seal::BlobName>(names)});
      content.size += names;
    }
    return seal::Node{.name = "file", .attributes = {}, .content = std::move(content)};
  };
  CHECK(fits_page(node_of(1, 131'000)));
  CHECK_FALSE(fits_page(node_of(1, 131'072)));
  CHECK_FALSE(fits_page(node_of(1, 300'000)));  // more than a node can list at all
  CHECK_FALSE(fits_page(node_of(62'000, 1)));
  CHECK_FALSE(fits_page(node_of(1, 10), 400));
}

TEST_CASE("a withdrawn grant's compartment takes nothing any more") {
  Vault vault;
  vault.body.grants.front().state = seal::GrantState::withdrawn;
  vault.body.grants.front().keys.clear();
  auto session = SealingSession::open(vault.body, vault.compartment(), {}, vault.clock,
                                      [](StatedPack) -> Result<Bytes> { return Bytes(); });
  REQUIRE_FALSE(session);
  CHECK(session.error().code == Code::denied);
}

TEST_CASE("files, folders and trees are remembered and forgotten with their compartment") {
  Vault vault;
  FileRecords files(*vault.records);
  auto root = files.open_root("/data/phone");
  REQUIRE(root);
  CHECK(files.open_root("/data/phone").value().id == root->id);
  FileRow kept;
  kept.path = std::string("a/\xff.txt");  // names are bytes
  kept.compartment = vault.compartment();
  kept.stamp = {.device = ~0ULL, .inode = ~0ULL, .size = 5, .mtime_ns = -7, .ctime_ns = 8};
  kept.categories = {consent::Category::documents};
  FileRow left;
  left.path = "b";
  left.state = FileState::threat;
  left.reason = "Eicar-Test-Signature";
  left.categories = {consent::Category::other};
  REQUIRE(files.keep_files(root->id, {kept, left}));
  REQUIRE(files.mark_unsaved({vault.compartment()}));
  auto rows = files.files(root->id);
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  CHECK(rows->front().path == kept.path);
  CHECK(rows->front().stamp == kept.stamp);
  CHECK(files.unsaved_trees().value().size() == 1);
  CHECK(files.counts().value().size() == 2);

  REQUIRE(vault.records->forget_compartment(vault.compartment()));
  CHECK(files.files(root->id).value().size() == 1);
  CHECK(files.unsaved_trees().value().empty());
}

}  // namespace amanat::phone
