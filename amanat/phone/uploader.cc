#include "amanat/phone/uploader.h"

#include <utility>

namespace amanat::phone {
namespace {

constexpr std::size_t kSpareMax = 2;
constexpr int kTriesMax = 5;

}  // namespace

Uploader::Uploader(Put put, std::size_t waiting_max)
    : put_(std::move(put)), waiting_max_(waiting_max), thread_([this] { work(); }) {}

Uploader::~Uploader() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<> Uploader::push(Upload upload) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || waiting_.size() < waiting_max_; });
  if (failure_) return std::unexpected(*failure_);
  waiting_.push_back(std::move(upload));
  changed_.notify_all();
  return {};
}

std::vector<seal::PackId> Uploader::take_stored() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(stored_, {});
}

Result<> Uploader::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || (waiting_.empty() && !is_sending_); });
  if (failure_) return std::unexpected(*failure_);
  return {};
}

Bytes Uploader::take_spare() {
  const std::scoped_lock lock(mutex_);
  if (spare_.empty()) return {};
  Bytes memory = std::move(spare_.back());
  spare_.pop_back();
  return memory;
}

void Uploader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (is_stopping_) return;
    Upload upload = std::move(waiting_.front());
    waiting_.pop_front();
    is_sending_ = true;
    lock.unlock();
    auto put = put_(upload);
    lock.lock();
    is_sending_ = false;
    if (put) {
      stored_.push_back(upload.pack);
      if (spare_.size() < kSpareMax) spare_.push_back(std::move(upload.bytes));
    } else {
      failure_ = put.error();
    }
    changed_.notify_all();
    if (failure_) return;
  }
}

Result<> put_patiently(const std::function<Result<>()>& put,
                       const std::function<void(int seconds)>& wait) {
  for (int tries = 1;; ++tries) {
    auto done = put();
    if (done || done.error().code != Code::unavailable || tries == kTriesMax) return done;
    wait(1 << (tries - 1));
  }
}

}  // namespace amanat::phone
