#include <charconv>

#include "amanat/note/note.h"
#include "amanat/note/text.h"

namespace amanat::note {
namespace {

std::unexpected<Error> bad_checkpoint(std::string_view reason) {
  return fail(Code::invalid_input, "checkpoint: " + std::string(reason));
}

// Takes one line off `text`, without its newline; nothing when no newline is left.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t newline = text.find('\n');
  if (newline == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, newline);
  text.remove_prefix(newline + 1);
  return line;
}

// Decimal, with one spelling for each number: digits only, no leading zero.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return size;
}

}  // namespace

Result<Checkpoint> parse_checkpoint(std::string_view body) {
  if (body.size() > kNoteBytesMax) return bad_checkpoint("it is longer than its maximum");
  if (!is_note_text(body)) return bad_checkpoint("it is not UTF-8 without control characters");
  const auto origin = take_line(body);
  const auto size_text = take_line(body);
  const auto hash_text = take_line(body);
  if (!origin || !size_text || !hash_text || !body.empty()) {
    return bad_checkpoint("it does not have exactly three lines");
  }
  if (origin->empty()) return bad_checkpoint("the origin is empty");
  const auto size = parse_size(*size_text);
  if (!size) return bad_checkpoint("the size is not canonical decimal");
  const auto hash_bytes = from_base64(*hash_text);
  if (!hash_bytes) return carry(hash_bytes, "checkpoint");
  const auto hash = merkle::Hash::from(*hash_bytes);
  if (!hash) return bad_checkpoint("the root hash does not have 32 bytes");
  return Checkpoint{.origin = std::string(*origin), .root = {.leaves = *size, .hash = *hash}};
}

std::string to_text(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin;
  text += '\n';
  text += std::to_string(checkpoint.root.leaves);
  text += '\n';
  text += to_base64(checkpoint.root.hash.bytes());
  text += '\n';
  return text;
}

Result<VerifiedCheckpoint> open_checkpoint(std::string_view note, const VerifierKey& log_key) {
  auto parsed = parse(note);
  if (!parsed) return carry(parsed);
  auto checkpoint = parse_checkpoint(parsed->text);
  if (!checkpoint) return carry(checkpoint);
  if (auto held = verify(*parsed, log_key); !held) return carry(held, "checkpoint");
  if (checkpoint->origin != log_key.name) {
    return fail(Code::forged, "checkpoint: the origin is not the name of the log's key");
  }
  VerifiedCheckpoint verified;
  verified.checkpoint_ = std::move(*checkpoint);
  verified.body_ = std::move(parsed->text);
  verified.note_ = note;
  return verified;
}

}  // namespace amanat::note
