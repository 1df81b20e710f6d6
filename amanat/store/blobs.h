#pragma once

// Keeps sealed bytes under public names of 32 bytes, each written once and never changed.
//
//   auto writer = blobs.begin(pack);
//   while (...) writer->write(piece);
//   writer->commit();                     // durable before it returns, or not there at all
//
// A writer that dies uncommitted leaves nothing. Names are public; what lies under them is sealed.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/error/error.h"

namespace amanat::store {

using BlobName = Id<struct BlobTag, 32>;

/// One blob on its way in.
class BlobWriter {
 public:
  BlobWriter() = default;
  BlobWriter(const BlobWriter&) = delete;
  BlobWriter& operator=(const BlobWriter&) = delete;
  virtual ~BlobWriter() = default;  // abandons what was not committed

  /// Appends; unavailable when the disk is full.
  virtual Result<> write(ByteView piece) = 0;
  /// Makes the blob durable and visible. Called once, and nothing after it. conflict when somebody
  /// committed the same name meanwhile: theirs stays.
  virtual Result<> commit() = 0;
};

class Blobs {
 public:
  Blobs() = default;
  Blobs(const Blobs&) = delete;
  Blobs& operator=(const Blobs&) = delete;
  virtual ~Blobs() = default;

  /// Starts a blob; conflict when the name is taken. The writer must not outlive this.
  virtual Result<std::unique_ptr<BlobWriter>> begin(const BlobName& name) = 0;
  /// Size in bytes; nothing when there is no such blob.
  virtual Result<std::optional<std::uint64_t>> size(const BlobName& name) = 0;
  /// When the blob was committed, by the clock of the disk; nothing when there is no such blob.
  virtual Result<std::optional<Instant>> written_at(const BlobName& name) = 0;
  /// Fills `out` from `offset` on; not_found without such a blob, invalid_input past its end.
  virtual Result<> read(const BlobName& name, std::uint64_t offset, ByteSpan out) = 0;
  /// Removes durably; true when it was there.
  virtual Result<bool> remove(const BlobName& name) = 0;
  /// Calls `visit` for each blob, in no order; its error stops the walk and is returned.
  virtual Result<> list(
      const std::function<Result<>(const BlobName& name, std::uint64_t size)>& visit) = 0;
  /// Bytes that may still be written, as far as one can tell.
  virtual Result<std::uint64_t> free_bytes() = 0;
};

/// Blobs as files: `<root>/9f/2c/9f2c…`, of mode 0600, written in `<root>/incoming` first. Any
/// number of threads may use it; one process at a time.
class FileBlobs final : public Blobs {
 public:
  /// Opens or creates the folder and deletes what an earlier process left unfinished.
  static Result<std::unique_ptr<FileBlobs>> open(const std::filesystem::path& root);
  ~FileBlobs() override;

  Result<std::unique_ptr<BlobWriter>> begin(const BlobName& name) override;
  Result<std::optional<std::uint64_t>> size(const BlobName& name) override;
  Result<std::optional<Instant>> written_at(const BlobName& name) override;
  Result<> read(const BlobName& name, std::uint64_t offset, ByteSpan out) override;
  Result<bool> remove(const BlobName& name) override;
  Result<> list(
      const std::function<Result<>(const BlobName& name, std::uint64_t size)>& visit) override;
  Result<std::uint64_t> free_bytes() override;

 private:
  explicit FileBlobs(std::filesystem::path root) : root_(std::move(root)) {}
  std::filesystem::path root_;
};

/// Blobs in memory, for tests: refuses to grow past `capacity` as a full disk would.
class MemoryBlobs final : public Blobs {
 public:
  explicit MemoryBlobs(std::uint64_t capacity = std::uint64_t{1} << 32) : capacity_(capacity) {}

  Result<std::unique_ptr<BlobWriter>> begin(const BlobName& name) override;
  Result<std::optional<std::uint64_t>> size(const BlobName& name) override;
  Result<std::optional<Instant>> written_at(const BlobName& name) override;
  Result<> read(const BlobName& name, std::uint64_t offset, ByteSpan out) override;
  Result<bool> remove(const BlobName& name) override;
  Result<> list(
      const std::function<Result<>(const BlobName& name, std::uint64_t size)>& visit) override;
  Result<std::uint64_t> free_bytes() override;

 private:
  friend class MemoryBlobWriter;
  Result<> put(const BlobName& name, Bytes bytes);

  std::mutex mutex_;  // guards what follows
  std::map<BlobName, Bytes> blobs_;
  std::map<BlobName, Instant> written_at_;
  std::uint64_t used_ = 0;
  std::uint64_t capacity_;
};

}  // namespace amanat::store
