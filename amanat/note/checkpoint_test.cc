#include <limits>

#include <doctest/doctest.h>

#include "amanat/crypto/crypto.h"
#include "amanat/note/note.h"

using namespace amanat;
using namespace amanat::note;

namespace {

constexpr std::string_view kHash = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

std::string body_with(std::string_view origin, std::string_view size, std::string_view hash) {
  std::string body(origin);
  body += '\n';
  body += size;
  body += '\n';
  body += hash;
  body += '\n';
  return body;
}

std::string sign_note(const std::string& text, const std::string& name,
                      const crypto::Signer& signer) {
  return to_text({.text = text, .signatures = {sign(text, name, signer.seed().expose())}});
}

}  // namespace

TEST_CASE("the example of the specification is read and written as it is") {
  const std::string body = body_with("example.com/behind-the-sofa", "20852163", kHash);
  const auto checkpoint = parse_checkpoint(body);
  REQUIRE(checkpoint.has_value());
  CHECK(checkpoint->origin == "example.com/behind-the-sofa");
  CHECK(checkpoint->root.leaves == 20852163);
  CHECK(to_base64(checkpoint->root.hash.bytes()) == kHash);
  CHECK(to_text(*checkpoint) == body);
}

TEST_CASE("a tree size is canonical decimal: no sign, no spaces, no leading zero") {
  struct Case {
    std::string_view text;
    std::optional<std::uint64_t> size;
  };
  const auto cases = std::to_array<Case>({
      {"0", 0},
      {"1", 1},
      {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
      {"18446744073709551616", {}},  // one past the end
      {"", {}},
      {"-1", {}},
      {"+1", {}},
      {" 1", {}},
      {"1 ", {}},
      {"01", {}},
      {"00", {}},
      {"1e3", {}},
      {"0x10", {}},
  });
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto checkpoint = parse_checkpoint(body_with("example.com/log", c.text, kHash));
    CHECK(checkpoint.has_value() == c.size.has_value());
    if (checkpoint && c.size) CHECK(checkpoint->root.leaves == *c.size);
  }
}

TEST_CASE("a checkpoint has exactly three lines, an origin and a hash of 32 bytes") {
  const std::string good = body_with("example.com/log", "7", kHash);
  REQUIRE(parse_checkpoint(good).has_value());
  const auto cases = std::to_array<std::string>({
      "",
      "example.com/log\n7\n",
      good.substr(0, good.size() - 1),
      good + "\n",
      good + "extension\n",
      "\n" + good,
      body_with("", "7", kHash),
      body_with("example.com/\tlog", "7", kHash),
      body_with("example.com/log", "7", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J="),
      body_with("example.com/log", "7", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I"),
      body_with("example.com/log", "7", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx"),
      body_with("example.com/log", "7", "CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I="),
      body_with("example.com/log", "7", ""),
  });
  for (const std::string& body : cases) {
    CAPTURE(body);
    CHECK(parse_checkpoint(body).error().code == Code::invalid_input);
  }
}

TEST_CASE("a checkpoint opens under its log's key and keeps the bytes that were signed") {
  const crypto::Signer signer = crypto::Signer::random();
  const std::string body = body_with("example.com/log", "7", kHash);
  const std::string note = sign_note(body, "example.com/log", signer);
  const auto key = VerifierKey::ed25519("example.com/log", signer.public_key().bytes());
  const auto opened = open_checkpoint(note, key);
  REQUIRE(opened.has_value());
  CHECK(opened->root().leaves == 7);
  CHECK(opened->checkpoint().origin == "example.com/log");
  CHECK(opened->body() == body);
  CHECK(opened->note() == note);
}

TEST_CASE("a checkpoint of another key, another text or another origin does not open") {
  const crypto::Signer signer = crypto::Signer::random();
  const auto key = VerifierKey::ed25519("example.com/log", signer.public_key().bytes());
  const std::string body = body_with("example.com/log", "7", kHash);
  std::string note = sign_note(body, "example.com/log", crypto::Signer::random());
  CHECK(open_checkpoint(note, key).error().code == Code::not_found);
  note = sign_note(body, "example.com/log", signer);
  note.replace(note.find("\n7\n"), 3, "\n8\n");
  CHECK(open_checkpoint(note, key).error().code == Code::forged);
  note = sign_note(body_with("example.com/other", "7", kHash), "example.com/log", signer);
  CHECK(open_checkpoint(note, key).error().code == Code::forged);
  note = sign_note(body + "extension\n", "example.com/log", signer);
  CHECK(open_checkpoint(note, key).error().code == Code::invalid_input);
  CHECK(open_checkpoint(body, key).error().code == Code::invalid_input);
}
