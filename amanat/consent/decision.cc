#include "amanat/consent/decision.h"

#include "amanat/codec/codec.h"
#include "amanat/consent/language.h"

namespace amanat::consent {
namespace {

constexpr std::string_view kContext = "amanat/decision/v1";
constexpr std::size_t kSignatureBytes = crypto::Signature::kSize;

// Reads a byte as an enum whose values are first, first + 1, …, last.
template <class Enum>
Enum read_enum(codec::Reader& reader, Enum first, Enum last, std::string_view what) {
  const std::uint8_t byte = reader.u8();
  const bool known =
      byte >= static_cast<std::uint8_t>(first) && byte <= static_cast<std::uint8_t>(last);
  if (!known) reader.refuse(what);
  return known ? static_cast<Enum>(byte) : first;
}

Category read_category(codec::Reader& reader) {
  const auto category = category_from_byte(reader.u8());
  if (!category) reader.refuse("no such category");
  return category.value_or(Category::other);
}

Purpose read_purpose(codec::Reader& reader) {
  const auto purpose = purpose_from_byte(reader.u8());
  if (!purpose) reader.refuse("no such purpose");
  return purpose.value_or(Purpose::custody);
}

Instant read_instant(codec::Reader& reader) {
  const std::uint64_t millis = reader.u64();
  if (millis > kMillisMax) reader.refuse("a time is after the year 9999");
  return instant_from_millis(millis > kMillisMax ? 0 : millis);
}

bool is_writable(Instant instant) { return millis_of(instant) <= kMillisMax; }

}  // namespace

std::string_view name_of(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::given: return "given";
    case DecisionKind::refused: return "refused";
    case DecisionKind::withdrawn: return "withdrawn";
    case DecisionKind::renewed: return "renewed";
    case DecisionKind::withdraw_cancelled: return "withdraw-cancelled";
    case DecisionKind::revoked: return "revoked";
  }
  return "unknown";
}

std::string_view name_of(AgeClass age_class) {
  switch (age_class) {
    case AgeClass::not_stated: return "not-stated";
    case AgeClass::under_age: return "under-age";
    case AgeClass::of_age: return "of-age";
  }
  return "unknown";
}

std::string_view name_of(Indication indication) {
  switch (indication) {
    case Indication::prompt: return "prompt";
    case Indication::command_line: return "command-line";
    case Indication::page: return "page";
  }
  return "unknown";
}

Result<> check_decision(const Decision& decision) {
  const auto refuse = [](std::string_view reason) {
    return fail(Code::invalid_input, "decision: " + std::string(reason));
  };
  if (!is_language_tag(decision.language)) return refuse("the language is not a language tag");
  if (!is_writable(decision.shown_at) || !is_writable(decision.decided_at)
      || !is_writable(decision.valid_until)) {
    return refuse("a time lies outside the years 1970 to 9999");
  }
  if (decision.decided_at < decision.shown_at) {
    return refuse("it was answered before the notice was shown");
  }
  if (is_first_decision(decision.kind) != decision.grant.is_zero()) {
    return refuse(decision.grant.is_zero() ? "it does not name its grant"
                                           : "a first decision names an earlier grant");
  }
  if (!gives_consent(decision.kind)) {
    if (decision.valid_until != Instant{}) return refuse("what gives no consent has no end of it");
  } else if (decision.valid_until <= decision.decided_at) {
    return refuse("the consent ends before it begins");
  }
  return {};
}

Bytes encode_decision(const Decision& decision) {
  codec::Writer writer;
  writer.raw(kContext);
  writer.u8(static_cast<std::uint8_t>(decision.kind));
  writer.u8(to_byte(decision.category));
  writer.u8(to_byte(decision.purpose));
  writer.u8(static_cast<std::uint8_t>(decision.age_class));
  writer.raw(decision.consent_key.bytes());
  writer.raw(decision.grant.bytes());
  writer.raw(decision.notice.bytes());
  writer.vector8(as_bytes(decision.language), kLanguageBytesMax);
  writer.u64(millis_of(decision.shown_at));
  writer.u64(millis_of(decision.decided_at));
  writer.u64(millis_of(decision.valid_until));
  writer.u8(static_cast<std::uint8_t>(decision.indication));
  writer.u8(0);  // default_state: nothing was chosen beforehand
  return std::move(writer).take();
}

Result<Bytes> sign_decision(Decision decision, const crypto::Signer& consent_key) {
  decision.consent_key = consent_key.public_key();
  if (auto checked = check_decision(decision); !checked) return carry(checked);
  return crypto::sign_statement(consent_key, encode_decision(decision));
}

Result<Decision> parse_decision_untrusted(ByteView body) {
  codec::Reader reader(body);
  Decision decision;
  reader.expect(kContext, "this is not a decision");
  decision.kind =
      read_enum(reader, DecisionKind::given, DecisionKind::revoked, "no such kind of decision");
  decision.category = read_category(reader);
  decision.purpose = read_purpose(reader);
  decision.age_class =
      read_enum(reader, AgeClass::not_stated, AgeClass::of_age, "no such age class");
  decision.consent_key = reader.id<crypto::PublicKey>();
  decision.grant = reader.id<GrantId>();
  decision.notice = reader.id<NoticeId>();
  decision.language = as_text(reader.vector8(kLanguageBytesMax));
  decision.shown_at = read_instant(reader);
  decision.decided_at = read_instant(reader);
  decision.valid_until = read_instant(reader);
  decision.indication =
      read_enum(reader, Indication::prompt, Indication::page, "no such indication");
  reader.expect_zeros(1, "the answer was chosen beforehand");
  if (auto done = reader.finish("decision"); !done) return carry(done);
  if (auto checked = check_decision(decision); !checked) return carry(checked);
  return decision;
}

Result<VerifiedDecision> verify_decision(ByteView statement) {
  if (statement.size() < kSignatureBytes || statement.size() > kDecisionBytesMax) {
    return fail(Code::invalid_input, "decision: the statement has an impossible length");
  }
  auto decision = parse_decision_untrusted(statement.first(statement.size() - kSignatureBytes));
  if (!decision) return carry(decision);
  if (auto body = crypto::open_statement(decision->consent_key, statement); !body) {
    return carry(body, "decision");
  }
  VerifiedDecision verified;
  verified.decision_ = std::move(*decision);
  verified.hash_ = hash_decision(statement);
  return verified;
}

DecisionHash hash_decision(ByteView statement) {
  return DecisionHash::from(crypto::sha256(statement).bytes()).value();
}

}  // namespace amanat::consent
