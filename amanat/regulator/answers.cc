#include "amanat/regulator/answers.h"

#include <string_view>

#include "amanat/api/signature.h"

namespace amanat::regulator {
namespace {

constexpr std::string_view kNoticePath = "/v1/notices/";

/// That `auditor` asked exactly this: nobody can put another question under an answer.
Result<> check_request(const Exchange& exchange, const Evidence& evidence, Instant answered) {
  api::Request request;
  request.method = exchange.method;
  request.authority = authority_of(evidence.url);
  request.path = exchange.path;
  request.query = exchange.query;
  request.headers = exchange.request_headers;
  request.content_length = exchange.request_body.size();
  const auto held = api::verify_request(request, evidence.auditor, answered);
  if (!held) return carry(held);
  if (exchange.request_body.empty()) return {};
  const auto digest = request.headers.find("content-digest");
  if (!digest || *digest != api::content_digest(exchange.request_body)) {
    return fail(Code::forged, "the request's body is not the one that was signed");
  }
  return {};
}

void take_challenge(const Exchange& exchange, std::uint64_t number, Instant signed_at,
                    Answers& answers) {
  auto receipts = api::parse_receipts(as_text(exchange.response_body));
  if (receipts && !answers.challenge) {
    answers.challenge = {.answer = *std::move(receipts), .exchange = number};
    answers.challenge_signed_at = signed_at;
  }
}

void take_openings(const Exchange& exchange, std::uint64_t number, Answers& answers) {
  const auto asked = api::parse_openings_request(as_text(exchange.request_body));
  auto answered = api::parse_openings(as_text(exchange.response_body));
  if (!asked || !answered || asked->indices.size() != answered->openings.size()) {
    ++answers.discarded;
    return;
  }
  for (std::size_t i = 0; i < asked->indices.size(); ++i) {
    if (answered->openings[i].index != asked->indices[i]) continue;
    if (const auto& erased = answered->openings[i].erased) {
      answers.erasures.try_emplace(asked->indices[i], *erased);
    }
    answers.openings.try_emplace(asked->indices[i], std::move(answered->openings[i]), number);
  }
}

void take_leaves(const Exchange& exchange, std::uint64_t number, Answers& answers) {
  const auto asked = api::parse_drawn_leaves(as_text(exchange.request_body));
  auto answered = api::parse_leaf_answers(as_text(exchange.response_body));
  if (!asked || !answered || asked->leaves.size() != answered->answers.size()) {
    ++answers.discarded;
    return;
  }
  for (std::size_t i = 0; i < asked->leaves.size(); ++i) {
    const auto& leaf = asked->leaves[i];
    answers.leaves.try_emplace({leaf.index, leaf.leaf}, std::move(answered->answers[i]), number);
  }
}

void take_region(const Exchange& exchange, std::uint64_t number, Answers& answers) {
  if (exchange.path != "/v1/region") return;
  auto region = api::parse_region(as_text(exchange.response_body));
  if (region) answers.region = {.answer = *std::move(region), .exchange = number};
}

void take_notice(const Exchange& exchange, std::uint64_t number, Answers& answers) {
  const std::string_view path = exchange.path;
  if (!path.starts_with(kNoticePath)) return;
  const auto id = consent::NoticeId::from_hex(path.substr(kNoticePath.size()));
  if (id) answers.notices.try_emplace(*id, exchange.response_body, number);
}

void take(const Exchange& exchange, std::uint64_t number, Instant signed_at, Answers& answers) {
  const bool is_challenge = exchange.path == "/v1/challenges";
  switch (exchange.purpose) {
    case Purpose::challenge:
      if (is_challenge) take_challenge(exchange, number, signed_at, answers);
      break;
    case Purpose::leaves:
      if (is_challenge) take_leaves(exchange, number, answers);
      break;
    case Purpose::openings:
      if (exchange.path == "/v1/openings") take_openings(exchange, number, answers);
      break;
    case Purpose::region: take_region(exchange, number, answers); break;
    case Purpose::notice: take_notice(exchange, number, answers); break;
  }
}

}  // namespace

Result<Instant> check_exchange(const Exchange& exchange, const Evidence& evidence,
                               const crypto::PublicKey& answer_key) {
  const auto answered =
      api::verify_response(exchange.status, exchange.response_headers, exchange.response_body,
                           exchange.request_headers, answer_key);
  if (!answered) return carry(answered);
  if (auto asked = check_request(exchange, evidence, *answered); !asked) return carry(asked);
  return *answered;
}

Answers read_answers(const Evidence& evidence, const crypto::PublicKey& answer_key) {
  Answers answers;
  for (std::size_t i = 0; i < evidence.exchanges.size(); ++i) {
    const Exchange& exchange = evidence.exchanges[i];
    const bool is_answer = exchange.status == 200 || exchange.status == 201;
    const auto signed_at = check_exchange(exchange, evidence, answer_key);
    if (!is_answer || !signed_at) {
      ++answers.discarded;
      continue;
    }
    take(exchange, i, *signed_at, answers);
  }
  return answers;
}

}  // namespace amanat::regulator
