#include "amanat/api/server_session.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <future>
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace amanat::api {
namespace {
constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
constexpr std::uint64_t kReadBeforehandMax = std::uint64_t{64} << 10U;  // then the handler is asked
constexpr std::uint64_t kDiscardMax = std::uint64_t{64} << 10U;  // of an unread body, to keep alive
constexpr std::size_t kJoinedBytesMax = std::size_t{16} << 10U;  // head and body in one write
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Continues the coroutine on a thread of `executor`.
asio::awaitable<void> hop(asio::any_io_executor executor) {
  co_await asio::post(asio::bind_executor(executor, asio::use_awaitable));
}
}  // namespace

std::chrono::milliseconds Pace::allowance() const {
  using std::chrono::milliseconds;
  const milliseconds earned(bytes_ * 1000
                            / std::max<std::uint64_t>(1, limits_->bytes_per_second_min));
  const milliseconds left =
      limits_->stall + earned - std::chrono::duration_cast<milliseconds>(spent_);
  return std::clamp(left, milliseconds(0), limits_->stall);
}

void Pace::count(std::uint64_t bytes, std::chrono::steady_clock::duration took) {
  bytes_ += bytes;
  spent_ += took;
}

// The handler's end of a body that is still on its way. Its thread waits for the strand; the
// session's coroutine is the handler's caller, so nothing else touches the session meanwhile.
class StreamedBody final : public RequestBody {
 public:
  explicit StreamedBody(Session& session) : session_(session) {}

  Result<std::optional<ByteView>> next() override {
    using Piece = Result<std::optional<ByteView>>;
    std::promise<Piece> promise;
    std::future<Piece> piece = promise.get_future();
    asio::co_spawn(
        session_.executor_, session_.next_piece(),
        [promise = std::move(promise)](const std::exception_ptr& error, Piece read) mutable {
          if (error) read = fail(Code::unavailable, "reading the body failed");
          promise.set_value(std::move(read));
        });
    return piece.get();
  }

 private:
  Session& session_;
};

Session::Session(std::unique_ptr<Connection> connection, SessionWorld& world)
    : connection_(std::move(connection)),
      world_(world),
      executor_(connection_->executor()),
      deadline_(SteadyTime::max()),
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBufferBytes)) {
  allow(world_.options.limits.handshake);
}

void Session::allow(std::chrono::milliseconds time) {
  deadline_ = std::chrono::steady_clock::now() + time;
}

void Session::cut_if_late(SteadyTime now) {
  if (is_late(now)) close();
}

void Session::close_if_idle() {
  if (idle_) close();
}

asio::awaitable<void> Session::run() {
  const auto shaken = co_await connection_->handshake();
  if (!shaken) co_return;
  allow(world_.options.limits.header);
  while (co_await serve_one()) allow(world_.options.limits.idle);
  allow(world_.options.limits.linger);
  co_await connection_->finish();
  connection_->close();
}

// Returns whether the connection can carry another request.
asio::awaitable<bool> Session::serve_one() {
  idle_ = true;
  received_ = 0;
  sent_ = 0;
  if (world_.stopping && begin_ == end_) co_return false;
  auto head = co_await read_head();
  if (!head) co_return co_await refuse(Request(), std::move(head.error()));
  if (!*head) co_return false;
  begin_request(**head);
  Request& request = (*head)->request;
  if (auto refusal = admit(request)) co_return co_await refuse(request, std::move(*refusal));
  Response response = co_await ask_handler(request);
  co_return co_await answer(request, std::move(response));
}

asio::awaitable<std::expected<std::optional<RequestHead>, Refusal>> Session::read_head() {
  HeadParser parser;
  for (;;) {
    if (begin_ != end_) {
      if (std::exchange(idle_, false)) {
        started_ = std::chrono::steady_clock::now();
        allow(world_.options.limits.header);
      }
      auto step = parser.put({buffer_.get() + begin_, end_ - begin_});
      if (!step) co_return std::unexpected(std::move(step.error()));
      begin_ += step->used;
      if (step->head) co_return std::move(step->head);
    }
    // A head that does not fit has been refused before the buffer is full.
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    const auto read = co_await connection_->read_some({buffer_.get() + end_, kBufferBytes - end_});
    if (!read || *read == 0) co_return std::nullopt;
    end_ += *read;
  }
}

void Session::begin_request(const RequestHead& head) {
  allow_any_time();
  keep_alive_ = head.keep_alive;
  expect_pending_ = head.expects_continue;
  body_left_ = head.request.content_length;
  pace_.emplace(world_.options.limits);
}

std::optional<Refusal> Session::admit(Request& request) const {
  if (request.authority.ends_with(world_.default_port)) {
    request.authority.resize(request.authority.size() - world_.default_port.size());
  }
  const auto& names = world_.options.authorities;
  if (!names.empty() && std::ranges::find(names, request.authority) == names.end()) {
    return Refusal{421, {Code::invalid_input, "this server has another name"}};
  }
  if (request.content_length > world_.handler.body_size_max(request.method, request.path)) {
    return Refusal{413, {Code::invalid_input, "the body is larger than this route takes"}};
  }
  return std::nullopt;
}

