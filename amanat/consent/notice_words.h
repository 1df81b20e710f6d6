#pragma once

// The headings and small words of a notice, in its own language.

#include <array>
#include <string>
#include <string_view>

namespace amanat::consent {

/// What a rendering puts around the facts; part of the notice, so that a language is data.
struct NoticeWords {
  std::string who_asks, purpose, what, example, source, frequency, kept, sensitive, third_persons;
  std::string handling, where, who_can_read, custodian_sees, recipients, how_long, withdraw, rights;
  std::string complain, children, security, automated, cannot_prove, languages;
};

/// Each of them by its name in JSON.
struct NoticeWord {
  std::string_view name;
  std::string NoticeWords::* member;
};
inline constexpr auto kNoticeWords = std::to_array<NoticeWord>({
    {"who_asks", &NoticeWords::who_asks},
    {"purpose", &NoticeWords::purpose},
    {"what", &NoticeWords::what},
    {"example", &NoticeWords::example},
    {"source", &NoticeWords::source},
    {"frequency", &NoticeWords::frequency},
    {"kept", &NoticeWords::kept},
    {"sensitive", &NoticeWords::sensitive},
    {"third_persons", &NoticeWords::third_persons},
    {"handling", &NoticeWords::handling},
    {"where", &NoticeWords::where},
    {"who_can_read", &NoticeWords::who_can_read},
    {"custodian_sees", &NoticeWords::custodian_sees},
    {"recipients", &NoticeWords::recipients},
    {"how_long", &NoticeWords::how_long},
    {"withdraw", &NoticeWords::withdraw},
    {"rights", &NoticeWords::rights},
    {"complain", &NoticeWords::complain},
    {"children", &NoticeWords::children},
    {"security", &NoticeWords::security},
    {"automated", &NoticeWords::automated},
    {"cannot_prove", &NoticeWords::cannot_prove},
    {"languages", &NoticeWords::languages},
});

}  // namespace amanat::consent
