#pragma once

// Signatures over what an archive says of its members: .cdb
//
//   line   name ":" type ":" container-size ":" name-regex ":" packed-size ":" size ":" encrypted
//          ":" position ":" reserved ":" crc-or-type [":" level-min [":" level-max]]
//
//   type        "*" or a type of file ("CL_TYPE_ZIP")
//   sizes       n, "x-y" or "*"
//   name-regex  a POSIX extended regular expression without ":", or "*"
//   encrypted   "0", "1" or "*"
//   position    which member it is, counted from 1: n, "x-y" or "*"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/signature/logical.h"

namespace amanat::signature {

struct ContainerSignature {
  std::string name;
  ObjectType container;
  std::optional<Range> container_size;
  std::optional<std::string> member_name;  // a POSIX extended regular expression
  std::optional<Range> packed_size;
  std::optional<Range> size;
  std::optional<bool> encrypted;
  std::optional<Range> position;
  std::optional<std::uint32_t> crc;  // of zip and rar members

  friend bool operator==(const ContainerSignature&, const ContainerSignature&) = default;
};
Parsed<ContainerSignature> parse_container(std::string_view line);

/// The line that `parse_container` reads as this.
std::string print(const ContainerSignature& signature);

}  // namespace amanat::signature
