#include "amanat/tlog/entry.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "amanat/tlog/bodies.h"
#include "amanat/tlog/event.h"

using namespace amanat;
using namespace amanat::tlog;

TEST_CASE("every registered id has one name, and no two types share one") {
  std::set<std::string_view> names;
  int users = 0;
  for (int id = 0; id < 256; ++id) {
    const auto type = event_type_from_byte(static_cast<std::uint8_t>(id));
    if (!type) continue;
    CHECK(to_byte(*type) == id);
    CHECK(names.insert(name_of(*type)).second);
    // Format §4.4: users have 10 to 1f and 24.
    CHECK(is_user(*type) == ((id >= 0x10 && id <= 0x1f) || id == 0x24));
    if (is_user(*type)) ++users;
  }
  CHECK(names.size() == 40);
  CHECK(users == 17);
}

TEST_CASE("regions are named as in the policy") {
  for (std::uint8_t id = 0; id < 5; ++id) {
    const auto region = region_from_byte(id);
    REQUIRE(region.has_value());
    CHECK(region_from_name(name_of(*region)) == region);
    CHECK_FALSE(place_of(*region).empty());
  }
  CHECK_FALSE(region_from_byte(5).has_value());
  CHECK_FALSE(region_from_name("us-east-1").has_value());
}

TEST_CASE("a body comes back from its entry, and only as its own type") {
  const AuditAccess access{.auditor = {}, .kind = AuditAccess::Kind::challenges, .count = 64};
  const OrganisationEntry entry = organisation_entry(access, 7);
  CHECK(entry.minute == 7);
  CHECK(*body_of<AuditAccess>(entry) == access);
  CHECK_FALSE(body_of<AuditResult>(entry).has_value());
  const ResidencyAssertion residency{
      .region = Region::eu_central_1, .kind = ResidencyAssertion::Kind::s3, .place = "s3.example"};
  CHECK(*body_of<ResidencyAssertion>(organisation_entry(residency, 7)) == residency);
}

TEST_CASE("the size class is the smallest power of two that holds the frames") {
  struct Case {
    std::uint32_t frames;
    int size_class;
  };
  for (const Case& c : {Case{1, 0}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {128, 7}, {129, 8}, {256, 8}}) {
    CAPTURE(c.frames);
    CHECK(size_class_of(c.frames) == c.size_class);
  }
}

TEST_CASE("an event that was made is well formed, and its entry shows it") {
  const std::vector<consent::GrantId> grants(16);
  const Bytes pack(32, 5);
  const LinkParts parts{.grants = grants, .pack = pack, .frames = 256, .object_store = {}};
  const Salt salt(std::array<std::uint8_t, 32>{1});
  const LinkSalt link_salt(std::array<std::uint8_t, 32>{2});
  const Event event =
      make_event(EventType::object_store, {}, salt, link_salt, Bytes(kStatementBytesMax), parts);
  CHECK(check_well_formed(event, parts).has_value());
  CHECK(encode(event).size() == kEventBytesMax);
  const UserEntry entry = entry_of(event, 99, Region::ap_south_2);
  CHECK(encode(entry).size() == kUserEntryBytes);
  CHECK(entry.size_class == 8);
  CHECK(shows(entry, event));
  Event other = event;
  other.size_class = 7;
  CHECK_FALSE(shows(entry, other));
}

TEST_CASE("a grant is named by the commitment of its event") {
  const Commitment commitment(std::array<std::uint8_t, 32>{3, 1, 4});
  CHECK(grant_named_by(commitment).hex() == commitment.hex());
  CHECK(commitment_naming(grant_named_by(commitment)) == commitment);
}
