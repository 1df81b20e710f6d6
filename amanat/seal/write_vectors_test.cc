// Writes vectors/ anew when the formats change: seal_test --no-skip -tc="the golden files*".
//
// Packs replay from a fixed random stream; sealed keyrings and wraps are fresh each time, with
// their keys beside them.

#include <algorithm>

#include "amanat/seal/frame.h"
#include "amanat/seal/test_world.h"
#include "amanat/seal/vector_file.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

VectorFile start(std::string_view kind, std::string_view expect) {
  VectorFile vector;
  vector.add("expect", expect);
  vector.add("source", "amanat, seal_test --no-skip");
  vector.add("kind", kind);
  return vector;
}

Node file_node(std::string name, std::uint64_t size, const CompartmentId& compartment,
               const BlobName& blob) {
  Node node;
  node.name = std::move(name);
  node.mode = 0640;
  node.mtime_ns = 1'795'500'000'123'456'789;
  node.attributes = {{"user.origin", Bytes{'c', 'a', 'm'}}};
  node.content = FileContent{.size = size, .holes = {}, .parts = {{compartment, 0, size, {blob}}}};
  return node;
}

Node folder_node(std::string name, std::vector<BlobName> pages) {
  Node node;
  node.name = std::move(name);
  node.mode = 0750;
  node.mtime_ns = -1;
  node.content = FolderContent{std::move(pages)};
  return node;
}

