#pragma once

// The worker of these tests is the test program itself: started again, it is told to run one test
// case alone, "plays the worker", which every other run skips. So there is one program, no code
// before main, and the worker is what a real one is: main, an argument, Service.

#include <string_view>

#include "amanat/sandbox/sandbox.h"

namespace amanat::sandbox {

/// Starts the worker in test_worker_test.cc.
inline Launch test_launch() {
  Launch launch;
  launch.arguments = {"--no-skip", "--test-case=plays the worker"};
  launch.limits.memory_bytes_max = 64ULL << 20;
  return launch;
}

/// Asks for one of the things that the worker of the tests can do, with time enough for a machine
/// that does much else.
inline Outcome ask(Worker& worker, std::string_view what, std::span<const int> files = {}) {
  auto outcome = worker.ask({.body = as_bytes(what), .files = files, .time_max = {}});
  ensure(outcome.has_value(), "a worker can be had");
  return std::move(*outcome);
}

}  // namespace amanat::sandbox
