#include "amanat/phone/politeness.h"

#include <fstream>
#include <initializer_list>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>

#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::phone;
using std::chrono::milliseconds;

namespace {

struct Supplies {
  store::TemporaryFolder folder;
  void add(const std::string& name,
           std::initializer_list<std::pair<const char*, const char*>> facts) const {
    std::filesystem::create_directory(folder.path() / name);
    for (const auto& [file, value] : facts) {
      std::ofstream(folder.path() / name / file) << value << '\n';
    }
  }
  PowerState read() const { return read_power(folder.path()); }
};

}  // namespace

TEST_CASE("a machine that tells nothing of its power is on mains") {
  CHECK(read_power("/no/such/folder") == PowerState{});
  const Supplies none;
  CHECK(none.read() == PowerState{});
}

TEST_CASE("a battery that empties is told from one that is fed") {
  const Supplies phone;
  phone.add("battery", {{"type", "Battery"}, {"status", "Discharging"}, {"capacity", "17"}});
  phone.add("usb", {{"type", "USB"}, {"online", "0"}});
  CHECK(phone.read() == PowerState{true, 17});
  phone.add("usb", {{"type", "USB"}, {"online", "1"}});
  CHECK(phone.read() == PowerState{false, 17});
}

TEST_CASE("the battery of a mouse is not the machine's, and nonsense is no percentage") {
  const Supplies machine;
  machine.add(
      "mouse",
      {{"type", "Battery"}, {"scope", "Device"}, {"status", "Discharging"}, {"capacity", "3"}});
  CHECK(machine.read() == PowerState{});
  machine.add("BAT0", {{"type", "Battery"}, {"status", "Discharging"}, {"capacity", "101"}});
  CHECK(machine.read() == PowerState{true, {}});
  machine.add("BAT1", {{"type", "Battery"}, {"status", "Unknown"}, {"capacity", "80"}});
  CHECK(machine.read() == PowerState{true, 80});
}

TEST_CASE("a gentle scan pauses as long as it works, longer on battery, never for long") {
  const Pace pace;
  CHECK(pause_after(milliseconds(100), pace, {}) == milliseconds(100));
  CHECK(pause_after(milliseconds(100), pace, {true, 90}) == milliseconds(400));
  CHECK(pause_after(milliseconds(60'000), pace, {true, 90}) == milliseconds(2'000));
  CHECK(pause_after(milliseconds(100), {.percent_on_mains = 100}, {}) == milliseconds(0));
  CHECK(pause_after(milliseconds(1), {.percent_on_mains = 0}, {}) == milliseconds(99));
}

TEST_CASE("a gentle scan waits while a low battery is not fed") {
  const Pace pace;
  CHECK(should_wait(pace, {true, 19}));
  CHECK_FALSE(should_wait(pace, {true, 20}));
  CHECK_FALSE(should_wait(pace, {false, 5}));
  CHECK_FALSE(should_wait(pace, {true, {}}));
}

TEST_CASE("a gentle process gives way to all others") {
  // In a process of its own: there is no way back without rights.
  const pid_t process = ::fork();
  if (process == 0) {
    const Manners manners = be_gentle();
    ::_exit(manners.low_priority && ::getpriority(PRIO_PROCESS, 0) == 19 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  CHECK(status == 0);
}
