#include "amanat/note/note.h"

#include <doctest/doctest.h>

#include "amanat/crypto/crypto.h"
#include "amanat/note/text.h"

using namespace amanat;
using namespace amanat::note;

namespace {

// The example of C2SP signed-note.md.
constexpr std::string_view kExampleKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kExampleNote =
    "This is an example message.\n"
    "\n"
    "\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";

VerifierKey key_of(std::string_view vkey) {
  auto key = VerifierKey::parse(vkey);
  REQUIRE(key.has_value());
  return *key;
}

SignedNote note_of(std::string_view text) {
  auto note = parse(text);
  REQUIRE(note.has_value());
  return *note;
}

// A log with a key of its own, made anew for each test.
struct TestLog {
  std::string name = "example.com/log";
  crypto::Signer signer = crypto::Signer::random();

  VerifierKey key() const { return VerifierKey::ed25519(name, signer.public_key().bytes()); }
  SignatureLine sign(std::string_view text) const {
    return note::sign(text, name, signer.seed().expose());
  }
  std::string note(std::string_view text) const {
    return to_text({.text = std::string(text), .signatures = {sign(text)}});
  }
};

}  // namespace

TEST_CASE("the example of the specification verifies and is written as it was read") {
  const SignedNote note = note_of(kExampleNote);
  CHECK(note.text == "This is an example message.\n");
  REQUIRE(note.signatures.size() == 1);
  CHECK(note.signatures[0].name == "example.com/foo");
  CHECK(note.signatures[0].key_id == 0x530d903a);
  CHECK(verify(note, key_of(kExampleKey)).has_value());
  CHECK(to_text(note) == kExampleNote);
  CHECK(key_of(kExampleKey).to_text() == kExampleKey);
}

TEST_CASE("a changed text or signature is forged") {
  SignedNote note = note_of(kExampleNote);
  note.text = "This is another message.\n";
  CHECK(verify(note, key_of(kExampleKey)).error().code == Code::forged);
  note = note_of(kExampleNote);
  note.signatures[0].signature[7] ^= 1;
  CHECK(verify(note, key_of(kExampleKey)).error().code == Code::forged);
  note = note_of(kExampleNote);
  note.signatures[0].signature.pop_back();
  CHECK(verify(note, key_of(kExampleKey)).error().code == Code::forged);
}

TEST_CASE("signatures of unknown keys neither help nor hurt") {
  const TestLog log;
  const TestLog stranger;
  const std::string_view text = "text\n";
  SignedNote note{.text = std::string(text), .signatures = {stranger.sign(text)}};
  CHECK(verify(note, log.key()).error().code == Code::not_found);
  note.signatures.push_back(log.sign(text));
  CHECK(verify(note, log.key()).has_value());
  // The same id under another name is another key (signed-note, "Signatures").
  SignatureLine other_name = log.sign("other\n");
  other_name.name = "example.com/other";
  note.signatures.push_back(other_name);
  CHECK(verify(note, log.key()).has_value());
}

TEST_CASE("one bad line by a known key makes the note forged, though another line holds") {
  const TestLog log;
  SignedNote note{.text = "text\n", .signatures = {log.sign("text\n"), log.sign("other\n")}};
  CHECK(verify(note, log.key()).error().code == Code::forged);
}

TEST_CASE("the text may have empty lines and any script, the signatures follow the last one") {
  const TestLog log;
  const std::string text =
      "Ognuno sta solo sul cuor della terra\n\n\u00e8 subito "
      "sera.\n\u0623\u0645\u0627\u0646\u0629\n";
  const SignedNote note = note_of(log.note(text));
  CHECK(note.text == text);
  CHECK(verify(note, log.key()).has_value());
  CHECK(to_text(note) == log.note(text));
}

TEST_CASE("sixteen signatures are accepted and sixty-four too, one more is refused") {
  const TestLog log;
  SignedNote note{.text = "text\n", .signatures = {}};
  for (std::size_t count = 1; count <= kSignaturesMax; ++count) {
    note.signatures.push_back(log.sign(note.text));
  }
  CHECK(verify(note_of(to_text(note)), log.key()).has_value());
  note.signatures.push_back(log.sign(note.text));
  CHECK(parse(to_text(note)).error().code == Code::invalid_input);
}

