#include "amanat/phone/pacer.h"

#include <utility>

namespace amanat::phone {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWorkMin{100};  // shorter work is not worth a pause of its own
constexpr milliseconds kPowerAskedAfter{10'000};

}  // namespace

Pacer::Pacer(const Pace& pace, World world) : pace_(pace), world_(std::move(world)) {
  power_ = world_.power();
  power_read_ = world_.now();
  working_since_ = power_read_;
}

void Pacer::rest() {
  const Time now = world_.now();
  const auto worked = std::chrono::duration_cast<milliseconds>(now - working_since_);
  if (worked < kWorkMin) return;
  if (now - power_read_ >= kPowerAskedAfter) {
    power_ = world_.power();
    power_read_ = now;
  }
  world_.sleep(pause_after(worked, pace_, power_));
  while (should_wait(pace_, power_) && !world_.should_stop()) {
    world_.sleep(pace_.wait_for_power);
    power_ = world_.power();
    power_read_ = world_.now();
  }
  working_since_ = world_.now();
}

}  // namespace amanat::phone
