#include "amanat/seal/keyring.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/seal/keyring_statement.h"
#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

bool equal(const KeyringBody& a, const KeyringBody& b) {
  return equal_in_constant_time(a.encode().expose(), b.encode().expose());
}

Code refusal_of(const KeyringBody& body) {
  auto parsed = KeyringBody::parse(body.encode().expose());
  REQUIRE(!parsed);
  return parsed.error().code;
}

// Signs version 1 of `body` as its device and phrase key do.
struct World {
  KeyringBody body = keyring_of("asha");
  KeyringKey key = key_of<KeyringKey>("KEK 1");
  crypto::Signer device = signer_of("asha device");
  crypto::Signer phrase = phrase_signer_of(key_of<PhraseEntropy>("asha phrase"));
  Bytes sealed;

  KeyringTerms terms() {
    sealed = seal_keyring(body, key).value();
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
    for (const KeyringDevice& member : body.devices) {
      const auto one_time = crypto::BoxKeyPair::random().public_key;
      terms.wraps.push_back(
          {member.id(), one_time, wrap_for_device(terms.place(), key, member.id(), one_time)});
    }
    std::ranges::sort(terms.wraps, {}, &KeyringWrap::device);
    return terms;
  }

  KeyringStatement sign(const KeyringTerms& terms, std::vector<KeyringSigner> signers) {
    return KeyringStatement::parse(sign_keyring(terms, signers)).value();
  }
  KeyringStatement first() {
    return sign(terms(),
                {{KeyringSignerKind::device, device}, {KeyringSignerKind::phrase_key, phrase}});
  }
};

}  // namespace

TEST_CASE("a keyring opens with its key and says what it said") {
  const auto body = keyring_of("asha");
  const auto key = key_of<KeyringKey>("KEK");
  Bytes sealed = seal_keyring(body, key).value();
  auto opened = open_keyring(sealed, key);
  REQUIRE(opened.has_value());
  CHECK(equal(*opened, body));
  CHECK(KeyringHeader::parse(sealed)->version == 1);
  CHECK(open_keyring(sealed, key_of<KeyringKey>("another")).error().code == Code::forged);
  for (const std::size_t at : {13UZ, 40UZ, 70UZ, 96UZ, 200UZ, sealed.size() - 1}) {
    CAPTURE(at);
    sealed[at] ^= 1;
    CHECK(open_keyring(sealed, key).error().code == Code::forged);
    sealed[at] ^= 1;
  }
  CHECK(open_keyring(ByteView(sealed).first(136), key).error().code == Code::invalid_input);
  CHECK(KeyringHeader::parse(Bytes(kSealedKeyringBytesMax + 1)).error().code
        == Code::invalid_input);
}

TEST_CASE("a keyring is written in one order, whatever order it was put together in") {
  auto body = keyring_of("asha");
  const auto same = body.duplicate();
  std::swap(body.grants[0], body.grants[1]);
  CHECK(equal(body, same));
}

TEST_CASE("a keyring that contradicts itself is refused") {
  auto body = keyring_of("asha");
  SUBCASE("version 0") { body.version = 0; }
  SUBCASE("a first version with one before it") { body.previous = id_of<KeyringHash>("x"); }
  SUBCASE("no device") { body.devices.clear(); }
  SUBCASE("no snapshot key") { body.snapshot_keys.clear(); }
  SUBCASE("a key of a generation that is still to come") { body.grants[0].keys[0].generation = 2; }
  SUBCASE("given without a key") { body.grants[0].keys.clear(); }
  SUBCASE("withdrawn with a key") { body.grants[0].state = GrantState::withdrawn; }
  SUBCASE("two given grants for the same") {
    auto more = body.duplicate();
    more.grants[0].commitment = id_of<consent::GrantId>("another");
    body.grants.push_back(std::move(more.grants[0]));
  }
  SUBCASE("a compartment of an unknown grant") {
    body.compartments[0].grants[0] = id_of<consent::GrantId>("unknown");
  }
  SUBCASE("a compartment without grants") { body.compartments[0].grants.clear(); }
  SUBCASE("a compartment of grants out of order") {
    std::swap(body.compartments[0].grants[0], body.compartments[0].grants[1]);
  }
  SUBCASE("a compartment of another purpose") {
    body.compartments[0].purpose = consent::Purpose::support;
  }
  SUBCASE("one compartment twice") {
    auto more = body.duplicate();
    body.compartments.push_back(more.compartments[0]);
  }
  CHECK(refusal_of(body) == Code::invalid_input);
}

