#include "amanat/api/messages.h"

#include "amanat/codec/json.h"

namespace amanat::api {
namespace {

using json::Array;
using json::Fields;
using json::Object;
using json::Value;

constexpr std::size_t kNoteBytesMax = 64 * 1024;
constexpr std::size_t kWordBytesMax = 256;

/// Parses `text` as one object and lets `read` take its members.
template <class Message, class Read>
Result<Message> parse_message(std::string_view text, std::string_view what, Read read) {
  auto value = json::parse(text, kControlBodyBytesMax);
  if (!value) return carry(value, what);
  Fields fields(*value, what);
  Message message;
  read(fields, message);
  if (auto done = fields.finish(); !done) return carry(done);
  return message;
}

/// Reads each item of the array `name` as an object.
template <class Item, class Read>
void read_items(Fields& fields, std::string_view name, std::size_t count_max,
                std::vector<Item>& items, Read read) {
  for (const Value& value : fields.array(name, count_max)) {
    Fields item_fields(value, name);
    Item item;
    read(item_fields, item);
    if (auto done = item_fields.finish(); !done) {
      fields.refuse(name, done.error().message);
      return;
    }
    items.push_back(std::move(item));
  }
}

template <class Item, class Write>
Array write_items(const std::vector<Item>& items, Write write) {
  Array array;
  array.reserve(items.size());
  for (const Item& item : items) array.emplace_back(write(item));
  return array;
}

Value base64_of(ByteView bytes) { return to_base64(bytes); }

Array write_proof(const merkle::Proof& proof) {
  return write_items(proof, [](const merkle::Hash& hash) { return base64_of(hash.bytes()); });
}

void read_proof(Fields& fields, std::string_view name, merkle::Proof& proof) {
  for (const Value& value : fields.array(name, merkle::kProofHashesMax)) {
    const auto bytes = value.text() == nullptr ? Result<Bytes>(fail(Code::invalid_input, ""))
                                               : from_base64(*value.text());
    const auto hash =
        bytes ? merkle::Hash::from(*bytes) : Result<merkle::Hash>(fail(Code::invalid_input, ""));
    if (!hash) {
      fields.refuse(name, "holds something that is not a base64 hash");
      return;
    }
    proof.push_back(*hash);
  }
}

Object write_receipt(const ReceiptMessage& receipt) {
  return {{"index", receipt.index},
          {"entry", base64_of(receipt.entry)},
          {"proof", write_proof(receipt.proof)}};
}

void read_receipt(Fields& fields, ReceiptMessage& receipt) {
  receipt.index = fields.number("index");
  receipt.entry = fields.base64("entry", 1024);
  read_proof(fields, "proof", receipt.proof);
}

Object write_opened(const OpenedEvent& opened) {
  return {{"index", opened.index}, {"event", base64_of(opened.event)}};
}

void read_opened(Fields& fields, OpenedEvent& opened) {
  opened.index = fields.number("index");
  opened.event = fields.base64("event", kEventBytesMax);
}

Object write_opening(const Opening& opening) {
  Object object{{"index", opening.index}};
  if (opening.unknown) {
    object.emplace_back("unknown", true);
  } else if (opening.closed) {
    object.emplace_back("closed", true);
  } else {
    object.emplace_back("event", base64_of(opening.event));
    object.emplace_back("decisions", write_items(opening.decisions, write_opened));
    if (opening.erased) object.emplace_back("erased", write_opened(*opening.erased));
  }
  return object;
}

void read_opening(Fields& fields, Opening& opening) {
  opening.index = fields.number("index");
  opening.unknown = fields.optional_boolean("unknown").value_or(false);
  opening.closed = fields.optional_boolean("closed").value_or(false);
  if (opening.unknown && opening.closed) fields.refuse("closed", "contradicts unknown");
  if (opening.unknown || opening.closed) return;
  opening.event = fields.base64("event", kEventBytesMax);
  read_items(fields, "decisions", 64, opening.decisions, read_opened);
  if (const Value* erased = fields.optional_value("erased")) {
    Fields erased_fields(*erased, "erased");
    read_opened(erased_fields, opening.erased.emplace());
    if (auto done = erased_fields.finish(); !done) fields.refuse("erased", done.error().message);
  }
}

Object write_leaf_answer(const LeafAnswers::Answer& answer) {
  if (answer.missing) return {{"missing", true}};
  return {{"leaf", base64_of(answer.leaf)}, {"path", write_proof(answer.path)}};
}

void read_leaf_answer(Fields& fields, LeafAnswers::Answer& answer) {
  answer.missing = fields.optional_boolean("missing").value_or(false);
  if (answer.missing) return;
  answer.leaf = fields.base64("leaf", 4096);
  read_proof(fields, "path", answer.path);
}

}  // namespace

std::string to_text(const Receipts& answer) {
  Object object{{"receipts", write_items(answer.receipts, write_receipt)},
                {"checkpoint", answer.checkpoint}};
  if (answer.sequence) object.emplace_back("sequence", *answer.sequence);
  if (answer.quota) object.emplace_back("quota", *answer.quota);
  return json::to_text(object);
}

Result<Receipts> parse_receipts(std::string_view text) {
  return parse_message<Receipts>(text, "receipts", [](Fields& fields, Receipts& answer) {
    read_items(fields, "receipts", kReceiptsMax, answer.receipts, read_receipt);
    answer.checkpoint = fields.text("checkpoint", kNoteBytesMax);
    answer.sequence = fields.optional_number("sequence");
    answer.quota = fields.optional_number("quota");
  });
}

std::string to_text(const OpenAccount& request) {
  Object object{{"account", request.account.hex()},
                {"device", base64_of(request.device)},
                {"event", base64_of(request.event)}};
  if (request.token) object.emplace_back("token", *request.token);
  return json::to_text(object);
}

Result<OpenAccount> parse_open_account(std::string_view text) {
  return parse_message<OpenAccount>(text, "account", [](Fields& fields, OpenAccount& request) {
    request.account = fields.hex_id<seal::AccountId>("account");
    request.device = fields.base64("device", kEventBytesMax);
    request.event = fields.base64("event", kEventBytesMax);
    request.token = fields.optional_text("token", 4096);
  });
}

std::string to_text(const AddDevice& request) {
  return json::to_text(
      Object{{"device", base64_of(request.device)}, {"event", base64_of(request.event)}});
}

Result<AddDevice> parse_add_device(std::string_view text) {
  return parse_message<AddDevice>(text, "device", [](Fields& fields, AddDevice& request) {
    request.device = fields.base64("device", kEventBytesMax);
    request.event = fields.base64("event", kEventBytesMax);
  });
}

std::string to_text(const PostEvents& request) {
  return json::to_text(
      Object{{"events", write_items(request.events, [](const Bytes& b) { return base64_of(b); })}});
}

Result<PostEvents> parse_post_events(std::string_view text) {
  return parse_message<PostEvents>(text, "events", [](Fields& fields, PostEvents& request) {
    for (const Value& value : fields.array("events", kEventsMax)) {
      auto event = value.text() == nullptr ? Result<Bytes>(fail(Code::invalid_input, ""))
                                           : from_base64(*value.text());
      if (!event || event->size() > kEventBytesMax) {
        fields.refuse("events", "holds something that is not a base64 event");
        return;
      }
      request.events.push_back(std::move(*event));
    }
  });
}

std::string to_text(const PostCommit& request) {
  return json::to_text(Object{{"commit", base64_of(request.commit)},
                              {"sequence", request.sequence},
                              {"head", base64_of(request.head)}});
}

Result<PostCommit> parse_post_commit(std::string_view text) {
  return parse_message<PostCommit>(text, "commit", [](Fields& fields, PostCommit& request) {
    request.commit = fields.base64("commit", kStatementBytesMax * 2);
    request.sequence = fields.number("sequence");
    request.head = fields.base64("head", kEventBytesMax);
  });
}

std::string to_text(const PutKeyring& request) {
  return json::to_text(Object{{"keyring", base64_of(request.keyring)},
                              {"statement", base64_of(request.statement)},
                              {"sequence", request.sequence},
                              {"head", base64_of(request.head)}});
}

Result<PutKeyring> parse_put_keyring(std::string_view text) {
  return parse_message<PutKeyring>(text, "keyring", [](Fields& fields, PutKeyring& request) {
    request.keyring = fields.base64("keyring", kSealedKeyringBytesMax);
    request.statement = fields.base64("statement", kStatementBytesMax);
    request.sequence = fields.number("sequence");
    request.head = fields.base64("head", kEventBytesMax);
  });
}

std::string to_text(const KeyringAnswer& answer) {
  return json::to_text(
      Object{{"keyring", base64_of(answer.keyring)}, {"statement", base64_of(answer.statement)}});
}

Result<KeyringAnswer> parse_keyring_answer(std::string_view text) {
  return parse_message<KeyringAnswer>(text, "keyring", [](Fields& fields, KeyringAnswer& answer) {
    answer.keyring = fields.base64("keyring", kSealedKeyringBytesMax);
    answer.statement = fields.base64("statement", kStatementBytesMax);
  });
}

std::string to_text(const Heads& answer) {
  const auto write_device = [](const Heads::Device& device) {
    return Object{{"device", device.device.hex()},
                  {"device_key", base64_of(device.device_key)},
                  {"one_time_key", base64_of(device.one_time_key)}};
  };
  const auto write_commit = [](const Heads::Commit& commit) {
    Value snapshot;
    if (!commit.snapshot_commit.empty()) snapshot = base64_of(commit.snapshot_commit);
    return Object{{"device", commit.device.hex()},
                  {"sequence", commit.sequence},
                  {"hash", commit.hash.hex()},
                  {"snapshot_commit", std::move(snapshot)}};
  };
  const auto write_grant = [](const Heads::Grant& grant) {
    return Object{{"commitment", grant.commitment.hex()},
                  {"category", std::uint64_t{grant.category}},
                  {"purpose", std::uint64_t{grant.purpose}},
                  {"state", grant.state},
                  {"index", grant.index}};
  };
  return json::to_text(
      Object{{"account", answer.account.hex()},
             {"sequence", answer.sequence},
             {"keyring", answer.keyring},
             {"keyrings", write_items(answer.keyrings, [](std::uint32_t n) { return Value(n); })},
             {"devices", write_items(answer.devices, write_device)},
             {"commits", write_items(answer.commits, write_commit)},
             {"grants", write_items(answer.grants, write_grant)},
             {"checkpoint", answer.checkpoint}});
}

Result<Heads> parse_heads(std::string_view text) {
  return parse_message<Heads>(text, "heads", [](Fields& fields, Heads& answer) {
    answer.account = fields.hex_id<seal::AccountId>("account");
    answer.sequence = fields.number("sequence");
    answer.keyring = static_cast<std::uint32_t>(fields.number("keyring", 0xffffffff));
    for (const Value& value : fields.array("keyrings", 4096)) {
      if (value.number() == nullptr || *value.number() > 0xffffffff) {
        return fields.refuse("keyrings", "holds something that is not a version");
      }
      answer.keyrings.push_back(static_cast<std::uint32_t>(*value.number()));
    }
    read_items(fields, "devices", 256, answer.devices, [](Fields& item, Heads::Device& device) {
      device.device = item.hex_id<seal::DeviceId>("device");
      device.device_key = item.base64("device_key", 32);
      device.one_time_key = item.base64("one_time_key", 32);
    });
    read_items(fields, "commits", 256, answer.commits, [](Fields& item, Heads::Commit& commit) {
      commit.device = item.hex_id<seal::DeviceId>("device");
      commit.sequence = item.number("sequence");
      commit.hash = item.hex_id<seal::CommitHash>("hash");
      const Value* snapshot = item.value("snapshot_commit");
      if (snapshot != nullptr && !snapshot->is_null()) {
        commit.snapshot_commit = item.base64("snapshot_commit", kStatementBytesMax * 2);
      }
    });
    read_items(fields, "grants", 4096, answer.grants, [](Fields& item, Heads::Grant& grant) {
      grant.commitment = item.hex_id<consent::GrantId>("commitment");
      grant.category = static_cast<std::uint8_t>(item.number("category", 255));
      grant.purpose = static_cast<std::uint8_t>(item.number("purpose", 255));
      grant.state = item.text("state", kWordBytesMax);
      grant.index = item.number("index");
    });
    answer.checkpoint = fields.text("checkpoint", kNoteBytesMax);
  });
}

std::string to_text(const Inventory& answer) {
  const auto write_pack = [](const Inventory::Pack& pack) {
    return Object{{"id", pack.id.hex()}, {"frames", pack.frames}, {"state", pack.state}};
  };
  Value next;
  if (answer.next) next = answer.next->hex();
  return json::to_text(
      Object{{"packs", write_items(answer.packs, write_pack)}, {"next", std::move(next)}});
}

Result<Inventory> parse_inventory(std::string_view text) {
  return parse_message<Inventory>(text, "inventory", [](Fields& fields, Inventory& answer) {
    read_items(fields, "packs", kInventoryPageMax, answer.packs,
               [](Fields& item, Inventory::Pack& pack) {
                 pack.id = item.hex_id<seal::PackId>("id");
                 pack.frames = static_cast<std::uint32_t>(item.number("frames", 256));
                 pack.state = item.text("state", kWordBytesMax);
               });
    const Value* next = fields.value("next");
    if (next != nullptr && !next->is_null()) answer.next = fields.hex_id<seal::PackId>("next");
  });
}

std::string to_text(const OwnLeaves& request) {
  return json::to_text(
      Object{{"leaves", write_items(request.leaves, [](const OwnLeaves::Leaf& leaf) {
                return Object{{"pack", leaf.pack.hex()}, {"leaf", leaf.leaf}};
              })}});
}

Result<OwnLeaves> parse_own_leaves(std::string_view text) {
  return parse_message<OwnLeaves>(text, "leaves", [](Fields& fields, OwnLeaves& request) {
    read_items(fields, "leaves", kLeavesMax, request.leaves,
               [](Fields& item, OwnLeaves::Leaf& leaf) {
                 leaf.pack = item.hex_id<seal::PackId>("pack");
                 leaf.leaf = item.number("leaf");
               });
  });
}

std::string to_text(const FixNonce& request) {
  return json::to_text(Object{{"nonce_hash", request.nonce_hash.hex()}});
}

Result<FixNonce> parse_fix_nonce(std::string_view text) {
  return parse_message<FixNonce>(text, "challenge", [](Fields& fields, FixNonce& request) {
    request.nonce_hash = fields.hex_id<NonceHash>("nonce_hash");
  });
}

std::string to_text(const DrawnLeaves& request) {
  return json::to_text(
      Object{{"nonce", request.nonce.hex()},
             {"leaves", write_items(request.leaves, [](const DrawnLeaves::Leaf& leaf) {
                return Object{{"index", leaf.index}, {"leaf", leaf.leaf}};
              })}});
}

Result<DrawnLeaves> parse_drawn_leaves(std::string_view text) {
  return parse_message<DrawnLeaves>(text, "challenge", [](Fields& fields, DrawnLeaves& request) {
    request.nonce = fields.hex_id<AuditNonce>("nonce");
    read_items(fields, "leaves", kLeavesMax, request.leaves,
               [](Fields& item, DrawnLeaves::Leaf& leaf) {
                 leaf.index = item.number("index");
                 leaf.leaf = item.number("leaf");
               });
  });
}

std::string to_text(const LeafAnswers& answer) {
  return json::to_text(Object{{"answers", write_items(answer.answers, write_leaf_answer)}});
}

Result<LeafAnswers> parse_leaf_answers(std::string_view text) {
  return parse_message<LeafAnswers>(text, "leaves", [](Fields& fields, LeafAnswers& answer) {
    read_items(fields, "answers", kLeavesMax, answer.answers, read_leaf_answer);
  });
}

std::string to_text(const OpeningsRequest& request) {
  return json::to_text(
      Object{{"indices", write_items(request.indices, [](std::uint64_t n) { return Value(n); })}});
}

Result<OpeningsRequest> parse_openings_request(std::string_view text) {
  return parse_message<OpeningsRequest>(
      text, "openings", [](Fields& fields, OpeningsRequest& request) {
        for (const Value& value : fields.array("indices", kOpeningsMax)) {
          if (value.number() == nullptr) {
            return fields.refuse("indices", "holds something that is not an index");
          }
          request.indices.push_back(*value.number());
        }
      });
}

std::string to_text(const Openings& answer) {
  return json::to_text(Object{{"openings", write_items(answer.openings, write_opening)}});
}

Result<Openings> parse_openings(std::string_view text) {
  return parse_message<Openings>(text, "openings", [](Fields& fields, Openings& answer) {
    read_items(fields, "openings", kOpeningsMax, answer.openings, read_opening);
  });
}

std::string to_text(const Notices& answer) {
  return json::to_text(
      Object{{"notices", write_items(answer.notices, [](const Notices::Notice& notice) {
                return Object{{"sha256", notice.sha256.hex()},
                              {"purpose", notice.purpose},
                              {"language", notice.language}};
              })}});
}

Result<Notices> parse_notices(std::string_view text) {
  return parse_message<Notices>(text, "notices", [](Fields& fields, Notices& answer) {
    read_items(fields, "notices", 1024, answer.notices, [](Fields& item, Notices::Notice& notice) {
      notice.sha256 = item.hex_id<consent::NoticeId>("sha256");
      notice.purpose = item.text("purpose", kWordBytesMax);
      notice.language = item.text("language", kWordBytesMax);
    });
  });
}

std::string to_text(const RegionAnswer& answer) {
  return json::to_text(
      Object{{"region", answer.region}, {"store", answer.store}, {"place", answer.place}});
}

Result<RegionAnswer> parse_region(std::string_view text) {
  return parse_message<RegionAnswer>(text, "region", [](Fields& fields, RegionAnswer& answer) {
    answer.region = fields.text("region", kWordBytesMax);
    answer.store = fields.text("store", kWordBytesMax);
    answer.place = fields.text("place", kWordBytesMax);
  });
}

}  // namespace amanat::api
