#include <algorithm>
#include <utility>

#include "amanat/store/blobs.h"

namespace amanat::store {

class MemoryBlobWriter final : public BlobWriter {
 public:
  MemoryBlobWriter(MemoryBlobs& home, const BlobName& name) : home_(&home), name_(name) {}

  Result<> write(ByteView piece) override {
    ensure(!committed_, "nothing is written after the commit");
    const auto left = home_->free_bytes();
    if (!left) return carry(left);
    if (bytes_.size() + piece.size() > *left) {
      return fail(Code::unavailable, "writing a blob: the memory for blobs is full");
    }
    append(bytes_, piece);
    return {};
  }

  Result<> commit() override {
    ensure(!std::exchange(committed_, true), "a blob is committed once");
    return home_->put(name_, std::move(bytes_));
  }

 private:
  MemoryBlobs* home_;
  BlobName name_;
  Bytes bytes_;
  bool committed_ = false;
};

Result<std::unique_ptr<BlobWriter>> MemoryBlobs::begin(const BlobName& name) {
  const std::scoped_lock lock(mutex_);
  if (blobs_.contains(name)) return fail(Code::conflict, "the name is taken");
  return std::make_unique<MemoryBlobWriter>(*this, name);
}

Result<> MemoryBlobs::put(const BlobName& name, Bytes bytes) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t size = bytes.size();
  if (!blobs_.try_emplace(name, std::move(bytes)).second) {
    return fail(Code::conflict, "the name is taken");
  }
  written_at_[name] = SystemClock().now();
  used_ += size;
  return {};
}

Result<std::optional<Instant>> MemoryBlobs::written_at(const BlobName& name) {
  const std::scoped_lock lock(mutex_);
  const auto moment = written_at_.find(name);
  if (moment == written_at_.end()) return std::nullopt;
  return moment->second;
}

Result<std::optional<std::uint64_t>> MemoryBlobs::size(const BlobName& name) {
  const std::scoped_lock lock(mutex_);
  const auto blob = blobs_.find(name);
  if (blob == blobs_.end()) return std::nullopt;
  return blob->second.size();
}

Result<> MemoryBlobs::read(const BlobName& name, std::uint64_t offset, ByteSpan out) {
  const std::scoped_lock lock(mutex_);
  const auto blob = blobs_.find(name);
  if (blob == blobs_.end()) return fail(Code::not_found, "there is no such blob");
  const ByteView bytes = blob->second;
  if (offset > bytes.size() || out.size() > bytes.size() - offset) {
    return fail(Code::invalid_input, "the range ends after the blob");
  }
  std::ranges::copy(bytes.subspan(offset, out.size()), out.begin());
  return {};
}

Result<bool> MemoryBlobs::remove(const BlobName& name) {
  const std::scoped_lock lock(mutex_);
  const auto blob = blobs_.find(name);
  if (blob == blobs_.end()) return false;
  used_ -= blob->second.size();
  blobs_.erase(blob);
  written_at_.erase(name);
  return true;
}

Result<> MemoryBlobs::list(
    const std::function<Result<>(const BlobName& name, std::uint64_t size)>& visit) {
  std::map<BlobName, std::uint64_t> sizes;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, bytes] : blobs_) sizes[name] = bytes.size();
  }
  for (const auto& [name, size] : sizes) {
    if (auto visited = visit(name, size); !visited) return carry(visited);
  }
  return {};
}

Result<std::uint64_t> MemoryBlobs::free_bytes() {
  const std::scoped_lock lock(mutex_);
  return capacity_ - std::min(capacity_, used_);
}

}  // namespace amanat::store
