#include "amanat/api/client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "amanat/api/curl_library.h"
#include "amanat/api/target.h"

namespace amanat::api {
namespace {
constexpr std::size_t kErrorBytesMax = std::size_t{64} << 10U;
constexpr long kContinueTimeoutMs = 30'000;  // the gate may have to wait for its database
constexpr std::size_t kChainMax = 8;

struct FreeEasy {
  void operator()(CURL* easy) const { curl().easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

struct FreeList {
  void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};

class FieldList {
 public:
  void add(const std::string& line) {
    curl_slist* grown = curl().slist_append(list_.get(), line.c_str());
    ensure(grown != nullptr, "a header list grows");
    static_cast<void>(list_.release());
    list_.reset(grown);
  }
  curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, FreeList> list_;
};

struct BaseUrl {
  std::string url;        // scheme://authority
  std::string authority;  // as in "@authority"
};

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("-.:[]").contains(c);
}

Result<BaseUrl> read_base_url(const ClientOptions& options) {
  const std::string_view url = options.base_url;
  const bool secure = url.starts_with("https://");
  if (!secure && !(options.allow_cleartext && url.starts_with("http://"))) {
    return fail(Code::invalid_input, "the address of a server starts with https://");
  }
  std::string authority(url.substr(url.find("//") + 2));
  if (authority.ends_with('/')) authority.pop_back();
  std::ranges::transform(authority, authority.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (authority.empty() || !std::ranges::all_of(authority, is_host_character)) {
    return fail(Code::invalid_input,
                "the address of a server is https://host or https://host:port");
  }
  const std::string_view default_port = secure ? ":443" : ":80";
  if (authority.ends_with(default_port)) {
    authority.resize(authority.size() - default_port.size());
  }
  return BaseUrl{(secure ? "https://" : "http://") + authority, authority};
}

bool is_field_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// One transfer: what the request gives and the answer fills, reached from curl's callbacks.
struct Transfer {
  const ClientRequest& request;
  const std::function<bool(const Progress&)>& progress;
  CURL* easy = nullptr;
  BodyReader body;
  std::uint64_t position = 0;  // in the request's body
  ClientResponse response;
  std::optional<Error> failure;  // of the caller's own functions
};

std::uint64_t body_size(const ClientRequest& request) {
  if (const auto* bytes = std::get_if<Bytes>(&request.body)) return bytes->size();
  return std::get<BodyReader>(request.body).size;
}

BodyReader reader_of(const ClientRequest& request) {
  if (const auto* reader = std::get_if<BodyReader>(&request.body)) return *reader;
  const Bytes& bytes = std::get<Bytes>(request.body);
  return {.size = bytes.size(),
          .read = [&bytes](std::uint64_t offset, ByteSpan out) -> Result<std::size_t> {
            const std::size_t size = std::min(out.size(), bytes.size() - offset);
            std::memcpy(out.data(), bytes.data() + offset, size);
            return size;
          }};
}

std::size_t give_body(char* out, std::size_t width, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::uint64_t left = transfer.body.size - transfer.position;
  const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(width * count, left));
  if (room == 0) return 0;
  const auto read =
      transfer.body.read(transfer.position, {reinterpret_cast<std::uint8_t*>(out), room});
  if (!read) {
    transfer.failure = read.error();
    return CURL_READFUNC_ABORT;
  }
  if (*read == 0 || *read > room) {
    transfer.failure = Error{Code::corrupt, "the body to send ends before its size"};
    return CURL_READFUNC_ABORT;
  }
  transfer.position += *read;
  return *read;
}

int seek_body(void* user, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  transfer.position = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

std::size_t take_body(char* data, std::size_t width, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const ByteView piece{reinterpret_cast<const std::uint8_t*>(data), width * count};
  long status = 0;
  curl().easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.request.sink && status < 300) {
    if (auto taken = transfer.request.sink(piece); !taken) {
      transfer.failure = taken.error();
      return 0;
    }
    return piece.size();
  }
  const std::size_t max = status < 400
                              ? transfer.request.response_bytes_max
                              : std::max(kErrorBytesMax, transfer.request.response_bytes_max);
  if (piece.size() > max - transfer.response.body.size()) {
    transfer.failure = Error{Code::invalid_input, "the answer is larger than was asked for"};
    return 0;
  }
  append(transfer.response.body, piece);
  return piece.size();
}

// Curl lends its SSL object only while a transfer runs; the first header line is such a moment.
void note_tls(Transfer& transfer) {
  const curl_tlssessioninfo* session = nullptr;
  curl().easy_getinfo(transfer.easy, CURLINFO_TLS_SSL_PTR, &session);
  if (session == nullptr || session->backend != CURLSSLBACKEND_OPENSSL
      || session->internals == nullptr) {
    return;
  }
  auto* ssl = static_cast<SSL*>(session->internals);
  PeerTls& tls = transfer.response.tls;
  tls = {};
  tls.version = SSL_get_version(ssl);
  tls.cipher = SSL_get_cipher(ssl);
  tls.chain_verified =
      SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl) == X509_V_OK;
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  const int count = std::min(chain == nullptr ? 0 : sk_X509_num(chain), int{kChainMax});
  for (int i = 0; i < count; ++i) {
    X509* certificate = sk_X509_value(chain, i);
    Bytes der(static_cast<std::size_t>(std::max(0, i2d_X509(certificate, nullptr))));
    std::uint8_t* out = der.data();
    i2d_X509(certificate, &out);
    tls.chain_der.push_back(std::move(der));
  }
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t take_header(char* data, std::size_t width, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, width * count);
  if (line.starts_with("HTTP/")) {  // of a 100 or of the answer itself
    transfer.response.headers = {};
    note_tls(transfer);
    return line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer.response.headers.add(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

int report_progress(void* user, curl_off_t /*down_total*/, curl_off_t down, curl_off_t /*up_total*/,
                    curl_off_t up) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!transfer.progress) return 0;
  const Progress progress{.sent = static_cast<std::uint64_t>(up),
                          .received = static_cast<std::uint64_t>(down)};
  if (transfer.progress(progress)) return 0;
  transfer.failure = Error{Code::unavailable, "the transfer was stopped"};
  return 1;
}

Error error_of(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return {
          Code::forged,
          "the server's certificate is not one of the pinned authority for this host; check the "
          "address and the policy"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Code::unavailable,
              "the server's name is not known; check the address or the network"};
    case CURLE_COULDNT_CONNECT:
      return {Code::unavailable, "the server does not answer; check the network and try later"};
    case CURLE_OPERATION_TIMEDOUT:
      return {Code::unavailable, "the server is too slow or the network is down; try later"};
    case CURLE_SSL_CONNECT_ERROR:
      return {Code::unavailable, "no TLS 1.3 connection could be made; check the server's address"};
    default:
      return {Code::unavailable,
              std::string("the connection failed (") + curl().easy_strerror(code) + "); try later"};
  }
}

void set_options(CURL* easy, const ClientOptions& options) {
  curl().easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl().easy_setopt(easy, CURLOPT_PROTOCOLS_STR, options.allow_cleartext ? "http,https" : "https");
  curl().easy_setopt(easy, CURLOPT_PROXY, "");
  curl().easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl().easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl().easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_3});
  curl().easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options.connect_timeout.count()));
  curl().easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl().easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                     static_cast<long>(options.stall_timeout.count()));
  curl().easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, kContinueTimeoutMs);
  curl().easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(kPieceBytesMax));
  curl().easy_setopt(easy, CURLOPT_BUFFERSIZE, static_cast<long>(kPieceBytesMax));
  curl().easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
  curl().easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
  curl().easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl().easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl().easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, report_progress);
  curl().easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
}