TEST_CASE("what is not a note is refused") {
  const std::string dash = "\u2014 ";
  const std::string good = "text\n\n" + dash + "a AAAAAAA=\n";
  REQUIRE(parse(good).has_value());
  const auto cases = std::to_array<std::string>({
      "",
      "text\n",
      "text\n\n",                                 // no signature
      "text\n" + dash + "a AAAAAAA=\n",           // no empty line
      "text\n\n" + dash + "a AAAAAAA=",           // no newline at the end
      "text\n\n" + dash + "a AAAAAAA=\n\n",       // an empty line at the end
      "text\n\n- a AAAAAAA=\n",                   // a hyphen, no dash
      "text\n\n\u2014a AAAAAAA=\n",               // no space
      "text\n\n" + dash + "a\n",                  // no signature
      "text\n\n" + dash + " AAAAAAA=\n",          // no name
      "text\n\n" + dash + "a+b AAAAAAA=\n",       // a plus in the name
      "text\n\n" + dash + "a\u00a0b AAAAAAA=\n",  // a space in the name
      "text\n\n" + dash + "a\u3000 AAAAAAA=\n",   // another
      "text\n\n" + dash + "a  AAAAAAA=\n",        // two spaces
      "text\n\n" + dash + "a AAAAAAA= \n",        // a space behind
      "text\n\n" + dash + "a AAAAAA==\n",         // an id alone
      "text\n\n" + dash + "a AAAAAAB=\n",         // stray bits
      "text\n\n" + dash + "a AAAAAAA\n",          // no padding
      "text\n\n" + dash + "a AAAAAAA=\r\n",       // a carriage return
      "te\txt\n\n" + dash + "a AAAAAAA=\n",       // a control character
      std::string("te\0xt\n\n", 7) + dash + "a AAAAAAA=\n",
      "te\xffxt\n\n" + dash + "a AAAAAAA=\n",              // not UTF-8
      "te\xc0\xafxt\n\n" + dash + "a AAAAAAA=\n",          // a slash, spelled too long
      "te\xed\xa0\x80xt\n\n" + dash + "a AAAAAAA=\n",      // half a surrogate pair
      "te\xf4\x90\x80\x80xt\n\n" + dash + "a AAAAAAA=\n",  // above U+10FFFF
      std::string(kNoteBytesMax, 'a') + good,
  });
  for (const std::string& text : cases) {
    CAPTURE(text);
    const auto note = parse(text);
    REQUIRE_FALSE(note.has_value());
    CHECK(note.error().code == Code::invalid_input);
  }
}

TEST_CASE("text that ends in the middle of a character is not UTF-8") {
  CHECK(is_note_text("\u2014\n"));
  CHECK_FALSE(is_note_text("\xe2\x80"));
  CHECK_FALSE(is_note_text("\xe2"));
  CHECK_FALSE(is_note_text("\x80"));
  CHECK(is_note_text("\xf4\x8f\xbf\xbf"));
  CHECK(is_key_name("m\u00fcnchen.example/log"));
  CHECK_FALSE(is_key_name(""));
}

TEST_CASE("a verifier key is refused unless its id is that of the key") {
  const auto cases = std::to_array<std::string_view>({
      "",
      "example.com/foo",
      "example.com/foo+530d903a",
      "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/fou+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv",
      "example.com /foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  });
  for (const std::string_view vkey : cases) {
    CAPTURE(vkey);
    CHECK(VerifierKey::parse(vkey).error().code == Code::invalid_input);
  }
}

TEST_CASE("a witness cosigns the text together with the time") {
  const crypto::Signer witness = crypto::Signer::random();
  const std::string text = "example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  const VerifierKey key = VerifierKey::cosigner("witness.example", witness.public_key().bytes());
  CHECK(key_of(key.to_text()).id == key.id);
  SignedNote note{
      .text = text,
      .signatures = {cosign(text, "witness.example", witness.seed().expose(), 1679315147)}};
  CHECK(*verify_cosignature(note, key) == 1679315147);
  // The same key as an ordinary signer has another id, and its lines are not cosignatures.
  CHECK(verify(note, VerifierKey::ed25519("witness.example", witness.public_key().bytes()))
            .error()
            .code
        == Code::not_found);
  note.signatures[0].signature[7] ^= 1;  // another second
  CHECK(verify_cosignature(note, key).error().code == Code::forged);
}
