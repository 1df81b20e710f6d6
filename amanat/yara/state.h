#pragma once

// What Rules holds. Only this module's sources include this.

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include <yara.h>

#include "amanat/yara/library.h"
#include "amanat/yara/yara.h"

namespace amanat::yara {

// External variables that rules may use, all texts.
inline constexpr std::array<const char*, 5> kVariables = {"filename", "filepath", "extension",
                                                          "filetype", "owner"};

struct RulesDeleter {
  void operator()(YR_RULES* rules) const { yr_rules_destroy(rules); }
};

struct Rules::State {
  State(LibraryUse held, YR_RULES* owned) : library(std::move(held)), rules(owned) {}

  LibraryUse library;  // outlives the rules
  std::unique_ptr<YR_RULES, RulesDeleter> rules;
};

}  // namespace amanat::yara
