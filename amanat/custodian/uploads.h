#pragma once

// Blobs that somebody is writing or removing at this moment, each held by one thread: so that a
// sweep never removes what an upload has just put there.

#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "amanat/store/blobs.h"

namespace amanat::custodian {

class Uploads {
 public:
  /// Holds a name until it dies.
  class Hold {
   public:
    Hold(Hold&& other) noexcept
        : uploads_(std::exchange(other.uploads_, nullptr)), name_(other.name_) {}
    Hold& operator=(Hold&&) = delete;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (uploads_ != nullptr) uploads_->release(name_);
    }

   private:
    friend class Uploads;
    Hold(Uploads& uploads, const store::BlobName& name) : uploads_(&uploads), name_(name) {}
    Uploads* uploads_;
    store::BlobName name_;
  };

  /// Nothing when somebody holds the name. The holds end before this does.
  std::optional<Hold> hold(const store::BlobName& name) {
    const std::scoped_lock lock(mutex_);
    if (!names_.insert(name).second) return {};
    return Hold(*this, name);
  }

 private:
  void release(const store::BlobName& name) {
    const std::scoped_lock lock(mutex_);
    names_.erase(name);
  }

  std::mutex mutex_;  // guards what follows
  std::set<store::BlobName> names_;
};

}  // namespace amanat::custodian
