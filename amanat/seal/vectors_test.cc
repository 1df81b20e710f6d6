// Runs vectors/: one case per file, named after what is wrong with it. `kind` says what it is:
//
//   pack        `base` names another file with keys and `bytes`; `edit: OFFSET HEX`, `swap: A B
//   SIZE`
//               and `truncate: SIZE` are then done to those bytes, in this order of the file.
//               `entry: NAME OFFSET STORED RAW CODEC DICTIONARY TYPE` and `blob: SHA-256` are what
//               the directory and the blobs must be, in order. Keys follow from the grant keys,
//               `first key` and `key` in registry order.
//   statement   `body` is one of object, device, commit; checked under `public key`
//   struct      `body` is one of tree-root, folder-page, node, index
//   snapshot    opened with `account` and `key`
//   keyring     opened with `key`; `grant: CATEGORY PURPOSE STATE COMMITMENT`
//   keyring-statement   checked as version 1, or as the successor of the statement in `previous`
//   recovery    `phrase` opens the recovery wrap of the statement and the `sealed` keyring
//
// `expect` is accepted or the code of the refusal. write_vectors_test.cc wrote them.

#include <set>

#include "amanat/seal/test_world.h"
#include "amanat/seal/vector_file.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

void edit(Bytes& bytes, const VectorFile& vector) {
  for (const std::string& line : vector.all("swap")) {
    const auto words = words_of(line);
    const auto a = static_cast<std::ptrdiff_t>(VectorFile::number_in(words.at(0)));
    const auto b = static_cast<std::ptrdiff_t>(VectorFile::number_in(words.at(1)));
    const auto size = static_cast<std::ptrdiff_t>(VectorFile::number_in(words.at(2)));
    std::swap_ranges(bytes.begin() + a, bytes.begin() + a + size, bytes.begin() + b);
  }
  for (const std::string& line : vector.all("edit")) {
    const auto words = words_of(line);
    const Bytes patch = from_hex(words.at(1)).value();
    std::ranges::copy(
        patch, bytes.begin() + static_cast<std::ptrdiff_t>(VectorFile::number_in(words.at(0))));
  }
  for (const std::string& line : vector.all("truncate")) bytes.resize(VectorFile::number_in(line));
}

CompartmentKeys keys_in(const VectorFile& vector) {
  const auto read = [&](std::string_view name) {
    std::vector<GrantKey> keys;
    for (const std::string& hex : vector.all(name)) {
      keys.push_back(GrantKey::from(from_hex(hex).value()).value());
    }
    return keys;
  };
  const auto pointers = [](const std::vector<GrantKey>& keys) {
    std::vector<const GrantKey*> all;
    for (const GrantKey& key : keys) all.push_back(&key);
    return all;
  };
  const auto first = read("first key");
  const auto current = read("key");
  const CompartmentName name{vector.of<CompartmentId>("compartment"),
                             consent::purpose_from_name(vector.text("purpose")).value()};
  CompartmentKeys keys;
  keys.id = name.id;
  keys.generation = static_cast<Generation>(vector.number("generation"));
  keys.wrap = derive_wrap_key(name, keys.generation, pointers(current));
  keys.name = derive_name_key(name, pointers(first));
  keys.chunk = derive_chunk_key(name, pointers(first));
  keys.cut = derive_cut_key(name, pointers(first));
  for (const std::string& hex : vector.all("decision")) {
    keys.decisions.push_back(consent::DecisionHash::from_hex(hex).value());
  }
  CHECK(to_hex(keys.wrap.expose()) == vector.text("wrap key"));
  CHECK(to_hex(keys.name.expose()) == vector.text("name key"));
  CHECK(to_hex(keys.chunk.expose()) == vector.text("chunk key"));
  CHECK(to_hex(keys.cut.expose()) == vector.text("cut key"));
  return keys;
}

std::string line_of(const PackEntry& entry) {
  std::string line = entry.name.hex();
  for (const unsigned number :
       {entry.offset, entry.stored, entry.raw, static_cast<unsigned>(entry.codec),
        unsigned{entry.dictionary}, static_cast<unsigned>(entry.type)}) {
    line += " " + std::to_string(number);
  }
  return line;
}

Result<> run_pack(const VectorFile& vector) {
  const VectorFile base(vector.all("base").empty() ? "pack_sound" : vector.text("base"));
  Bytes pack = base.bytes("bytes");
  CHECK(pack_id_of(pack).hex() == base.text("id"));
  edit(pack, vector);
  const CompartmentKeys keys = keys_in(base);
  auto source = source_over(pack);
  if (!source) return carry(source);
  auto reader = PackReader::open(*source, access_of(keys));
  if (!reader) return carry(reader);
  auto directory = reader->directory();
  if (!directory) return carry(directory);
  std::vector<std::string> entries;
  std::vector<std::string> blobs;
  for (const PackEntry& entry : *directory) {
    auto blob = reader->read_blob(entry);
    if (!blob) return carry(blob);
    entries.push_back(line_of(entry));
    blobs.push_back(crypto::sha256(*blob).hex());
  }
  CHECK(entries == base.all("entry"));
  CHECK(blobs == base.all("blob"));
  return {};
}

