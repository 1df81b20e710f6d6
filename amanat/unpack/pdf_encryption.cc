#include "amanat/unpack/pdf_encryption.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "amanat/unpack/little.h"
#include "amanat/unpack/pdf_tokens.h"

namespace amanat::unpack {
namespace {

using Type = PdfToken::Type;
constexpr std::size_t kTokensMax = 4096;

std::uint32_t number(std::string_view word) {
  std::int64_t value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return static_cast<std::uint32_t>(value);
}

std::optional<PdfCipher> cipher_of(std::string_view method) {
  if (method == "None") return PdfCipher::none;
  if (method == "V2") return PdfCipher::rc4;
  if (method == "AESV2" || method == "AESV3") return PdfCipher::aes;
  return std::nullopt;
}

/// Reads << /V 4 /CF << /StdCF << /CFM /AESV2 >> >> ... >>.
class EncryptionReader {
 public:
  explicit EncryptionReader(PdfTokens tokens) : tokens_(tokens) {}

  std::optional<PdfEncryption> run() {
    if (tokens_.next().type != Type::begin_dictionary) return std::nullopt;
    keys_.emplace_back();
    for (std::size_t i = 0; i < kTokensMax && !keys_.empty(); ++i) {
      const PdfToken token = tokens_.next();
      if (token.type == Type::end) return std::nullopt;
      read(token);
    }
    choose_ciphers();
    return said_;
  }

 private:
  void read(const PdfToken& token) {
    constexpr std::size_t kDepthMax = 8;
    if (token.type == Type::begin_dictionary && keys_.size() < kDepthMax) {
      keys_.emplace_back();
    } else if (token.type == Type::end_dictionary) {
      keys_.pop_back();
      if (!keys_.empty()) keys_.back().clear();
    } else if (keys_.back().empty()) {
      if (token.type == Type::name) keys_.back() = token.text;
    } else {
      if (keys_.size() == 1) read_value(keys_[0], token);
      if (keys_.size() == 3 && keys_[0] == "CF" && keys_[2] == "CFM") {
        methods_[keys_[1]] = token.text;
      }
      keys_.back().clear();
    }
  }

  void read_value(std::string_view key, const PdfToken& token) {
    if (key == "Filter") said_.handler = token.text;
    if (key == "V") said_.version = number(token.text);
    if (key == "R") said_.revision = number(token.text);
    if (key == "Length") said_.key_bits = number(token.text);
    if (key == "P") said_.permissions = number(token.text);
    if (key == "O") said_.owner = token.text;
    if (key == "U") said_.user = token.text;
    if (key == "UE") said_.user_key = token.text;
    if (key == "EncryptMetadata") said_.covers_metadata = token.text != "false";
    if (key == "StmF") streams_ = token.text;
    if (key == "StrF") strings_ = token.text;
    if (key == "EFF") files_ = token.text;
  }

  std::optional<PdfCipher> named(const std::string& filter) const {
    if (filter == "Identity") return PdfCipher::none;
    const auto method = methods_.find(filter);
    return method == methods_.end() ? std::nullopt : cipher_of(method->second);
  }

  void choose_ciphers() {
    if (said_.version < 4) {
      said_.streams = said_.strings = said_.files = PdfCipher::rc4;
      return;
    }
    said_.streams = named(streams_);
    said_.strings = named(strings_);
    said_.files = files_.empty() ? said_.streams : named(files_);
  }

  PdfTokens tokens_;
  std::vector<std::string> keys_;  // of each dictionary we are in, its key whose value comes
  std::map<std::string, std::string> methods_;
  std::string streams_ = "Identity";
  std::string strings_ = "Identity";
  std::string files_;
  PdfEncryption said_;
};

std::optional<std::size_t> find_object(ByteView document, std::uint32_t number) {
  for (auto at = find(document, "obj"); at; at = find(document, "obj", *at + 3)) {
    const auto id = pdf_object_before(document, *at);
    if (id && id->number == number) return *at + 3;
  }
  return std::nullopt;
}

// Calls `use` with the tokens behind each name `key`, until it is satisfied.
template <class Use>
void for_each_value(ByteView document, std::string_view key, Use use) {
  constexpr std::size_t kPlacesMax = 1024;
  const std::string name = '/' + std::string(key);
  auto at = find(document, name);
  for (std::size_t places = 0; at && places < kPlacesMax; ++places) {
    PdfTokens tokens(document, *at);
    if (tokens.next().text == key && !use(tokens)) return;
    at = find(document, name, *at + name.size());
  }
}

}  // namespace

std::vector<PdfEncryption> find_pdf_encryptions(ByteView document) {
  constexpr std::size_t kSearchesMax = 16;
  std::vector<PdfEncryption> found;
  std::size_t searches = 0;
  for_each_value(document, "Encrypt", [&](PdfTokens tokens) {
    PdfTokens ahead = tokens;
    const PdfToken value = ahead.next();
    std::optional<PdfEncryption> said;
    if (value.type == Type::begin_dictionary) {
      said = EncryptionReader(tokens).run();
    } else if (value.type == Type::word && ++searches <= kSearchesMax) {
      const auto at = find_object(document, number(value.text));
      if (at) said = EncryptionReader(PdfTokens(document, *at)).run();
    }
    if (said) found.push_back(std::move(*said));
    return found.size() < kPdfEncryptionsMax && searches < kSearchesMax;
  });
  return found;
}

std::vector<std::string> find_pdf_identifiers(ByteView document) {
  std::vector<std::string> found;
  for_each_value(document, "ID", [&](PdfTokens tokens) {
    if (tokens.next().type != Type::begin_array) return true;
    const PdfToken first = tokens.next();
    if (first.type == Type::string && std::ranges::find(found, first.text) == found.end()) {
      found.push_back(first.text);
    }
    return found.size() < kPdfIdentifiersMax;
  });
  return found;
}

}  // namespace amanat::unpack
