#include "amanat/phone/watch.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>

#include "amanat/phone/durable.h"
#include "amanat/phone/open_file.h"

namespace amanat::phone {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Result<std::unique_ptr<WatchSource>> find_source(const WatchedFolders& folders,
                                                 const WatchOptions& options) {
  if (!options.without_fanotify) {
    if (auto source = watch_by_fanotify(folders)) return source;
  }
  return watch_by_inotify(folders, options.watches_max);
}

}  // namespace

Result<Watch> Watch::start(const std::vector<std::filesystem::path>& folders,
                           const WatchOptions& options) {
  WatchedFolders watched;
  for (const auto& folder : folders) {
    auto opened = OpenFile::open_folder(folder.string());
    if (!opened) return carry(opened, "watching a folder");
    std::error_code problem;
    watched.push_back(std::filesystem::canonical(folder, problem));
    if (problem) return fail(Code::not_found, "a folder to watch is not there");
  }
  auto source = find_source(watched, options);
  if (!source) return carry(source, "watching folders");
  Watch watch(std::move(*source), options);
  if (auto done = watch.take_events(); !done) return carry(done);
  return watch;
}

Result<> Watch::take_events() {
  const auto now = steady_clock::now();
  auto done = source_->read([&](const Change& change) { changes_.note(change, now); });
  if (!done) return carry(done, "watching folders");
  return {};
}

Result<> Watch::wait(milliseconds patience, const OnChange& on_change) {
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    const auto next = std::min(deadline, changes_.next().value_or(deadline));
    const auto left = std::clamp(std::chrono::ceil<milliseconds>(next - steady_clock::now()),
                                 milliseconds(0), milliseconds(std::chrono::hours(1)));
    pollfd ready{source_->descriptor(), POLLIN, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(left.count()));
    if (count < 0 && errno != EINTR) return fail_by_errno("waiting for changes");
    if (count > 0) {
      if (auto done = take_events(); !done) return carry(done);
    }
    const auto now = steady_clock::now();
    const std::vector<Change> quiet = changes_.take(now);
    for (const Change& change : quiet) on_change(change);
    if (!quiet.empty() || now >= deadline) return {};
  }
}

}  // namespace amanat::phone