asio::awaitable<Response> Session::ask_handler(Request& request) {
  // Under Expect too: a handler that waits for a body holds a thread, whoever sends it.
  const bool read_now = body_left_ <= kReadBeforehandMax;
  Bytes read_body;
  if (read_now && body_left_ > 0) {
    const auto piece = co_await next_piece();  // the whole of it
    if (!piece) co_return error_response(piece.error());
    read_body.assign((*piece)->begin(), (*piece)->end());
  }
  BytesBody in_memory(std::move(read_body));
  StreamedBody streamed(*this);
  request.body = read_now ? static_cast<RequestBody*>(&in_memory) : &streamed;

  co_await hop(read_now ? world_.handlers : world_.uploads);
  Response response;
  try {
    response = world_.handler.handle(request);
  } catch (const std::exception&) {
    response = error_response({Code::corrupt, "the server failed"});
  }
  co_await hop(executor_);
  request.body = nullptr;
  co_return response;
}

asio::awaitable<Result<std::optional<ByteView>>> Session::next_piece() {
  if (body_left_ == 0) co_return std::nullopt;
  if (std::exchange(expect_pending_, false)) {
    const auto told = co_await write_paced(as_bytes(kContinue), *pace_);
    if (!told) co_return carry(told);
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, kPieceBytesMax));
  piece_.resize(size);
  std::size_t filled = take_buffered(piece_);
  while (filled < size) {
    const auto read = co_await fill_from_peer(ByteSpan(piece_).subspan(filled));
    if (!read) co_return carry(read);
    filled += *read;
  }
  body_left_ -= size;
  received_ += size;
  co_return ByteView(piece_);
}

asio::awaitable<Result<std::size_t>> Session::fill_from_peer(ByteSpan out) {
  const auto before = std::chrono::steady_clock::now();
  allow(pace_->allowance());
  auto read = co_await connection_->read_some(out);
  allow_any_time();
  if (!read || *read == 0) {
    keep_alive_ = false;
    connection_->close();
    co_return fail(Code::unavailable, "the client went away");
  }
  pace_->count(*read, std::chrono::steady_clock::now() - before);
  co_return read;
}

std::size_t Session::take_buffered(ByteSpan out) {
  const std::size_t size = std::min(out.size(), end_ - begin_);
  std::memcpy(out.data(), buffer_.get() + begin_, size);
  begin_ += size;
  return size;
}

bool Session::may_keep_alive() const {
  return keep_alive_ && !expect_pending_ && body_left_ <= kDiscardMax && !world_.stopping;
}

asio::awaitable<bool> Session::refuse(const Request& request, Refusal refusal) {
  keep_alive_ = false;
  const std::string_view advice = advice_for(refusal.error.code);
  Response response = error_response(refusal.status, refusal.error, advice);
  co_return co_await answer(request, std::move(response));
}

asio::awaitable<bool> Session::answer(const Request& request, Response response) {
  const ByteRange range = apply_range(request, response);
  keep_alive_ = may_keep_alive();
  Bytes first;
  append(first, as_bytes(write_head(response, range.size, keep_alive_, world_.clock.now())));
  const bool with_body = request.method != Method::head && has_content(response.status);
  const auto* bytes = std::get_if<Bytes>(&response.body);
  const bool joined = with_body && bytes != nullptr && bytes->size() <= kJoinedBytesMax;
  if (joined) append(first, *bytes);

  pace_.emplace(world_.options.limits);
  const auto written = co_await write_paced(first, *pace_);
  if (!written) co_return false;
  if (with_body && !joined && !co_await send_body(response, range)) {
    connection_->close();  // the length was promised: an answer cut short must not look whole
    co_return false;
  }
  log(request, response);
  if (!keep_alive_) co_return false;
  co_return co_await discard_body();
}

asio::awaitable<bool> Session::send_body(const Response& response, ByteRange range) {
  const auto* bytes = std::get_if<Bytes>(&response.body);
  Bytes piece;
  std::uint64_t done = 0;
  while (done < range.size) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(range.size - done, kPieceBytesMax));
    const std::uint64_t offset = range.offset + done;
    ByteView next;
    if (bytes != nullptr) {
      next = ByteView(*bytes).subspan(static_cast<std::size_t>(offset), size);
    } else {
      piece.resize(size);
      co_await hop(world_.handlers);
      const auto read = std::get<BodyReader>(response.body).read(offset, piece);
      co_await hop(executor_);
      if (!read || *read == 0 || *read > size) co_return false;
      next = ByteView(piece).first(*read);
    }
    const auto written = co_await write_paced(next, *pace_);
    if (!written) co_return false;
    done += next.size();
  }
  co_return true;
}

asio::awaitable<Result<>> Session::write_paced(ByteView bytes, Pace& pace) {
  // A slice is what the slowest client we bear takes within the time it has.
  constexpr std::size_t kSliceBytes = std::size_t{64} << 10U;
  while (!bytes.empty()) {
    const ByteView slice = bytes.first(std::min(bytes.size(), kSliceBytes));
    const auto before = std::chrono::steady_clock::now();
    allow(pace.allowance());
    auto written = co_await connection_->write(slice);
    allow_any_time();
    if (!written) {
      keep_alive_ = false;
      co_return written;
    }
    pace.count(slice.size(), std::chrono::steady_clock::now() - before);
    sent_ += slice.size();
    bytes = bytes.subspan(slice.size());
  }
  co_return Result<>();
}

// What a handler left unread, when little: the next request begins behind it.
asio::awaitable<bool> Session::discard_body() {
  while (body_left_ > 0) {
    const auto piece = co_await next_piece();
    if (!piece) co_return false;
  }
  co_return true;
}

void Session::log(const Request& request, const Response& response) const {
  if (!world_.options.access_log) return;
  world_.options.access_log({
      .method = request.method,
      .route = response.route,
      .status = response.status,
      .received = received_,
      .sent = sent_,
      .duration = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - started_),
  });
}

}  // namespace amanat::api
