#pragma once

// Signatures of many sources become one database file.
//
// Lines are added source by source; each is applied or counted with the reason why not. Ignore
// lists come first: an ignored name is left out of what is added after it. Nothing in the file
// depends on the clock or on addresses, so the same input gives the same bytes.
//
//   Compiler compiler;
//   const auto source = compiler.add_source({"clamav/daily.ldb", "GPL-2.0", Class::malware});
//   compiler.add_file(source, *signature::kind_of("daily.ldb"), text);
//   auto image = std::move(compiler).finish();

#include <cstdint>
#include <memory>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/signature/signature.h"
#include "amanat/threat/report.h"

namespace amanat::threat {

class Compiler {
 public:
  Compiler();
  Compiler(Compiler&&) noexcept;
  Compiler& operator=(Compiler&&) noexcept;
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;
  ~Compiler();

  using SourceNumber = std::uint16_t;
  /// At most 65,535.
  SourceNumber add_source(Source source);

  /// All lines of a signature file.
  void add_file(SourceNumber source, signature::FileKind kind, std::string_view text);
  /// One line; `where` names it in the report.
  void add_line(SourceNumber source, signature::FileKind kind, std::string_view line,
                std::string_view where);
  /// A signature that did not come as a line.
  void add(SourceNumber source, const signature::Signature& signature);

  const Report& report() const;

  /// The image, whose checksum the caller of Database::verify can check after writing it.
  ///
  ///   fails   invalid_input when the anchors cannot be indexed or a table is full
  Result<Bytes> finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amanat::threat
