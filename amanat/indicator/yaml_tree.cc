#include "amanat/indicator/yaml_tree.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace amanat::indicator {
namespace {

// Leaves the library's parser; caught below, in this file.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class TreeMaker final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t anchor) override {
    add_scalar(std::string(), anchor);
  }
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {
    throw Refused("an alias");
  }
  void OnAnchor(const YAML::Mark& /*mark*/, const std::string& /*name*/) override {
    throw Refused("an anchor");
  }
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& value) override {
    add_scalar(value, anchor);
  }
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                       YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Form::sequence, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Form::map, anchor);
  }
  void OnMapEnd() override { close(); }

  YamlNode take() { return std::move(root_); }

 private:
  struct Level {
    YamlNode node;
    std::string key;  // of the member whose value comes next
    bool has_key = false;
  };

  void count(YAML::anchor_t anchor) {
    if (anchor != 0) throw Refused("an anchor");
    if (++nodes_ > kYamlNodesMax) throw Refused("too many values");
  }

  void add_scalar(std::string text, YAML::anchor_t anchor) {
    count(anchor);
    if (!levels_.empty() && levels_.back().node.form == YamlNode::Form::map
        && !levels_.back().has_key) {
      levels_.back().key = std::move(text);
      levels_.back().has_key = true;
      return;
    }
    YamlNode node;
    node.text = std::move(text);
    put(std::move(node));
  }

  void open(YamlNode::Form form, YAML::anchor_t anchor) {
    count(anchor);
    if (levels_.size() >= kYamlDepthMax) throw Refused("nested too deep");
    if (!levels_.empty() && levels_.back().node.form == YamlNode::Form::map
        && !levels_.back().has_key) {
      throw Refused("a key that is no text");
    }
    Level level;
    level.node.form = form;
    levels_.push_back(std::move(level));
  }

  void close() {
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    put(std::move(node));
  }

  void put(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.form == YamlNode::Form::sequence) {
      level.node.items.push_back(std::move(node));
      return;
    }
    level.node.members.push_back({.name = std::move(level.key), .value = std::move(node)});
    level.has_key = false;
  }

  YamlNode root_;
  std::vector<Level> levels_;
  std::size_t nodes_ = 0;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view name) const {
  const auto found = std::ranges::find(
      members, name, [](const YamlMember& member) { return std::string_view(member.name); });
  return found == members.end() ? nullptr : &found->value;
}

Result<YamlNode> read_yaml(std::string_view text) {
  if (text.size() > kYamlBytesMax) return fail(Code::invalid_input, "the YAML is too big");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeMaker maker;
    if (!parser.HandleNextDocument(maker)) return YamlNode{};
    return maker.take();
  } catch (const Refused& refused) {
    return fail(Code::invalid_input, std::string("the YAML has ") + refused.what());
  } catch (const YAML::Exception& problem) {
    return fail(Code::invalid_input,
                "the YAML is malformed at line " + std::to_string(problem.mark.line + 1));
  } catch (const std::exception&) {
    return fail(Code::invalid_input, "the YAML is malformed");
  }
}

}  // namespace amanat::indicator