IndexSegment earlier_segment() {
  const IndexedPack earlier{
      .pack = {id_of<PackId>("earlier"), 256, 1},
      .entries = {
          {.name = id_of<BlobName>("known"),
           .offset = 65'000,
           .stored = 1'000,
           .raw = 4'000,
           .codec = BlobCodec::zstd},
          {.name = id_of<BlobName>("also known"), .offset = 66'000, .stored = 70, .raw = 70}}};
  return index_packs(std::vector{earlier}).front();
}

// A pack of 4 frames: two files, their folder page, an index segment and the tree root.
struct SoundPack {
  CompartmentKeys keys = compartment_of("vectors");
  FolderPage page;
  TreeRoot root;
  SealedPack sealed;
  std::vector<Bytes> blobs;

  SoundPack() {
    PackWriter writer(keys, Stream("vectors pack"));
    const auto put = [&](BlobType type, Bytes plain, Compression compression) {
      const BlobName name = name_blob(keys.name, type, plain);
      REQUIRE(writer.add(name, type, plain, compression));
      blobs.push_back(std::move(plain));
      return name;
    };
    const auto photo = put(BlobType::data, bytes_of("photo", 150'000), Compression::none);
    const auto text = put(BlobType::data, text_of(20'000), Compression::zstd);
    const auto empty = put(BlobType::data, {}, Compression::zstd);
    CHECK(empty != text);
    Node link;
    link.name = "latest";
    link.mode = 0777;
    link.content = LinkContent{"photo.jpg"};
    page.nodes = {folder_node("empty", {}), link, file_node("notes.txt", 20'000, keys.id, text),
                  file_node("photo.jpg", 150'000, keys.id, photo)};
    std::get<FileContent>(page.nodes[3].content).size = 250'000;
    std::get<FileContent>(page.nodes[3].content).holes = {{150'000, 100'000}};
    const auto page_name = put(BlobType::tree, page.encode(), Compression::zstd);
    const auto segment = put(BlobType::index, earlier_segment().encode(), Compression::zstd);
    root.segments = {{PackId{}, segment}};
    root.roots = {{"/storage/emulated/0/DCIM", folder_node("", {page_name})}};
    put(BlobType::tree, root.encode(), Compression::zstd);
    sealed = writer.finish(Padding::ladder).value();
    CHECK(sealed.frames == 4);
  }
};

void write_sound_pack(const SoundPack& pack) {
  VectorFile vector = start("pack", "accepted");
  vector.add("compartment", pack.keys.id.hex());
  vector.add("purpose", "custody");
  vector.add("generation", 2);
  for (const std::string_view name : {"vectors photos 1", "vectors location 1"}) {
    vector.add("first key", key_of<GrantKey>(name).expose());
  }
  for (const std::string_view name : {"vectors photos 2", "vectors location 2"}) {
    vector.add("key", key_of<GrantKey>(name).expose());
  }
  for (const auto& decision : pack.keys.decisions) vector.add("decision", decision.hex());
  vector.add("wrap key", pack.keys.wrap.expose());
  vector.add("name key", pack.keys.name.expose());
  vector.add("chunk key", pack.keys.chunk.expose());
  vector.add("cut key", pack.keys.cut.expose());
  vector.add("frames", pack.sealed.frames);
  vector.add("id", pack.sealed.id.hex());
  for (std::size_t i = 0; i < pack.blobs.size(); ++i) {
    const PackEntry& entry = pack.sealed.entries[i];
    std::string line = entry.name.hex();
    for (const unsigned number :
         {entry.offset, entry.stored, entry.raw, static_cast<unsigned>(entry.codec),
          unsigned{entry.dictionary}, static_cast<unsigned>(entry.type)}) {
      line += " " + std::to_string(number);
    }
    vector.add("entry", line);
    vector.add("blob", crypto::sha256(pack.blobs[i]).hex());
  }
  vector.add("bytes", ByteView(pack.sealed.bytes));
  vector.save("pack_sound");
}

std::string edit_line(std::size_t offset, ByteView bytes) {
  return std::to_string(offset) + " " + to_hex(bytes);
}

// Attacks by one who holds the bytes alone.
void write_outside_attacks(const SoundPack& pack) {
  const std::size_t header = 4 * kFrameBytes;
  const auto save = [&](const std::string& name, std::string_view expect, std::string_view field,
                        const std::string& value) {
    VectorFile vector = start("pack", expect);
    vector.add("base", "pack_sound");
    vector.add(field, value);
    vector.save(name);
  };
  const auto bent = [&](std::size_t at) {
    return edit_line(at, std::array{static_cast<std::uint8_t>(pack.sealed.bytes[at] ^ 1)});
  };
  save("pack_tag_bent", "forged", "edit", bent(2 * kFrameBytes - 1));
  save("pack_last_tag_bent", "forged", "edit", bent(4 * kFrameBytes - 1));
  save("pack_frame_bent", "forged", "edit", bent(1'000));
  save("pack_frame_swapped", "forged", "swap", "0 65536 65536");
  save("pack_last_frame_swapped", "forged", "swap", "131072 196608 65536");
  save("pack_header_frames_lied", "invalid_input", "edit",
       edit_line(header + 12, std::array<std::uint8_t, 4>{0, 0, 0, 3}));
  save("pack_magic_unknown", "invalid_input", "edit", bent(header));
  save("pack_suite_unknown", "invalid_input", "edit",
       edit_line(header + 8, std::array<std::uint8_t, 1>{2}));
  save("pack_frame_size_unknown", "invalid_input", "edit",
       edit_line(header + 9, std::array<std::uint8_t, 1>{17}));
  save("pack_flag_set", "invalid_input", "edit", bent(header + 11));
  save("pack_generation_zero", "invalid_input", "edit",
       edit_line(header + 80, std::array<std::uint8_t, 2>{0, 0}));
  save("pack_generation_bent", "forged", "edit",
       edit_line(header + 80, std::array<std::uint8_t, 2>{0, 3}));
  save("pack_field_zeros_bent", "invalid_input", "edit", bent(header + 95));
  save("pack_header_zeros_bent", "invalid_input", "edit", bent(header + 4'095));
  save("pack_salt_bent", "forged", "edit", bent(header + 16));
  save("pack_commitment_bent", "forged", "edit", bent(header + 32));
  save("pack_slot_bent", "forged", "edit", bent(header + 96 + 20));
  save("pack_compartment_bent", "invalid_input", "edit", bent(header + 64));
  save("pack_unused_slots_random", "accepted", "edit", bent(header + 96 * 9));
  save("pack_truncated", "invalid_input", "truncate", std::to_string(header));
  save("pack_truncated_in_frame", "invalid_input", "truncate", std::to_string(header - 1));
}

// Attacks by one who made the pack, or who holds its key.
struct Insider {
  const SoundPack& pack;
  PackHeader header = PackHeader::parse(ByteView(pack.sealed.bytes).last(4'096)).value();
  PackKey key = open_slot();

  PackKey open_slot() const {
    const ByteView slot = slot_of(ByteView(pack.sealed.bytes).last(4'096), 0);
    crypto::GcmNonce nonce{};
    std::ranges::copy(slot.first(12), nonce.begin());
    PackKey opened;
    REQUIRE(crypto::Gcm(pack.keys.wrap.expose())
                .open(nonce, slot_aad(header, pack.keys.decisions), slot.subspan(12, 48),
                      opened.expose()));
    return opened;
  }

  // Replaces plain bytes and seals their frame again: what changes is those bytes and the tag.
  void save_plain(const std::string& name, std::string_view expect, std::size_t offset,
                  ByteView plain) const {
    const auto frame = static_cast<std::uint32_t>(offset / kFramePlainBytes);
    const std::size_t within = offset % kFramePlainBytes;
    REQUIRE(within + plain.size() <= kFramePlainBytes);
    const Bytes aad = frame_aad(header.salt, header.compartment);
    crypto::Gcm gcm(key.expose());
    Bytes opened(kFramePlainBytes);
    REQUIRE(gcm.open(frame_nonce(frame, frame == 3), aad,
                     ByteView(pack.sealed.bytes).subspan(frame * kFrameBytes, kFrameBytes),
                     opened));
    std::ranges::copy(plain, opened.begin() + static_cast<std::ptrdiff_t>(within));
    Bytes sealed(kFrameBytes);
    gcm.seal(frame_nonce(frame, frame == 3), aad, opened, sealed);
    VectorFile vector = start("pack", expect);
    vector.add("base", "pack_sound");
    const std::size_t begin = frame * kFrameBytes;
    vector.add("edit", edit_line(begin + within, ByteView(sealed).subspan(within, plain.size())));
    vector.add("edit", edit_line(begin + kFramePlainBytes, ByteView(sealed).last(16)));
    vector.save(name);
  }

  void save_header(const std::string& name, std::string_view expect, const PackHeader& changed,
                   const WrapKey& wrap) const {
    Bytes slot(60);
    crypto::Gcm(wrap.expose())
        .seal(crypto::GcmNonce{}, slot_aad(changed, pack.keys.decisions), key.expose(),
              ByteSpan(slot).subspan(12));
    VectorFile vector = start("pack", expect);
    vector.add("base", "pack_sound");
    vector.add("edit", edit_line(4 * kFrameBytes, changed.encode()));
    vector.add("edit", edit_line(4 * kFrameBytes + 96, slot));
    vector.save(name);
  }
};

void write_inside_attacks(const SoundPack& pack) {
  const Insider insider{pack};
  const auto& entries = pack.sealed.entries;
  const std::size_t directory = entries.back().offset + entries.back().stored;
  const auto with = [&](std::size_t index, auto change) {
    auto changed = entries;
    change(changed[index]);
    return encode_directory(changed);
  };
  const auto save = [&](const std::string& name, std::string_view expect, std::size_t index,
                        auto change) {
    insider.save_plain("pack_" + name, expect, directory, with(index, change));
  };
  save("directory_overlap", "invalid_input", 1, [](PackEntry& e) { e.offset -= 1; });
  auto swapped = entries;
  std::swap(swapped[3], swapped[4]);
  insider.save_plain("pack_directory_unordered", "invalid_input", directory,
                     encode_directory(swapped));
  save("directory_entry_outside", "invalid_input", 5, [](PackEntry& e) { e.offset += 1; });
  save("directory_offset_wraps", "invalid_input", 5, [](PackEntry& e) { e.offset = 0xfffffff0; });
  save("directory_raw_too_large", "invalid_input", 1, [](PackEntry& e) { e.raw = (8 << 20) + 1; });
  save("directory_raw_one_more", "invalid_input", 1, [](PackEntry& e) { e.raw += 1; });
  save("directory_raw_one_fewer", "invalid_input", 1, [](PackEntry& e) { e.raw -= 1; });
  save("directory_stored_above_raw", "invalid_input", 1,
       [](PackEntry& e) { e.raw = e.stored - 1; });
  save("directory_two_sizes_uncompressed", "invalid_input", 1,
       [](PackEntry& e) { e.codec = BlobCodec::none; });
  save("directory_codec_unknown", "invalid_input", 1,
       [](PackEntry& e) { e.codec = static_cast<BlobCodec>(3); });
  save("directory_type_unknown", "invalid_input", 1,
       [](PackEntry& e) { e.type = static_cast<BlobType>(5); });
  save("directory_name_lied", "forged", 1, [](PackEntry& e) { e.name = id_of<BlobName>("lie"); });
  save("directory_type_lied", "forged", 1, [](PackEntry& e) { e.type = BlobType::tree; });
  const std::size_t trailer = 4 * kFramePlainBytes - 8;
  insider.save_plain("pack_directory_outside", "invalid_input", trailer,
                     std::array<std::uint8_t, 4>{0, 3, 0xff, 0xff});
  insider.save_plain("pack_directory_too_long", "invalid_input", trailer + 4,
                     std::array<std::uint8_t, 4>{0xff, 0xff, 0xff, 0xff});
  insider.save_plain("pack_blob_not_zstd", "invalid_input", entries[1].offset,
                     std::array<std::uint8_t, 4>{});
  insider.save_plain("pack_blob_bent_and_resealed", "forged", 17, std::array<std::uint8_t, 2>{});

  PackHeader other_key = insider.header;
  other_key.commitment = commit_pack_key(insider.header, key_of<PackKey>("another"));
  insider.save_header("pack_commitment_of_other_key", "forged", other_key, pack.keys.wrap);
  insider.save_header("pack_slot_of_other_compartment", "forged", insider.header,
                      compartment_of("another").wrap);
}

void write_bytes(const std::string& name, VectorFile vector, ByteView bytes) {
  vector.add("bytes", bytes);
  vector.save(name);
}

void write_structs(const SoundPack& pack) {
  const auto save = [](const std::string& name, std::string_view body, std::string_view expect,
                       ByteView bytes) {
    VectorFile vector = start("struct", expect);
    vector.add("body", body);
    write_bytes(name, vector, bytes);
  };
  save("tree_root_sound", "tree-root", "accepted", pack.root.encode());
  TreeRoot root = pack.root;
  root.roots[0].path = "/a/../b";
  save("tree_root_path_climbs", "tree-root", "invalid_input", root.encode());
  root = pack.root;
  root.dictionaries = {{1, {}}, {1, {}}};
  save("tree_root_dictionary_twice", "tree-root", "invalid_input", root.encode());

  save("folder_page_sound", "folder-page", "accepted", pack.page.encode());
  const auto page_with = [&](auto change) {
    FolderPage page = pack.page;
    change(page);
    return page.encode();
  };
  save("folder_page_unordered", "folder-page", "invalid_input",
       page_with([](FolderPage& page) { std::swap(page.nodes[0], page.nodes[1]); }));
  save("folder_page_name_climbs", "folder-page", "invalid_input",
       page_with([](FolderPage& page) { page.nodes[0].name = ".."; }));
  save("folder_page_name_with_slash", "folder-page", "invalid_input",
       page_with([](FolderPage& page) { page.nodes[0].name = "a/b"; }));
  save("folder_page_without_nodes", "folder-page", "invalid_input",
       page_with([](FolderPage& page) { page.nodes.clear(); }));
  save("folder_page_file_with_gap", "folder-page", "invalid_input", page_with([](FolderPage& page) {
         std::get<FileContent>(page.nodes[3].content).holes[0].offset += 1;
       }));
  save("folder_page_mode_unknown", "folder-page", "invalid_input",
       page_with([](FolderPage& page) { page.nodes[0].mode = 0100644; }));

  IndexSegment segment = earlier_segment();
  save("index_sound", "index", "accepted", segment.encode());
  std::swap(segment.entries[0], segment.entries[1]);
  save("index_unordered", "index", "invalid_input", segment.encode());
  segment = earlier_segment();
  segment.entries[0].pack = 1;
  save("index_pack_unknown", "index", "invalid_input", segment.encode());
  Bytes longer = earlier_segment().encode();
  longer.push_back(0);
  save("index_bytes_left_over", "index", "invalid_input", longer);
}

void write_statements(const SoundPack& pack) {
  const auto signer = signer_of("vectors consent");
  const auto save = [](const std::string& name, std::string_view body, std::string_view expect,
                       const crypto::Signer& by, Bytes bytes) {
    VectorFile vector = start("statement", expect);
    vector.add("body", body);
    vector.add("public key", by.public_key().bytes());
    write_bytes(name, vector, bytes);
  };
  Object object{.pack = pack.sealed.id,
                .frames = pack.sealed.frames,
                .purpose = consent::Purpose::custody,
                .compartment = pack.keys.id,
                .generation = 2,
                .grants = {{consent::Category::photos, id_of<consent::GrantId>("photos")},
                           {consent::Category::location, id_of<consent::GrantId>("location")}},
                .sealed_minute = minute_of(moment())};
  const Bytes sound = sign(object, signer);
  save("object_sound", "object", "accepted", signer, sound);
  Bytes bent = sound;
  bent[20] ^= 1;
  save("object_pack_bent", "object", "forged", signer, bent);
  save("object_of_other_signer", "object", "forged", signer_of("another"), sound);
  save("object_truncated", "object", "invalid_input", signer,
       Bytes(sound.begin(), sound.end() - 1));
  std::swap(object.grants[0], object.grants[1]);
  save("object_grants_unordered", "object", "invalid_input", signer, sign(object, signer));
  object.grants.clear();
  save("object_without_grants", "object", "invalid_input", signer, sign(object, signer));

  const auto device_signer = signer_of("vectors device");
  const auto phrase_signer = phrase_signer_of(key_of<PhraseEntropy>("vectors phrase"));
  const Device device{.account = id_of<AccountId>("vectors account"),
                      .device_key = device_signer.public_key(),
                      .one_time_key = crypto::BoxKeyPair::random().public_key,
                      .phrase_key = phrase_signer.public_key(),
                      .made_at = moment()};
  save("device_sound", "device", "accepted", device_signer,
       sign_device(device, device_signer, phrase_signer));
  save("device_without_phrase_signature", "device", "forged", device_signer,
       sign_device(device, device_signer, device_signer));

  Commit commit{.account = device.account,
                .device = device.id(),
                .sequence = 1,
                .previous = {},
                .keyring_version = 1,
                .keyring = id_of<KeyringHash>("keyring"),
                .added = {{pack.sealed.id, pack.sealed.frames}},
                .retired = {id_of<PackId>("retired")},
                .snapshot = bytes_of("snapshot", 100),
                .time = moment()};
  save("commit_sound", "commit", "accepted", device_signer, sign(commit, device_signer));
  commit.retired = {pack.sealed.id};
  save("commit_pack_twice", "commit", "invalid_input", device_signer, sign(commit, device_signer));
  commit.retired.clear();
  commit.previous = id_of<CommitHash>("x");
  save("commit_first_with_previous", "commit", "invalid_input", device_signer,
       sign(commit, device_signer));
}

void write_snapshots(const SoundPack& pack) {
  const auto account = id_of<AccountId>("vectors account");
  const auto key = key_of<SnapshotKey>("vectors snapshot");
  const Snapshot snapshot{
      .device = id_of<DeviceId>("vectors device"),
      .sequence = 1,
      .previous = {},
      .time = moment(),
      .trees = {{pack.keys.id, pack.sealed.id, pack.sealed.entries.back().name}}};
  const Bytes sealed = seal_snapshot(snapshot, account, 2, key);
  const auto save = [&](const std::string& name, std::string_view expect, const AccountId& of,
                        ByteView bytes) {
    VectorFile vector = start("snapshot", expect);
    vector.add("account", of.bytes());
    vector.add("key", key.expose());
    vector.add("plain", ByteView(snapshot.encode()));
    write_bytes(name, vector, bytes);
  };
  save("snapshot_sound", "accepted", account, sealed);
  save("snapshot_of_other_account", "forged", id_of<AccountId>("another"), sealed);
  Bytes bent = sealed;
  bent.back() ^= 1;
  save("snapshot_tag_bent", "forged", account, bent);
  bent = sealed;
  bent[1] ^= 1;
  save("snapshot_generation_bent", "forged", account, bent);
}

// Versions 1 and 2 of a keyring, each with its statement.
struct Keyrings {
  KeyringBody body = keyring_of("vectors");
  PhraseEntropy phrase = key_of<PhraseEntropy>("vectors phrase");
  crypto::Signer device = signer_of("vectors device");
  crypto::Signer phrase_signer = phrase_signer_of(phrase);
  KeyringKey key = key_of<KeyringKey>("vectors KEK");
  Bytes sealed = seal_keyring(body, key).value();

  KeyringTerms terms() const {
    KeyringTerms terms{.account = body.account,
                       .version = body.version,
                       .previous = body.previous,
                       .sealed = hash_keyring(sealed),
                       .recovery_wrap = {},
                       .wraps = {},
                       .next_one_time_key = crypto::BoxKeyPair::random().public_key,
                       .device = body.devices.front().id(),
                       .phrase_key = body.phrase_key,
                       .confirmed = false,
                       .time = moment()};
    terms.recovery_wrap = wrap_for_recovery(terms.place(), key, body.recovery_key);
    const auto one_time = crypto::BoxKeyPair::random().public_key;
    terms.wraps = {
        {terms.device, one_time, wrap_for_device(terms.place(), key, terms.device, one_time)}};
    return terms;
  }
  Bytes sign(const KeyringTerms& terms, std::vector<KeyringSigner> signers) const {
    return sign_keyring(terms, signers);
  }
  Bytes sign_by_both(const KeyringTerms& terms) const {
    return sign(terms, {{KeyringSignerKind::device, device},
                        {KeyringSignerKind::phrase_key, phrase_signer}});
  }
};

void write_keyrings() {
  const Keyrings keyrings;
  const auto save = [&](const std::string& name, std::string_view expect, const KeyringKey& key,
                        ByteView bytes) {
    VectorFile vector = start("keyring", expect);
    vector.add("key", key.expose());
    for (const KeyringGrant& grant : keyrings.body.grants) {
      vector.add("grant", std::string(consent::name_of(grant.category)) + " custody 1 "
                              + grant.commitment.hex());
    }
    write_bytes(name, vector, bytes);
  };
  save("keyring_sound", "accepted", keyrings.key, keyrings.sealed);
  save("keyring_of_other_key", "forged", key_of<KeyringKey>("another"), keyrings.sealed);
  const auto bent = [&](std::size_t at) {
    Bytes bytes = keyrings.sealed;
    bytes[at] ^= 1;
    return bytes;
  };
  save("keyring_version_bent", "forged", keyrings.key, bent(14));
  save("keyring_commitment_bent", "forged", keyrings.key, bent(64));
  save("keyring_nonce_bent", "forged", keyrings.key, bent(96));
  save("keyring_tag_bent", "forged", keyrings.key, bent(keyrings.sealed.size() - 1));
  save("keyring_suite_unknown", "invalid_input", keyrings.key, bent(8));
  save("keyring_truncated", "invalid_input", keyrings.key,
       ByteView(keyrings.sealed).first(kKeyringHeaderBytes));
}

void write_keyring_statements() {
  Keyrings keyrings;
  const auto save = [](const std::string& name, std::string_view expect, ByteView previous,
                       ByteView bytes) {
    VectorFile vector = start("keyring-statement", expect);
    vector.add("previous", previous);
    write_bytes("keyring_statement_" + name, vector, bytes);
  };
  const auto stranger = signer_of("stranger");
  const KeyringTerms terms = keyrings.terms();
  const Bytes first = keyrings.sign_by_both(terms);
  save("first_sound", "accepted", {}, first);
  save("first_without_phrase_key", "forged", {},
       keyrings.sign(terms, {{KeyringSignerKind::device, keyrings.device}}));
  save("first_without_device", "forged", {},
       keyrings.sign(terms, {{KeyringSignerKind::phrase_key, keyrings.phrase_signer}}));
  Bytes bent = first;
  bent.back() ^= 1;
  save("signature_bent", "forged", {}, bent);
  KeyringTerms twice = terms;
  twice.wraps.push_back(twice.wraps[0]);
  save("device_twice", "invalid_input", {}, keyrings.sign_by_both(twice));

  VectorFile recovery = start("recovery", "accepted");
  recovery.add("phrase", as_text(phrase_text(keyrings.phrase).expose()));
  recovery.add("sealed", ByteView(keyrings.sealed));
  write_bytes("recovery_sound", recovery, first);
  VectorFile stolen = start("recovery", "forged");
  stolen.add("phrase", as_text(phrase_text(key_of<PhraseEntropy>("another")).expose()));
  stolen.add("sealed", ByteView(keyrings.sealed));
  write_bytes("recovery_of_other_phrase", stolen, first);

  keyrings.body.version = 2;
  keyrings.body.previous = terms.sealed;
  keyrings.key = key_of<KeyringKey>("vectors KEK 2");
  keyrings.sealed = seal_keyring(keyrings.body, keyrings.key).value();
  KeyringTerms next = keyrings.terms();
  save("next_sound", "accepted", first,
       keyrings.sign(next, {{KeyringSignerKind::device, keyrings.device}}));
  save("next_of_stranger", "forged", first,
       keyrings.sign(next, {{KeyringSignerKind::device, stranger}}));
  save("next_of_other_phrase_key", "forged", first,
       keyrings.sign(next, {{KeyringSignerKind::phrase_key, stranger}}));
  next.confirmed = true;
  save("next_confirmed_by_device_alone", "forged", first,
       keyrings.sign(next, {{KeyringSignerKind::device, keyrings.device}}));
  next.confirmed = false;
  next.previous = id_of<KeyringHash>("another");
  save("next_of_other_keyring", "conflict", first,
       keyrings.sign(next, {{KeyringSignerKind::device, keyrings.device}}));
}

// The body of a keyring, for the fuzz target: a zero picks it.
void write_seed() {
  std::ofstream file("fuzz_corpus/keyring/body", std::ios::binary);
  file.put('\0');
  const SecretBytes body = keyring_of("vectors").encode();
  file << as_text(body.expose());
}

}  // namespace

TEST_CASE("the golden files are written anew" * doctest::skip()) {
  std::filesystem::remove_all(kVectorFolder);
  std::filesystem::create_directory(kVectorFolder);
  const SoundPack pack;
  write_sound_pack(pack);
  write_outside_attacks(pack);
  write_inside_attacks(pack);
  write_structs(pack);
  write_statements(pack);
  write_snapshots(pack);
  write_keyrings();
  write_keyring_statements();
  write_seed();
}
