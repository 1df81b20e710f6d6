#include "amanat/indicator/explain.h"

#include <algorithm>
#include <array>

namespace amanat::indicator {
namespace {

constexpr auto kStalkerwareAdvice = std::to_array<std::string_view>({
    "If you are in danger now, call the emergency number of your country.",
    "Do not remove the app yet. Whoever installed it can be told when it falls silent, and may "
    "react. Think first about what that person might do, and when you would be safe.",
    "Assume that this phone is watched, this report and what you search for included. Use another "
    "device that the other person has never had in hand, at a library or with a friend, to look "
    "for help.",
    "Talk to people who know this: an organisation against domestic violence near you. "
    "stopstalkerware.org lists such organisations by country.",
    "Keep proof before anything changes: photograph the app, its permissions and this report with "
    "another device, and note the date.",
    "When you have a plan and are safe: change passwords from another device, log out all "
    "sessions, "
    "switch on two-step login, change the screen lock. Then remove the app, or reset the phone and "
    "set it up as new.",
});

constexpr auto kWatchwareAdvice = std::to_array<std::string_view>({
    "Such apps are sold to parents and employers and usually show themselves. If you agreed to it, "
    "it may be as it should be.",
    "If you did not know about it, treat it as stalkerware: do not remove it yet, since the other "
    "person can be told; look for help from a device that the other person cannot reach. "
    "stopstalkerware.org lists organisations by country.",
    "On an employer's phone, ask what is collected, and keep private things off it.",
});

constexpr auto kSpywareAdvice = std::to_array<std::string_view>({
    "Keep the phone and do not reset it: that would destroy the traces. Stop using it for anything "
    "confidential, and leave it outside when you talk.",
    "Tell those who could be harmed through it, over another device.",
    "Ask people who examine such cases: Amnesty International's Security Lab, Access Now's Digital "
    "Security Helpline, Citizen Lab, or an organisation of your profession.",
    "A trace in a message or in the history means that an attempt was made, not that it succeeded. "
    "Do not open the link.",
    "On the phones you go on with: install all updates, and switch on the strictest protection "
    "they "
    "have (Advanced Protection, Lockdown Mode).",
});

constexpr auto kMalwareAdvice = std::to_array<std::string_view>({
    "Disconnect the phone from networks, then remove the app or file.",
    "If banking or shopping apps are on the phone, tell the bank, and look at recent payments and "
    "at your telephone bill.",
    "Change important passwords from another device, and switch on two-step login.",
    "If the app cannot be removed or comes back, keep your data safe and reset the phone.",
});

constexpr auto kUnwantedAdvice = std::to_array<std::string_view>({
    "Look at your subscriptions in the app store and cancel what you do not want: removing the app "
    "alone does not end a subscription.",
    "Look at your telephone bill for services you did not order, and have them refunded.",
    "Then remove the app.",
});

constexpr Explanation kMalware = {
    .heading = "Malware: it harms whoever runs it",
    .what_it_can_do =
        "Such software steals passwords and money, sends messages at your cost, or lets strangers "
        "use the phone.",
    .advice = kMalwareAdvice};
constexpr Explanation kSpyware = {
    .heading = "Spyware: made to watch chosen people",
    .what_it_can_do =
        "Such software can read everything on the phone, messages of encrypted apps included, "
        "and switch on microphone and camera. States buy it and aim it at few people, often "
        "through "
        "a link or without any action of the victim.",
    .advice = kSpywareAdvice};
constexpr Explanation kStalkerware = {
    .heading = "Stalkerware: somebody may be watching this phone",
    .what_it_can_do =
        "Such apps show messages, calls, photos and places to another person without your "
        "knowledge; "
        "many can listen and see through the phone. They are usually installed by somebody who had "
        "the phone in hand.",
    .advice = kStalkerwareAdvice};
constexpr Explanation kWatchware = {
    .heading = "Watchware: an app to supervise a child or an employee",
    .what_it_can_do =
        "Such apps report places, calls, messages and use of the phone to another person. They are "
        "also used against partners.",
    .advice = kWatchwareAdvice};
constexpr Explanation kUnwanted = {.heading = "Unwanted: it takes money or data by tricks",
                                   .what_it_can_do =
                                       "Such apps charge much for little, with trials that turn "
                                       "into subscriptions, or collect more "
                                       "than they need.",
                                   .advice = kUnwantedAdvice};

// Most intrusive first. The names are Android's (android.Manifest.permission).
constexpr auto kAbilities = std::to_array<Ability>({
    {"BIND_ACCESSIBILITY_SERVICE",
     "It can read what is on the screen in every app, and tap and type in your place."},
    {"BIND_DEVICE_ADMIN", "It can make itself hard to remove, lock the phone or erase it."},
    {"BIND_NOTIFICATION_LISTENER_SERVICE",
     "It can read all notifications, and with them messages of other apps and login codes."},
    {"RECORD_AUDIO", "It can listen through the microphone."},
    {"CAPTURE_AUDIO_OUTPUT", "It can record both sides of telephone calls."},
    {"CAMERA", "It can take photos and videos."},
    {"MEDIA_PROJECTION", "It can record the screen."},
    {"FOREGROUND_SERVICE_MEDIA_PROJECTION", "It can record the screen."},
    {"BIND_INPUT_METHOD", "As a keyboard it sees everything you type, passwords included."},
    {"READ_SMS", "It can read your text messages, login codes included."},
    {"RECEIVE_SMS", "It sees each text message as it arrives, login codes included."},
    {"RECEIVE_MMS", "It sees each picture message as it arrives."},
    {"SEND_SMS", "It can send text messages in your name and at your cost."},
    {"ACCESS_BACKGROUND_LOCATION", "It can follow where you are, also while it is not open."},
    {"ACCESS_FINE_LOCATION", "It can see exactly where you are."},
    {"ACCESS_COARSE_LOCATION", "It can see roughly where you are."},
    {"READ_CALL_LOG", "It can see whom you called and who called you, and when."},
    {"PROCESS_OUTGOING_CALLS", "It sees the numbers you dial and can redirect calls."},
    {"ANSWER_PHONE_CALLS", "It can answer calls, so that the phone becomes a listening device."},
    {"CALL_PHONE", "It can make calls at your cost."},
    {"READ_PHONE_STATE", "It can see your number, the phone's identity and when you are calling."},
    {"READ_PHONE_NUMBERS", "It can see your number."},
    {"READ_CONTACTS", "It can read your contacts."},
    {"WRITE_CONTACTS", "It can change your contacts."},
    {"GET_ACCOUNTS", "It can see which accounts you have on this phone."},
    {"READ_CALENDAR", "It can read your calendar."},
    {"READ_MEDIA_IMAGES", "It can see your photos."},
    {"READ_MEDIA_VIDEO", "It can see your videos."},
    {"READ_MEDIA_AUDIO", "It can hear your recordings and music."},
    {"ACCESS_MEDIA_LOCATION", "It can see where your photos were taken."},
    {"READ_EXTERNAL_STORAGE", "It can read your photos, videos and downloaded files."},
    {"MANAGE_EXTERNAL_STORAGE", "It can read, change and delete all your files."},
    {"WRITE_EXTERNAL_STORAGE", "It can change and delete your files."},
    {"PACKAGE_USAGE_STATS", "It can see which apps you use, and when."},
    {"QUERY_ALL_PACKAGES", "It can see which apps are installed."},
    {"READ_HISTORY_BOOKMARKS", "It can read the history of your browser."},
    {"BODY_SENSORS", "It can read your heart rate and other measurements of your body."},
    {"ACTIVITY_RECOGNITION", "It can tell whether you walk, drive or rest."},
    {"NEARBY_WIFI_DEVICES", "It can see which networks and devices are near you."},
    {"ACCESS_WIFI_STATE", "It can see which networks are near you, which tells where you are."},
    {"BIND_VPN_SERVICE", "It can lead all network traffic through itself."},
    {"REQUEST_INSTALL_PACKAGES", "It can ask to install other apps."},
    {"REQUEST_DELETE_PACKAGES", "It can ask to remove other apps."},
    {"SYSTEM_ALERT_WINDOW", "It can draw over other apps, and so imitate their login windows."},
    {"DISABLE_KEYGUARD", "It can switch off the screen lock."},
    {"RECEIVE_BOOT_COMPLETED", "It starts by itself when the phone starts."},
    {"REQUEST_IGNORE_BATTERY_OPTIMIZATIONS", "It asks to keep running in the background always."},
});

std::string_view last_part(std::string_view permission) {
  const std::size_t dot = permission.rfind('.');
  return dot == std::string_view::npos ? permission : permission.substr(dot + 1);
}

}  // namespace

const Explanation& explain(ThreatClass threat_class) {
  switch (threat_class) {
    case ThreatClass::malware: return kMalware;
    case ThreatClass::spyware: return kSpyware;
    case ThreatClass::stalkerware: return kStalkerware;
    case ThreatClass::watchware: return kWatchware;
    case ThreatClass::unwanted: return kUnwanted;
  }
  return kMalware;
}

std::vector<Ability> abilities_of(std::span<const std::string> permissions) {
  std::vector<Ability> abilities;
  for (const Ability& ability : kAbilities) {
    const bool is_asked = std::ranges::any_of(permissions, [&ability](const std::string& asked) {
      return last_part(asked) == ability.permission;
    });
    const bool is_said = std::ranges::any_of(
        abilities, [&ability](const Ability& said) { return said.sentence == ability.sentence; });
    if (is_asked && !is_said) abilities.push_back(ability);
  }
  return abilities;
}

}  // namespace amanat::indicator
