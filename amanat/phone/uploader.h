#pragma once

// Sends sealed packs on a thread of its own while the next ones are sealed. At most a few wait;
// whoever brings one more waits until there is room. So memory stays bounded and a slow network
// slows the reading down.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/seal/ids.h"
#include "amanat/tlog/event.h"

namespace amanat::phone {

struct Upload {
  seal::PackId pack;
  tlog::Event event;
  Bytes bytes;
};

class Uploader {
 public:
  /// Sends one pack and returns when it is stored; called on the uploader's thread alone.
  using Put = std::function<Result<>(const Upload&)>;

  Uploader(Put put, std::size_t waiting_max);
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;
  /// Finishes the pack that is being sent and forgets those that wait.
  ~Uploader();

  /// Hands a pack over. Fails with what an earlier one failed with.
  Result<> push(Upload upload);
  /// The packs that were stored since this was asked last.
  std::vector<seal::PackId> take_stored();
  /// Waits until everything is stored, or something failed.
  Result<> finish();
  /// Memory of a pack that was sent, to seal the next one into; empty when there is none.
  Bytes take_spare();

 private:
  void work();

  Put put_;
  std::size_t waiting_max_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<Upload> waiting_;
  bool is_sending_ = false;
  bool is_stopping_ = false;
  std::vector<seal::PackId> stored_;
  std::vector<Bytes> spare_;
  std::optional<Error> failure_;
  std::thread thread_;
};

/// Tries again while the custodian is away: five times, waiting 1, 2, 4 and 8 s in between.
Result<> put_patiently(const std::function<Result<>()>& put,
                       const std::function<void(int seconds)>& wait);

}  // namespace amanat::phone