void set_trust(CURL* easy, const std::string& authority_pem) {
  const bool pinned = !authority_pem.empty();
  curl().easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, pinned ? 1L : 0L);
  curl().easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, pinned ? 2L : 0L);
  curl().easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl().easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  if (!pinned) return;
  curl_blob pem{.data = const_cast<char*>(authority_pem.data()),  // copied by curl
                .len = authority_pem.size(),
                .flags = CURL_BLOB_COPY};
  curl().easy_setopt(easy, CURLOPT_CAINFO_BLOB, &pem);
}

void set_method(CURL* easy, const ClientRequest& request, std::uint64_t size) {
  curl().easy_setopt(easy, CURLOPT_HTTPGET, 1L);  // undoes NOBODY and UPLOAD
  curl().easy_setopt(easy, CURLOPT_CUSTOMREQUEST, nullptr);
  if (request.method == Method::head) curl().easy_setopt(easy, CURLOPT_NOBODY, 1L);
  if (request.method != Method::put && request.method != Method::post) return;
  curl().easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl().easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
  if (request.method == Method::post) curl().easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "POST");
}

Result<FieldList> field_list(const ClientRequest& request) {
  FieldList list;
  for (const Headers::Field& field : request.headers.all()) {
    if (field.name == "content-length" || field.name == "expect" || field.name == "host") continue;
    if (!is_field_text(field.name) || !is_field_text(field.value)) {
      return fail(Code::invalid_input, "a header field contains a line break");
    }
    list.add(field.name + (field.value.empty() ? ";" : ": " + field.value));
  }
  list.add(request.expect_continue ? "expect: 100-continue" : "expect:");
  if (!request.headers.find("accept")) list.add("accept:");
  return list;
}
}  // namespace

