#include <filesystem>

#include <doctest/doctest.h>

#include "amanat/custodian/schema.h"
#include "amanat/custodian/test_phone.h"

namespace amanat::custodian {
namespace {

using consent::Category;
using consent::DecisionKind;

Settings erasing_within(std::chrono::hours time) {
  Settings settings;
  settings.erase_within = time;
  return settings;
}

struct Kept {
  TestCustodian world;
  TestPhone phone{world};
  TestGrant photos, videos;
  explicit Kept(std::chrono::hours erase_within = std::chrono::hours(0))
      : world(erasing_within(erase_within)) {
    REQUIRE(phone.open_account().status == 201);
    REQUIRE(phone.put_keyring().status == 201);
    photos = phone.give(Category::photos);
    videos = phone.give(Category::videos);
  }
  SweepReport sweep() {
    SweepReport report = world.custodian().sweep();
    for (const Error& failure : report.failures) MESSAGE(failure.message);
    REQUIRE(report.failures.empty());
    return report;
  }
  bool is_here(const TestPack& pack) {
    return std::filesystem::exists(world.file_of(phone.account, pack.object.pack));
  }
};

}  // namespace

TEST_CASE("a pack that no commit names is deleted after seven days") {
  Kept kept;
  const TestPack waiting = kept.phone.store({&kept.photos});
  const TestPack committed = kept.phone.store({&kept.photos});
  REQUIRE(kept.phone.commit({committed}).status == 200);
  kept.world.clock().advance(std::chrono::hours(7 * 24));
  CHECK(kept.sweep().uncommitted == 0);
  kept.world.clock().advance(std::chrono::hours(1));
  CHECK(kept.sweep().uncommitted == 1);
  CHECK(!kept.is_here(waiting));
  CHECK(kept.is_here(committed));
  CHECK(kept.phone.put_pack(waiting).status == 201);
}

TEST_CASE(
    "after a withdrawal has waited, its packs are erased: first in the log, then on the disk") {
  Kept kept;
  TestPhone& phone = kept.phone;
  const TestPack photo = phone.store({&kept.photos});
  const TestPack both = phone.store({&kept.photos, &kept.videos});
  const TestPack video = phone.store({&kept.videos});
  const TestPack waiting = phone.store({&kept.photos});
  const auto committed = api::parse_receipts(phone.commit({photo, both, video}).text());
  REQUIRE(phone.withdraw(kept.photos).status == 200);
  kept.world.clock().advance(std::chrono::hours(71));
  CHECK(kept.sweep().erased == 0);
  kept.world.clock().advance(std::chrono::hours(1));
  CHECK(kept.sweep().erased == 3);
  CHECK(!kept.is_here(photo));
  CHECK(!kept.is_here(both));
  CHECK(!kept.is_here(waiting));
  CHECK(kept.is_here(video));
  CHECK(phone.get("/v1/packs/" + photo.object.pack.hex()).code() == "not_found");
  CHECK(check_store(kept.world.custodian())->problems.empty());

  // The auditor sees the erasure, and the word it follows.
  const auto auditor = crypto::Signer::random();
  REQUIRE(kept.world.custodian().add_auditor(auditor.public_key()).has_value());
  const std::uint64_t index = committed->receipts.front().index;
  const std::string json = api::to_text(api::OpeningsRequest{.indices = {index}});
  api::ClientRequest request;
  request.method = api::Method::post;
  request.path = "/v1/openings";
  request.body = Bytes(json.begin(), json.end());
  const auto openings = api::parse_openings(phone.send(request, auditor).text());
  REQUIRE(openings.has_value());
  const auto& opening = openings->openings.front();
  REQUIRE(opening.erased.has_value());
  const auto erasure = tlog::parse_event(opening.erased->event);
  const auto stored = tlog::parse_event(photo.event);
  const auto decision = consent::verify_decision(erasure->statement);
  REQUIRE(decision.has_value());
  CHECK(decision->decision().kind == DecisionKind::withdrawn);
  CHECK(decision->decision().grant == kept.photos.id);
  CHECK(tlog::check_well_formed(*erasure, {.object_store = stored->commitment}).has_value());
}

TEST_CASE("a confirmed keyring after a withdrawal ends its waiting") {
  Kept kept;
  const TestPack photo = kept.phone.store({&kept.photos});
  REQUIRE(kept.phone.commit({photo}).status == 200);
  REQUIRE(kept.phone.withdraw(kept.photos).status == 200);
  CHECK(kept.sweep().erased == 0);
  REQUIRE(kept.phone.put_keyring(true).status == 201);
  CHECK(kept.sweep().erased == 1);
}

TEST_CASE("a cancelled withdrawal erases nothing") {
  Kept kept;
  const TestPack photo = kept.phone.store({&kept.photos});
  REQUIRE(kept.phone.commit({photo}).status == 200);
  REQUIRE(kept.phone.withdraw(kept.photos).status == 200);
  kept.world.clock().advance(std::chrono::hours(1));
  const Bytes cancel = kept.phone.make_later_event(DecisionKind::withdraw_cancelled, kept.photos);
  REQUIRE(kept.phone.post_event(cancel).status == 200);
  kept.world.clock().advance(std::chrono::hours(100));
  const auto report = kept.sweep();
  CHECK(report.scheduled == 0);
  CHECK(report.erased == 0);
  CHECK(kept.is_here(photo));
}

TEST_CASE(
    "erasures fall on random moments of the configured days, and all have come by their end") {
  Kept kept(std::chrono::hours(48));
  std::vector<TestPack> packs;
  for (int i = 0; i < 12; ++i) packs.push_back(kept.phone.store({&kept.photos}));
  REQUIRE(kept.phone.commit(packs).status == 200);
  REQUIRE(kept.phone.withdraw(kept.photos).status == 200);
  kept.world.clock().advance(std::chrono::hours(72));
  auto report = kept.sweep();
  CHECK(report.scheduled == 12);
  std::uint64_t erased = report.erased;
  kept.world.clock().advance(std::chrono::hours(24));
  erased += kept.sweep().erased;
  CHECK(erased > 0);  // each is 1 in 4,096
  CHECK(erased < 12);
  kept.world.clock().advance(std::chrono::hours(24));
  erased += kept.sweep().erased;
  CHECK(erased == 12);
}

TEST_CASE("bytes that outlived their logged erasure in a crash go at the next start") {
  Kept kept;
  const TestPack photo = kept.phone.store({&kept.photos});
  REQUIRE(kept.phone.commit({photo}).status == 200);
  const auto file = kept.world.file_of(kept.phone.account, photo.object.pack);
  const auto copy = kept.world.folder() / "copy";
  std::filesystem::copy_file(file, copy);
  REQUIRE(kept.phone.withdraw(kept.photos).status == 200);
  kept.world.clock().advance(std::chrono::hours(72));
  REQUIRE(kept.sweep().erased == 1);
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::rename(copy, file);
  kept.world.restart();
  CHECK(kept.sweep().orphans == 1);
  CHECK(!kept.is_here(photo));
}

TEST_CASE("bytes that cannot be removed after their erasure was logged are tried again") {
  Kept kept;
  const TestPack photo = kept.phone.store({&kept.photos});
  const TestPack other = kept.phone.store({&kept.photos});
  REQUIRE(kept.phone.commit({photo, other}).status == 200);
  kept.sweep();
  REQUIRE(kept.phone.withdraw(kept.photos).status == 200);
  kept.world.clock().advance(std::chrono::hours(72));
  // unlink(2) refuses a folder, as it would on a disk that does not write.
  const auto file = kept.world.file_of(kept.phone.account, photo.object.pack);
  const auto aside = kept.world.folder() / "aside";
  std::filesystem::rename(file, aside);
  std::filesystem::create_directory(file);
  const SweepReport failed = kept.world.custodian().sweep();
  CHECK(failed.erased == 2);
  CHECK(failed.left == 1);
  CHECK(!failed.failures.empty());
  CHECK(!kept.is_here(other));

  std::filesystem::remove(file);
  std::filesystem::rename(aside, file);
  CHECK(kept.sweep().orphans == 1);
  CHECK(!kept.is_here(photo));
}

TEST_CASE("a damaged pack is reported and holds up no other") {
  Kept kept;
  const TestPack damaged = kept.phone.store({&kept.photos});
  const TestPack other = kept.phone.store({&kept.photos});
  REQUIRE(kept.phone.commit({damaged, other}).status == 200);
  REQUIRE(kept.phone.put_keyring().status == 201);
  REQUIRE(kept.phone.withdraw(kept.photos).status == 200);
  {
    auto records =
        store::Database::open(kept.world.folder() / "custodian.db", {.migrations = schema()});
    REQUIRE(records.has_value());
    REQUIRE(records->run("UPDATE packs SET event = x'00' WHERE pack = ?", damaged.object.pack)
                .has_value());
  }
  kept.world.clock().advance(std::chrono::hours(72));
  const SweepReport report = kept.world.custodian().sweep();
  CHECK(report.erased == 1);
  CHECK(report.keyrings == 1);
  REQUIRE(report.failures.size() == 1);
  CHECK(report.failures.front().code == Code::corrupt);
  CHECK(!kept.is_here(other));
  CHECK(kept.sweep().erased == 0);  // tomorrow again
  kept.world.clock().advance(std::chrono::hours(24));
  CHECK(kept.world.custodian().sweep().failures.size() == 1);
}

}  // namespace amanat::custodian