TEST_CASE("withdrawing one consent closes every compartment that needs it") {
  auto body = keyring_of("asha");
  const auto id = body.compartments[0].id;
  CHECK(compartment_keys(body, id, 1).has_value());
  CHECK(compartment_keys(body, id, 2).error().code == Code::not_found);
  CHECK(compartment_keys(body, id_of<CompartmentId>("x"), 1).error().code == Code::not_found);
  body.grants[1].state = GrantState::withdrawn;
  body.grants[1].keys.clear();
  CHECK(compartment_keys(body, id, 1).error().code == Code::denied);
}

TEST_CASE("names and cuts stay when a new key generation starts; wraps do not") {
  auto body = keyring_of("asha");
  const auto id = body.compartments[0].id;
  const auto before = compartment_keys(body, id, 1).value();
  body.generation = 2;
  for (KeyringGrant& grant : body.grants) {
    grant.keys.push_back({2, crypto::random_key<GrantKey>()});
  }
  const auto after = compartment_keys(body, id, 2).value();
  CHECK(equal_in_constant_time(before.name.expose(), after.name.expose()));
  CHECK(equal_in_constant_time(before.cut.expose(), after.cut.expose()));
  CHECK_FALSE(equal_in_constant_time(before.wrap.expose(), after.wrap.expose()));
  CHECK(equal_in_constant_time(before.wrap.expose(), compartment_keys(body, id, 1)->wrap.expose()));
}

TEST_CASE("a wrap opens only at its own place") {
  const WrapPlace place{id_of<AccountId>("account"), 3, id_of<KeyringHash>("sealed")};
  const auto key = key_of<KeyringKey>("KEK");
  const auto recovery = key_of<RecoveryKey>("W");
  const auto device = id_of<DeviceId>("device");
  const auto one_time = crypto::BoxKeyPair::random();
  const auto recovery_wrap = wrap_for_recovery(place, key, recovery);
  const auto device_wrap = wrap_for_device(place, key, device, one_time.public_key);
  CHECK(equal_in_constant_time(open_recovery_wrap(place, recovery_wrap, recovery)->expose(),
                               key.expose()));
  CHECK(equal_in_constant_time(open_device_wrap(place, device_wrap, device, one_time)->expose(),
                               key.expose()));
  auto elsewhere = place;
  SUBCASE("another account") { elsewhere.account = id_of<AccountId>("x"); }
  SUBCASE("another version") { elsewhere.version = 4; }
  SUBCASE("another keyring") { elsewhere.sealed = id_of<KeyringHash>("x"); }
  CHECK(open_recovery_wrap(elsewhere, recovery_wrap, recovery).has_value()
        == (elsewhere.account == place.account && elsewhere.version == 3
            && elsewhere.sealed == place.sealed));
  CHECK(open_device_wrap(place, device_wrap, id_of<DeviceId>("x"), one_time).error().code
        == Code::forged);
  CHECK(!open_recovery_wrap(place, recovery_wrap, key_of<RecoveryKey>("x")));
  CHECK(!open_recovery_wrap(place, recovery_wrap, recovery, as_bytes("guardians")));
}

TEST_CASE("version 1 of a keyring is signed by its device and by its phrase key") {
  World world;
  const auto first = world.first();
  CHECK(verify_first(first).has_value());
  CHECK(match_keyring(first, world.sealed, world.body).has_value());
  const auto terms = first.terms_unverified();
  CHECK(KeyringStatement::parse(first.bytes())->terms_unverified() == terms);
  const auto only_device = world.sign(terms, {{KeyringSignerKind::device, world.device}});
  CHECK(verify_first(only_device).error().code == Code::forged);
  const auto only_phrase = world.sign(terms, {{KeyringSignerKind::phrase_key, world.phrase}});
  CHECK(verify_first(only_phrase).error().code == Code::forged);
  Bytes bent(first.bytes().begin(), first.bytes().end());
  bent.back() ^= 1;
  CHECK(verify_first(KeyringStatement::parse(bent).value()).error().code == Code::forged);
}

