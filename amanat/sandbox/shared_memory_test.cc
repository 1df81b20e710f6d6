#include "amanat/sandbox/shared_memory.h"

#include <algorithm>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>

#include <doctest/doctest.h>

#include "amanat/sandbox/test_worker.h"

using namespace amanat;
using namespace amanat::sandbox;

namespace {
std::string text_of(const Outcome& outcome) { return std::string(as_text(outcome.answer)); }
}  // namespace

TEST_CASE("a worker reads what its caller writes into shared memory, and cannot change it") {
  auto worker = Worker::start(test_launch());
  REQUIRE(worker);
  auto memory = SharedMemory::make(100'000);
  REQUIRE(memory);
  std::ranges::fill(memory->fill(), std::uint8_t{1});
  const int files[] = {memory->descriptor()};
  CHECK(text_of(ask(*worker, "read", files)) == "100000");
  memory->fill()[0] = 101;  // the buffer is used again for the next file
  CHECK(text_of(ask(*worker, "read", files)) == "100100");
  CHECK(text_of(ask(*worker, "fill", files)) == "0");  // nothing it may write
  CHECK(text_of(ask(*worker, "write read-only", files)) == "refused");
  CHECK(memory->view()[0] == 101);
}

TEST_CASE("a worker writes into shared memory that is for both") {
  auto worker = Worker::start(test_launch());
  REQUIRE(worker);
  auto memory = SharedMemory::make(10'000, Writers::all);
  REQUIRE(memory);
  const int files[] = {memory->descriptor()};
  CHECK(text_of(ask(*worker, "fill", files)) == "10000");
  CHECK(memory->view()[9'999] == 7);
}

TEST_CASE("shared memory keeps its size, and memory whose size could change is not adopted") {
  auto memory = SharedMemory::make(4096);
  REQUIRE(memory);
  CHECK(::ftruncate(memory->descriptor(), 0) != 0);
  CHECK(::ftruncate(memory->descriptor(), 8192) != 0);
  CHECK(SharedMemory::adopt(Descriptor(::dup(memory->descriptor())), 4096));
  CHECK_FALSE(SharedMemory::adopt(Descriptor(::dup(memory->descriptor())), 4095));

  Descriptor loose(::memfd_create("loose", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  CHECK(::ftruncate(loose.number(), 4096) == 0);
  CHECK_FALSE(SharedMemory::adopt(std::move(loose), 4096));
}

TEST_CASE("what is shared moves without moving its bytes") {
  auto made = SharedMemory::make(4096);
  REQUIRE(made);
  const std::uint8_t* start = made->view().data();
  const SharedMemory moved = std::move(*made);
  CHECK(moved.view().data() == start);
  CHECK(moved.size() == 4096);
}
