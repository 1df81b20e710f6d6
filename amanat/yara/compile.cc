#include <algorithm>

#include "amanat/yara/state.h"

namespace amanat::yara {

// A compiler that met an error cannot go on, so each source is first compiled alone, and then all
// that are good together. Two good sources may still contradict each other (one name twice in one
// namespace): the later one is left out and the rest is compiled again.
struct Compiler {
  struct Heard {
    std::string_view source;
    std::vector<Note>* notes = nullptr;
  };

  struct CompilerDeleter {
    void operator()(YR_COMPILER* compiler) const { yr_compiler_destroy(compiler); }
  };
  using Handle = std::unique_ptr<YR_COMPILER, CompilerDeleter>;

  static void hear(int level, const char* /*file*/, int line, const YR_RULE* rule,
                   const char* message, void* user) {
    const auto& heard = *static_cast<Heard*>(user);
    if (heard.notes == nullptr || heard.notes->size() >= kNotesMax) return;
    Note note;
    note.source = std::string(heard.source);
    note.line = line > 0 ? static_cast<std::uint32_t>(line) : 0;
    if (rule != nullptr && rule->identifier != nullptr) note.rule = rule->identifier;
    if (message != nullptr) note.message = message;
    note.is_error = level == YARA_ERROR_LEVEL_ERROR;
    heard.notes->push_back(std::move(note));
  }

  static Result<Handle> begin(Heard& heard) {
    YR_COMPILER* raw = nullptr;
    if (yr_compiler_create(&raw) != ERROR_SUCCESS) {
      return fail(Code::unavailable, "libyara lacks memory for a compiler");
    }
    Handle handle(raw);
    yr_compiler_set_callback(raw, hear, &heard);
    yr_compiler_set_include_callback(raw, nullptr, nullptr, nullptr);
    for (const char* const name : kVariables) {
      if (yr_compiler_define_string_variable(raw, name, "") != ERROR_SUCCESS) {
        return fail(Code::unavailable, "libyara lacks memory for a variable");
      }
    }
    return handle;
  }

  static bool add(YR_COMPILER* compiler, const Source& source) {
    return yr_compiler_add_string(compiler, source.text.c_str(), source.name_space.c_str()) == 0;
  }

  // What is wrong with a source before libyara sees it.
  static std::string_view refuse(const Source& source) {
    if (source.text.size() > kRuleTextBytesMax) return "the file is too big";
    if (source.text.find('\0') != std::string::npos) return "the file has a zero byte";
    if (source.name_space.empty() || source.name_space.find('\0') != std::string::npos) {
      return "the namespace has no name";
    }
    return {};
  }

  static Result<bool> compiles_alone(const Source& source, std::vector<Note>& notes) {
    if (const auto reason = refuse(source); !reason.empty()) {
      notes.push_back({.source = source.name, .message = std::string(reason), .is_error = true});
      return false;
    }
    Heard heard{.source = source.name, .notes = &notes};
    auto compiler = begin(heard);
    if (!compiler) return carry(compiler);
    return add(compiler->get(), source);
  }

  // Compiles all together. Sources that contradict earlier ones are taken out of `good`.
  static Result<YR_RULES*> compile_together(std::vector<const Source*>& good,
                                            std::vector<Note>& notes) {
    for (;;) {
      Heard heard;
      std::vector<Note> said;
      heard.notes = &said;
      auto compiler = begin(heard);
      if (!compiler) return carry(compiler);
      const auto bad = std::ranges::find_if(good, [&](const Source* source) {
        heard.source = source->name;
        said.clear();  // warnings were told when it was compiled alone
        return !add(compiler->get(), *source);
      });
      if (bad != good.end()) {
        notes.insert(notes.end(), said.begin(), said.end());
        good.erase(bad);
        continue;
      }
      YR_RULES* rules = nullptr;
      if (yr_compiler_get_rules(compiler->get(), &rules) != ERROR_SUCCESS) {
        return fail(Code::unavailable, "libyara lacks memory for the rules");
      }
      return rules;
    }
  }

  static Result<Compiled> run(const std::vector<Source>& sources) {
    auto library = LibraryUse::begin();
    if (!library) return carry(library);
    std::vector<Note> notes;
    std::vector<const Source*> good;
    for (const Source& source : sources) {
      const auto compiles = compiles_alone(source, notes);
      if (!compiles) return carry(compiles);
      if (*compiles) good.push_back(&source);
    }
    const auto rules = compile_together(good, notes);
    if (!rules) return carry(rules);
    Compiled compiled{.rules = Rules(std::make_unique<Rules::State>(std::move(*library), *rules)),
                      .notes = std::move(notes)};
    for (const Source& source : sources) {
      if (std::ranges::find(good, &source) == good.end()) compiled.left_out.push_back(source.name);
    }
    return compiled;
  }
};

Result<Compiled> compile(const std::vector<Source>& sources) { return Compiler::run(sources); }

}  // namespace amanat::yara
