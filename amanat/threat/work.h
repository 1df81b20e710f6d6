#pragma once

// How much examining one object may cost. Hostile objects and signatures can ask for more than
// anyone has; reaching the limit is an answer of its own, never a silent "clean".

#include <cstdint>

namespace amanat::threat {

class Work {
 public:
  explicit Work(std::uint64_t steps) : left_(steps) {}
  /// Takes `steps`, each about the cost of looking at a byte; false when they are used up.
  bool spend(std::uint64_t steps) {
    if (steps > left_) {
      left_ = 0;
      used_up_ = true;
      return false;
    }
    left_ -= steps;
    return true;
  }
  void use_up() {
    left_ = 0;
    used_up_ = true;
  }
  bool used_up() const { return used_up_; }

 private:
  std::uint64_t left_;
  bool used_up_ = false;
};

}  // namespace amanat::threat
