#include "amanat/phone/progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "amanat/phone/wording.h"

namespace amanat::phone {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr int kBarCells = 24;

milliseconds pause_of(ProgressStyle style) {
  switch (style) {
    case ProgressStyle::bar: return milliseconds(100);
    case ProgressStyle::lines: return milliseconds(5000);
    case ProgressStyle::json: return milliseconds(500);
    case ProgressStyle::quiet: break;
  }
  return milliseconds::max();
}

std::uint64_t percent_of(std::uint64_t done, std::uint64_t total) {
  return total == 0 ? 0 : std::min<std::uint64_t>(100, done * 100 / total);
}

}  // namespace

void Progress::begin(std::string_view phase, std::uint64_t bytes_total, std::uint64_t files_total) {
  phase_ = phase;
  bytes_ = 0;
  bytes_total_ = bytes_total;
  files_ = 0;
  files_total_ = files_total;
  if (options_.style == ProgressStyle::quiet) return;
  began_ = options_.now();
  drawn_ = began_;
  if (options_.style == ProgressStyle::bar) draw(false);
}

void Progress::add(std::uint64_t bytes, std::uint64_t files) {
  bytes_ += bytes;
  files_ += files;
  if (options_.style == ProgressStyle::quiet) return;
  const Time now = options_.now();
  if (now - drawn_ < pause_of(options_.style)) return;
  drawn_ = now;
  draw(false);
}

void Progress::end() {
  if (options_.style == ProgressStyle::json && !phase_.empty()) draw(true);
  clear();
  phase_.clear();
}

void Progress::clear() {
  if (bar_is_there_) options_.write(kEraseLine);
  bar_is_there_ = false;
}

void Progress::draw(bool is_last) {
  switch (options_.style) {
    case ProgressStyle::bar:
      options_.write(std::string(kEraseLine) + bar(options_.now()));
      bar_is_there_ = true;
      break;
    case ProgressStyle::lines:
      options_.write(fmt::format("{}: {} % ({}, {})\n", phase_, percent_of(bytes_, bytes_total_),
                                 bytes_in_words(bytes_), count_in_words(files_, "file", "files")));
      break;
    case ProgressStyle::json: options_.write(json(is_last) + "\n"); break;
    case ProgressStyle::quiet: break;
  }
}

// The line is built from the left, and a piece that does not fit is left out.
std::string Progress::bar(Time now) const {
  std::string line = phase_;
  auto columns = static_cast<int>(phase_.size());
  const auto put = [&](const std::string& piece, int width) {
    if (columns + 2 + width >= options_.width) return;
    line += "  " + piece;
    columns += 2 + width;
  };
  if (bytes_total_ != 0) {
    const std::uint64_t percent = percent_of(bytes_, bytes_total_);
    const int full = static_cast<int>(percent) * kBarCells / 100;
    std::string cells;
    for (int i = 0; i < kBarCells; ++i) cells += i < full ? "━" : "─";
    put(cells, kBarCells);
    const std::string share = fmt::format("{:3} %", percent);
    put(share, static_cast<int>(share.size()));
  }
  const std::string amount = bytes_total_ == 0
                                 ? bytes_in_words(bytes_)
                                 : bytes_in_words(bytes_) + " of " + bytes_in_words(bytes_total_);
  put(amount, static_cast<int>(amount.size()));
  const std::string files = count_in_words(files_, "file", "files");
  put(files, static_cast<int>(files.size()));
  const auto elapsed = std::chrono::duration_cast<milliseconds>(now - began_).count();
  if (elapsed > 500) {
    const std::string rate =
        bytes_in_words(bytes_ * 1000 / static_cast<std::uint64_t>(elapsed)) + "/s";
    put(rate, static_cast<int>(rate.size()));
  }
  return line;
}

std::string Progress::json(bool is_last) const {
  return fmt::format(R"({{"progress":"{}","bytes":{},"bytes_total":{},"files":{},"files_total":{},)"
                     R"("done":{}}})",
                     phase_, bytes_, bytes_total_, files_, files_total_, is_last);
}

}  // namespace amanat::phone