TEST_CASE("a next version needs the signature of a device or of the phrase key before it") {
  World world;
  const auto first = world.first();
  world.body.version = 2;
  world.body.previous = first.terms_unverified().sealed;
  auto terms = world.terms();
  const auto stranger = signer_of("stranger");
  CHECK(verify_successor(first, world.sign(terms, {{KeyringSignerKind::device, world.device}})));
  CHECK(
      verify_successor(first, world.sign(terms, {{KeyringSignerKind::phrase_key, world.phrase}})));
  CHECK(verify_successor(first, world.sign(terms, {{KeyringSignerKind::device, stranger}}))
            .error()
            .code
        == Code::forged);
  CHECK(verify_successor(first, world.sign(terms, {{KeyringSignerKind::phrase_key, stranger}}))
            .error()
            .code
        == Code::forged);
  SUBCASE("`now` takes the phrase key") {
    terms.confirmed = true;
    CHECK(verify_successor(first, world.sign(terms, {{KeyringSignerKind::device, world.device}}))
              .error()
              .code
          == Code::forged);
    CHECK(verify_successor(first,
                           world.sign(terms, {{KeyringSignerKind::device, world.device},
                                              {KeyringSignerKind::phrase_key, world.phrase}})));
  }
  SUBCASE("older words that still count may stand behind it") {
    const auto older = signer_of("older words");
    const auto by_older = world.sign(terms, {{KeyringSignerKind::phrase_key, older}});
    CHECK(verify_successor(first, by_older).error().code == Code::forged);
    CHECK(verify_successor(first, by_older, older.public_key()));
    CHECK(verify_successor(first, by_older, stranger.public_key()).error().code == Code::forged);
    terms.confirmed = true;
    CHECK(verify_successor(first, world.sign(terms, {{KeyringSignerKind::device, world.device},
                                                     {KeyringSignerKind::phrase_key, older}})));
  }
  SUBCASE("it names the version before") {
    terms.previous = id_of<KeyringHash>("x");
    CHECK(verify_successor(first, world.sign(terms, {{KeyringSignerKind::device, world.device}}))
              .error()
              .code
          == Code::conflict);
  }
}

TEST_CASE("one who recovers believes a keyring of this phrase alone") {
  World world;
  const auto first = world.first();
  CHECK(verify_for_recovery(first, world.body, world.phrase.public_key()));
  CHECK(verify_for_recovery(first, world.body, signer_of("x").public_key()).error().code
        == Code::forged);
  const auto stranger =
      world.sign(first.terms_unverified(), {{KeyringSignerKind::device, signer_of("x")}});
  CHECK(verify_for_recovery(stranger, world.body, world.phrase.public_key()).error().code
        == Code::forged);
}

TEST_CASE("a statement about other bytes, devices or versions does not match a keyring") {
  World world;
  auto terms = world.terms();
  const auto matches = [&](const KeyringTerms& changed) {
    return match_keyring(world.sign(changed, {{KeyringSignerKind::device, world.device}}),
                         world.sealed, world.body)
        .has_value();
  };
  CHECK(matches(terms));
  SUBCASE("another keyring") { terms.sealed = id_of<KeyringHash>("x"); }
  SUBCASE("another account") { terms.account = id_of<AccountId>("x"); }
  SUBCASE("another phrase key") { terms.phrase_key = signer_of("x").public_key(); }
  SUBCASE("one device more") {
    terms.wraps.push_back({id_of<DeviceId>("more"), {}, {}});
    std::ranges::sort(terms.wraps, {}, &KeyringWrap::device);
  }
  CHECK_FALSE(matches(terms));
}

TEST_CASE("a keyring statement whose shape is wrong does not parse") {
  World world;
  auto terms = world.terms();
  const std::vector<KeyringSigner> signers{{KeyringSignerKind::device, world.device}};
  SUBCASE("no wrap for its maker") { terms.device = id_of<DeviceId>("x"); }
  SUBCASE("no wraps") { terms.wraps.clear(); }
  SUBCASE("one device twice") { terms.wraps.push_back(terms.wraps[0]); }
  SUBCASE("version 0") { terms.version = 0; }
  CHECK(KeyringStatement::parse(sign_keyring(terms, signers)).error().code == Code::invalid_input);
}