template <class Body>
Result<> run_statement(const VectorFile& vector) {
  auto statement = Statement<Body>::parse(vector.bytes("bytes"));
  if (!statement) return carry(statement);
  auto body = statement->verify(vector.of<crypto::PublicKey>("public key"));
  if (!body) return carry(body);
  CHECK((*body)->encode() == Body::parse((*body)->encode())->encode());
  return {};
}

Result<> run_any_statement(const VectorFile& vector) {
  if (vector.text("body") == "object") return run_statement<Object>(vector);
  if (vector.text("body") == "commit") return run_statement<Commit>(vector);
  REQUIRE(vector.text("body") == "device");
  auto device = open_device(vector.bytes("bytes"));
  if (!device) return carry(device);
  return {};
}

template <class Struct>
Result<> run_struct(const VectorFile& vector) {
  const Bytes bytes = vector.bytes("bytes");
  auto parsed = Struct::parse(bytes);
  if (!parsed) return carry(parsed);
  CHECK(parsed->encode() == bytes);
  return {};
}

Result<> run_any_struct(const VectorFile& vector) {
  const std::string body = vector.text("body");
  if (body == "tree-root") return run_struct<TreeRoot>(vector);
  if (body == "folder-page") return run_struct<FolderPage>(vector);
  if (body == "node") return run_struct<Node>(vector);
  REQUIRE(body == "index");
  return run_struct<IndexSegment>(vector);
}

Result<> run_snapshot(const VectorFile& vector) {
  auto snapshot = open_snapshot(vector.bytes("bytes"), vector.of<AccountId>("account"),
                                vector.of<SnapshotKey>("key"));
  if (!snapshot) return carry(snapshot);
  CHECK(snapshot->encode() == vector.bytes("plain"));
  return {};
}

Result<> run_keyring(const VectorFile& vector) {
  auto body = open_keyring(vector.bytes("bytes"), vector.of<KeyringKey>("key"));
  if (!body) return carry(body);
  std::vector<std::string> grants;
  for (const KeyringGrant& grant : body->grants) {
    grants.push_back(std::string(consent::name_of(grant.category)) + " "
                     + std::string(consent::name_of(grant.purpose)) + " "
                     + std::to_string(static_cast<int>(grant.state)) + " "
                     + grant.commitment.hex());
  }
  CHECK(grants == vector.all("grant"));
  return {};
}

Result<> run_keyring_statement(const VectorFile& vector) {
  auto statement = KeyringStatement::parse(vector.bytes("bytes"));
  if (!statement) return carry(statement);
  const Bytes before = vector.bytes("previous");
  if (before.empty()) return verify_first(*statement);
  return verify_successor(KeyringStatement::parse(before).value(), *statement);
}

Result<> run_recovery(const VectorFile& vector) {
  auto entropy = read_phrase(vector.text("phrase"));
  if (!entropy) return carry(entropy);
  auto statement = KeyringStatement::parse(vector.bytes("bytes"));
  if (!statement) return carry(statement);
  const KeyringTerms& terms = statement->terms_unverified();
  auto key = open_recovery_wrap(terms.place(), terms.recovery_wrap, recovery_key_of(*entropy));
  if (!key) return carry(key);
  const Bytes sealed = vector.bytes("sealed");
  auto body = open_keyring(sealed, *key);
  if (!body) return carry(body);
  if (auto same = match_keyring(*statement, sealed, *body); !same) return carry(same);
  return verify_for_recovery(*statement, *body, phrase_signer_of(*entropy).public_key());
}

Result<> run(const VectorFile& vector) {
  const std::string kind = vector.text("kind");
  if (kind == "pack") return run_pack(vector);
  if (kind == "statement") return run_any_statement(vector);
  if (kind == "struct") return run_any_struct(vector);
  if (kind == "snapshot") return run_snapshot(vector);
  if (kind == "keyring") return run_keyring(vector);
  if (kind == "recovery") return run_recovery(vector);
  REQUIRE(kind == "keyring-statement");
  return run_keyring_statement(vector);
}

}  // namespace

TEST_CASE("every golden file is accepted or refused as it says") {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kVectorFolder)) {
    names.insert(entry.path().filename().string());
  }
  CHECK(names.size() >= 40);
  for (const std::string& name : names) {
    CAPTURE(name);
    const VectorFile vector(name);
    const auto result = run(vector);
    const std::string verdict = result ? "accepted" : std::string(name_of(result.error().code));
    CHECK(verdict == vector.text("expect"));
  }
}
