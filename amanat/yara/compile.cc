#include <algorithm>
#include <variant>

#include "amanat/yara/state.h"

namespace amanat::yara {

// A compiler that met an error cannot go on. So all sources are compiled together; at the first
// error the ones after it are each tried alone, and those that are good are compiled together
// again. Two good sources may still contradict each other (one name twice in one namespace): then
// the later one is left out, and once more.
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
    Heard heard{.source = source.name, .notes = &notes};
    auto compiler = begin(heard);
    if (!compiler) return carry(compiler);
    return add(compiler->get(), source);
  }

  // One pass over all of `good`. Returns the rules, or the position of the source with an error.
  static Result<std::variant<YR_RULES*, std::size_t>> compile_together(
      const std::vector<const Source*>& good, std::vector<Note>& notes) {
    Heard heard;
    heard.notes = &notes;
    auto compiler = begin(heard);
    if (!compiler) return carry(compiler);
    for (std::size_t i = 0; i < good.size(); ++i) {
      heard.source = good[i]->name;
      if (!add(compiler->get(), *good[i])) return i;
    }
    YR_RULES* rules = nullptr;
    if (yr_compiler_get_rules(compiler->get(), &rules) != ERROR_SUCCESS) {
      return fail(Code::unavailable, "libyara lacks memory for the rules");
    }
    return rules;
  }

  // Takes out of `good`, from `first` on, what does not even compile alone.
  static Result<> sift(std::vector<const Source*>& good, std::size_t first,
                       std::vector<Note>& errors) {
    for (std::size_t i = first; i < good.size();) {
      std::vector<Note> notes;
      const auto compiles = compiles_alone(*good[i], notes);
      if (!compiles) return carry(compiles);
      if (*compiles) {
        ++i;
        continue;
      }
      errors.insert(errors.end(), notes.begin(), notes.end());
      good.erase(good.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return {};
  }

  static Result<YR_RULES*> compile_good(std::vector<const Source*>& good, std::vector<Note>& told) {
    for (bool is_sifted = false;;) {
      std::vector<Note> notes;
      const auto pass = compile_together(good, notes);
      if (!pass) return carry(pass);
      if (const auto* const rules = std::get_if<YR_RULES*>(&*pass)) {
        told.insert(told.end(), notes.begin(), notes.end());
        return *rules;
      }
      const std::size_t bad = std::get<std::size_t>(*pass);
      for (const Note& note : notes) {
        if (note.source == good[bad]->name) told.push_back(note);  // others are told again
      }
      good.erase(good.begin() + static_cast<std::ptrdiff_t>(bad));
      if (is_sifted) continue;
      if (auto done = sift(good, bad, told); !done) return carry(done);
      is_sifted = true;
    }
  }

  static Result<Compiled> run(const std::vector<Source>& sources) {
    auto library = LibraryUse::begin();
    if (!library) return carry(library);
    std::vector<Note> notes;
    std::vector<const Source*> good;
    for (const Source& source : sources) {
      if (const auto reason = refuse(source); reason.empty()) {
        good.push_back(&source);
      } else {
        notes.push_back({.source = source.name, .message = std::string(reason), .is_error = true});
      }
    }
    const auto rules = compile_good(good, notes);
    if (!rules) return carry(rules);
    if (notes.size() > kNotesMax) notes.resize(kNotesMax);
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
