#pragma once

// Shows how far a command is: a bar that is drawn over itself on a terminal, a line now and then
// elsewhere, JSON lines for programs, or nothing.
//
//   protecting ━━━━━━━━━━━━━───────  62 %  1.1 GB of 1.7 GB  18,201 files  94 MB/s

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace amanat::phone {

enum class ProgressStyle : std::uint8_t { bar, lines, json, quiet };

class Progress {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Options {
    ProgressStyle style = ProgressStyle::quiet;
    int width = 80;
    std::function<void(std::string_view)> write;  // bytes for standard error
    std::function<Time()> now = std::chrono::steady_clock::now;
  };

  Progress() = default;
  explicit Progress(Options options) : options_(std::move(options)) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  /// Starts a phase: "reading", "sending", ... with its totals, 0 when unknown.
  void begin(std::string_view phase, std::uint64_t bytes_total, std::uint64_t files_total);
  /// Some more is done. Draws when enough time has passed; costs a clock reading.
  void add(std::uint64_t bytes, std::uint64_t files);
  /// The phase is over: its last state is shown in styles that keep lines.
  void end();
  /// Removes the bar, so that something else can be written.
  void clear();

 private:
  void draw(bool is_last);
  std::string bar(Time now) const;
  std::string json(bool is_last) const;

  Options options_;
  std::string phase_;
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_total_ = 0;
  std::uint64_t files_ = 0;
  std::uint64_t files_total_ = 0;
  Time began_;
  Time drawn_;
  bool bar_is_there_ = false;
};

}  // namespace amanat::phone
