#include "amanat/phone/item_reader.h"

#include <algorithm>
#include <fstream>

#include <doctest/doctest.h>

#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::phone;

namespace {

/// Copies what is not in its buffer over it, as the one with a worker does.
class CopyingExaminer final : public scan::Examiner {
 public:
  Result<ByteSpan> buffer(std::size_t size) override { return ByteSpan(memory_).first(size); }
  scan::Verdict examine(ByteView bytes) override {
    if (bytes.data() != memory_.data()) std::ranges::copy(bytes, memory_.begin());
    return {};
  }
  scan::Verdict examine_file(int) override { return {}; }
  Result<indicator::App> read_app(ByteView) override { return fail(Code::not_found, "no app"); }
  Result<indicator::App> read_app_file(int) override { return fail(Code::not_found, "no app"); }
  const scan::Database& database() const override { return database_; }

 private:
  Bytes memory_ = Bytes(1024);
  scan::Database database_ = scan::Database::builtin();
};

}  // namespace

TEST_CASE("scanning a database's log leaves the bytes of the database to be sealed") {
  const store::TemporaryFolder folder;
  std::ofstream(folder.path() / "a.db") << "the database itself";
  std::ofstream(folder.path() / "a.db-wal") << "its log";
  const auto opened = OpenFile::open_folder(folder.path().string());
  REQUIRE(opened);
  Item item;
  item.main.path = "a.db";
  item.companions.emplace_back().path = "a.db-wal";
  CopyingExaminer examiner;
  const auto open = OpenItem::open(*opened, item, examiner);
  REQUIRE(open);
  CHECK(open->scan(examiner).kind == scan::Verdict::Kind::clean);
  REQUIRE(open->members().size() == 2);
  CHECK(as_text(open->members()[0].whole) == "the database itself");
  CHECK(as_text(open->members()[1].whole) == "its log");
}
