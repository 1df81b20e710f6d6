#include "amanat/seal/object.h"

#include <doctest/doctest.h>

#include "amanat/seal/device.h"
#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

Object sound_object() {
  return {.pack = id_of<PackId>("pack"),
          .frames = 4,
          .purpose = consent::Purpose::custody,
          .compartment = id_of<CompartmentId>("compartment"),
          .generation = 1,
          .grants = {{consent::Category::photos, id_of<consent::GrantId>("photos")},
                     {consent::Category::other, id_of<consent::GrantId>("other")}},
          .sealed_minute = 29'925'000};
}

template <class Body>
void check_round_trip(const Body& body) {
  auto parsed = Body::parse(body.encode());
  REQUIRE(parsed.has_value());
  CHECK(*parsed == body);
  Bytes longer = body.encode();
  longer.push_back(0);
  CHECK(!Body::parse(longer));
  const Bytes whole = body.encode();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(!Body::parse(ByteView(whole).first(size)));
  }
}

}  // namespace

TEST_CASE("statements say the same after they were written and read") {
  check_round_trip(sound_object());
  check_round_trip(Tombstone{id_of<PackId>("pack"), id_of<EventCommitment>("store"), moment()});
  check_round_trip(ErasureReceipt{.grant = id_of<consent::GrantId>("g"),
                                  .keyring_version = 3,
                                  .guardians = 3,
                                  .threshold = 2,
                                  .confirmed = 3,
                                  .liars = 1,
                                  .devices_unconfirmed = 1,
                                  .completed_at = moment()});
  check_round_trip(
      ConsentKey{signer_of("device").public_key(), signer_of("consent").public_key(), moment()});
}

TEST_CASE("an object is bound to the consent key that signed it") {
  const auto signer = signer_of("consent");
  Bytes bytes = sign(sound_object(), signer);
  auto statement = Statement<Object>::parse(bytes);
  REQUIRE(statement.has_value());
  auto object = statement->verify(signer.public_key());
  REQUIRE(object.has_value());
  CHECK(**object == sound_object());
  CHECK(statement->verify(signer_of("another").public_key()).error().code == Code::forged);

  bytes.at(20) ^= 1;  // another pack
  CHECK(Statement<Object>::parse(bytes)->verify(signer.public_key()).error().code == Code::forged);
  CHECK(!Statement<Object>::parse(ByteView(bytes).first(63)));
}

TEST_CASE("an object names its grants once each, in registry order") {
  Object object = sound_object();
  SUBCASE("none") { object.grants.clear(); }
  SUBCASE("out of order") { std::swap(object.grants[0], object.grants[1]); }
  SUBCASE("one twice") { object.grants[1] = object.grants[0]; }
  CHECK(Object::parse(object.encode()).error().code == Code::invalid_input);
}

TEST_CASE("an object has 1 to 256 frames, a known purpose and a generation") {
  Object object = sound_object();
  object.frames = 256;
  CHECK(Object::parse(object.encode()).has_value());
  SUBCASE("no frame") { object.frames = 0; }
  SUBCASE("one frame too many") { object.frames = 257; }
  SUBCASE("generation 0") { object.generation = 0; }
  SUBCASE("purpose 0") { object.purpose = consent::Purpose{}; }
  SUBCASE("purpose 8") { object.purpose = static_cast<consent::Purpose>(8); }
  CHECK(Object::parse(object.encode()).error().code == Code::invalid_input);
}

TEST_CASE("an erasure receipt without guardians counts nobody") {
  ErasureReceipt receipt;
  receipt.confirmed = 1;
  CHECK(ErasureReceipt::parse(receipt.encode()).error().code == Code::invalid_input);
}

TEST_CASE("a device joins with the signatures of its own key and of the phrase key") {
  const auto device_signer = signer_of("device");
  const auto phrase_signer = signer_of("phrase");
  const Device device{.account = id_of<AccountId>("account"),
                      .device_key = device_signer.public_key(),
                      .one_time_key = id_of<crypto::BoxPublicKey>("one time"),
                      .phrase_key = phrase_signer.public_key(),
                      .made_at = moment()};
  check_round_trip(device);
  const Bytes statement = sign_device(device, device_signer, phrase_signer);
  auto opened = open_device(statement);
  REQUIRE(opened.has_value());
  CHECK(opened->device == device);
  CHECK(opened->device.id().bytes()[0] == crypto::sha256(device.device_key.bytes()).bytes()[0]);

  CHECK(open_device(sign_device(device, phrase_signer, phrase_signer)).error().code
        == Code::forged);
  CHECK(open_device(sign_device(device, device_signer, device_signer)).error().code
        == Code::forged);
  CHECK(open_device(ByteView(statement).first(127)).error().code == Code::invalid_input);
}
