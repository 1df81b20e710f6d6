#pragma once

// A small tree of a YAML document, read with limits. Anchors and aliases are refused: with them a
// short text stands for a huge one. Tags are ignored; every scalar is its text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/error/error.h"

namespace amanat::indicator {

inline constexpr std::size_t kYamlBytesMax = 8U << 20;
inline constexpr std::size_t kYamlNodesMax = 500'000;
inline constexpr std::size_t kYamlDepthMax = 12;

struct YamlMember;

struct YamlNode {
  enum class Form : std::uint8_t { scalar, sequence, map };

  Form form = Form::scalar;
  std::string text;  // of a scalar
  std::vector<YamlNode> items;
  std::vector<YamlMember> members;  // of a map, in order; names may repeat

  const YamlNode* find(std::string_view name) const;
};

struct YamlMember {
  std::string name;
  YamlNode value;
};

/// Reads the first document of a text.
///
///   fails   invalid_input: not YAML, an alias, a key that is no scalar, too big, too deep
Result<YamlNode> read_yaml(std::string_view text);

}  // namespace amanat::indicator