struct Client::Impl {
  ClientOptions options;
  BaseUrl base;
  Easy easy;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::open(ClientOptions options) {
  auto base = read_base_url(options);
  if (!base) return carry(base);
  if (auto loaded = load_curl(); !loaded) return carry(loaded);
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->base = std::move(*base);
  impl->easy.reset(curl().easy_init());
  ensure(impl->easy != nullptr, "libcurl gives a handle");
  set_options(impl->easy.get(), impl->options);
  set_trust(impl->easy.get(), impl->options.authority_pem);
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

const std::string& Client::authority() const { return impl_->base.authority; }

Result<ClientResponse> Client::send(const ClientRequest& request) {
  CURL* easy = impl_->easy.get();
  const std::string target = to_text(Target{request.path, request.query});
  if (auto sound = parse_target(target); !sound) return carry(sound);
  const auto fields = field_list(request);
  if (!fields) return carry(fields);

  Transfer transfer{.request = request,
                    .progress = impl_->options.progress,
                    .easy = easy,
                    .body = reader_of(request),
                    .position = 0,
                    .response = {},
                    .failure = {}};
  const std::string url = impl_->base.url + target;
  set_method(easy, request, body_size(request));
  curl().easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl().easy_setopt(easy, CURLOPT_HTTPHEADER, fields->get());
  curl().easy_setopt(easy, CURLOPT_READDATA, &transfer);
  curl().easy_setopt(easy, CURLOPT_SEEKDATA, &transfer);
  curl().easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl().easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl().easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);

  const CURLcode code = curl().easy_perform(easy);
  curl().easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
  if (transfer.failure) return std::unexpected(*transfer.failure);
  if (code != CURLE_OK) return std::unexpected(error_of(code));
  long status = 0;
  curl().easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

Result<ClientResponse> Client::ask(const ClientRequest& request) {
  auto response = send(request);
  if (!response) return carry(response);
  if (response->status >= 400) {
    return std::unexpected(error_from(response->status, response->body));
  }
  return response;
}

Result<bool> accepts_tls12(const ClientOptions& options) {
  const auto base = read_base_url(options);
  if (!base) return carry(base);
  if (auto loaded = load_curl(); !loaded) return carry(loaded);
  const Easy easy(curl().easy_init());
  ensure(easy != nullptr, "libcurl gives a handle");
  set_options(easy.get(), options);
  set_trust(easy.get(), {});
  curl().easy_setopt(easy.get(), CURLOPT_SSLVERSION,
                     long{CURL_SSLVERSION_TLSv1_2} | long{CURL_SSLVERSION_MAX_TLSv1_2});
  curl().easy_setopt(easy.get(), CURLOPT_NOPROGRESS, 1L);
  curl().easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L);
  curl().easy_setopt(easy.get(), CURLOPT_URL, base->url.c_str());
  const CURLcode code = curl().easy_perform(easy.get());
  if (code == CURLE_OK) return true;
  if (code == CURLE_SSL_CONNECT_ERROR) return false;
  return std::unexpected(error_of(code));
}

}  // namespace amanat::api
