#pragma once

// The tables of body and logical signatures while they grow. Equal rows and equal code are kept
// once, which halves a real database: signatures of one family share most of their parts.

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "amanat/signature/anchors.h"
#include "amanat/signature/logical.h"
#include "amanat/threat/partition.h"
#include "amanat/threat/tables.h"

namespace amanat::threat {

/// Blobs in one row, equal ones once.
class BlobPool {
 public:
  /// The number of a blob, counted in the order in which they first came.
  std::uint32_t add(Bytes blob);
  ByteView bytes() const { return bytes_; }
  /// Where each begins, and where the last one ends.
  const std::vector<std::uint32_t>& places() const { return places_; }

 private:
  Bytes bytes_;
  std::vector<std::uint32_t> places_{0};
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

class BodyTables {
 public:
  /// Takes in a signature, or says why it cannot be evaluated.
  signature::Parsed<void> add(Label label, const signature::Logical& logical);
  signature::Parsed<void> add(Label label, const signature::BodySignature& signature);
  /// Code for other tables; its place.
  std::uint32_t add_code(Bytes code);

  /// Writes tables and partitions; fails when anchors cannot be indexed.
  Result<> write(ImageWriter& writer) const;

 private:
  template <class Row>
  struct RowPool {
    std::map<Row, std::uint32_t> numbers;
    std::vector<Row> rows;
    std::uint32_t add(const Row& row) {
      const auto [known, is_new] =
          numbers.try_emplace(row, static_cast<std::uint32_t>(rows.size()));
      if (is_new) rows.push_back(row);
      return known->second;
    }
  };

  SubsignatureRow body_row(const signature::Body& body);
  SubsignatureRow row_of(const signature::Subsignature& subsignature);
  std::uint32_t offset_row(const signature::Offset& offset);
  void add_user(std::uint32_t user, const std::optional<std::vector<signature::Anchor>>& anchors,
                const std::vector<signature::Subsignature>& subsignatures);
  void add_anchor(std::uint32_t user, const signature::Anchor& anchor, const signature::Body& body);
  std::uint32_t targets_with_own() const;
  void write_without_anchor(ImageWriter& writer, std::uint8_t target) const;

  std::vector<SignatureRow> signatures_;
  std::vector<SubsignatureRow> subsignatures_;
  RowPool<OffsetRow> offsets_;
  RowPool<ConditionsRow> conditions_;
  RowPool<AnchorLiteral> literals_;
  BlobPool patterns_;
  BlobPool code_;
  std::vector<AnchorUse> uses_;                           // in the order of signatures
  std::vector<std::uint32_t> without_anchor_;             // signatures
  std::map<std::uint8_t, std::vector<MacroRow>> macros_;  // by target
};

}  // namespace amanat::threat
