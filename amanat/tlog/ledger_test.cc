#include "amanat/tlog/ledger.h"

#include <doctest/doctest.h>

#include "amanat/tlog/ledger_suite.h"
#include "amanat/tlog/memory_ledger.h"

using namespace amanat;
using namespace amanat::tlog;

namespace {

class MemoryWorld final : public LedgerWorld {
 public:
  LedgerStorage& storage() override { return rows_; }
  void begin() override {
    rows_.begin();
    open_ = true;
  }
  void commit() override {
    rows_.commit();
    open_ = false;
  }
  void rollback() override {
    rows_.rollback();
    open_ = false;
  }
  void reopen() override {
    if (open_) rollback();
  }
  MemoryLedger::Rows& rows() { return rows_.rows(); }

 private:
  MemoryLedger rows_;
  bool open_ = false;
};

Code code_of_opening(MemoryWorld& world) {
  const auto ledger = Ledger::open(world.storage(), suite_key());
  REQUIRE_FALSE(ledger.has_value());
  return ledger.error().code;
}

}  // namespace

TEST_CASE("a ledger in memory keeps what every ledger keeps") {
  check_ledger([] { return std::make_unique<MemoryWorld>(); });
}

TEST_CASE("a log whose rows disagree with its signed head is corrupt and does not open") {
  MemoryWorld world;
  {
    Ledger ledger = open_ledger(world);
    append_durably(world, ledger, 600);
  }
  SUBCASE("a hash on the right edge is bent") { world.rows().tiles[{0, 2}][5] ^= 1; }
  SUBCASE("a hash of the upper edge is bent") { world.rows().tiles[{1, 0}][5] ^= 1; }
  SUBCASE("the right edge is missing") { world.rows().tiles.erase({0, 2}); }
  SUBCASE("the right edge is too short") { world.rows().tiles[{0, 2}].resize(32); }
  SUBCASE("the right edge ends within a hash") { world.rows().tiles[{0, 2}].resize(33); }
  SUBCASE("the last entry is missing") { world.rows().entries.pop_back(); }
  SUBCASE("the last entry is another") { world.rows().entries.back()[9] ^= 1; }
  SUBCASE("the head counts one more") { ++world.rows().head->size; }
  SUBCASE("the head counts one less") { --world.rows().head->size; }
  SUBCASE("the head counts nothing") { world.rows().head->size = 0; }
  SUBCASE("the checkpoint is bent") { world.rows().head->checkpoint[80] ^= 1; }
  SUBCASE("the checkpoint is missing") { world.rows().head->checkpoint.clear(); }
  CHECK(code_of_opening(world) == Code::corrupt);
}

TEST_CASE("a log of another key does not open") {
  MemoryWorld world;
  Ledger ledger = open_ledger(world);
  append_durably(world, ledger, 3);
  CHECK(Ledger::open(world.storage(), suite_key(8)).error().code == Code::corrupt);
}

TEST_CASE("a tile bent inside the log gives no proof rather than a wrong one") {
  MemoryWorld world;
  Ledger ledger = open_ledger(world);
  append_durably(world, ledger, 600);
  world.rows().tiles[{0, 0}][32 * 9] ^= 1;
  ledger = open_ledger(world);  // the right edge is whole
  CHECK(ledger.prove_inclusion(8).error().code == Code::corrupt);
  CHECK(ledger.prove_inclusion(599).has_value());
}
