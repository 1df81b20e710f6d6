// The functions of Windows that stubs call, and what each of them answers here. A function that is
// not in this list ends the emulation: it is the program that calls it, not its packer.

#include <algorithm>
#include <vector>

#include "amanat/emulate/windows.h"

namespace amanat::emulate {
namespace {

using Arguments = std::span<const std::uint32_t>;

constexpr std::uint32_t kFailed = 0xffff'ffff;  // INVALID_HANDLE_VALUE, INVALID_FILE_SIZE
constexpr std::uint32_t kPageReadWriteExecute = 0x40;
constexpr std::string_view kProgramPath = "C:\\program.exe";
constexpr std::size_t kTextMax = 4096;

template <std::uint32_t kValue>
std::uint32_t always(Windows& /*windows*/, Arguments /*arguments*/) {
  return kValue;
}

std::uint32_t first_argument(Windows& /*windows*/, Arguments arguments) { return arguments[0]; }

// --- libraries ---------------------------------------------------------------------------------

template <unsigned kWidth>
std::uint32_t load_library(Windows& windows, Arguments arguments) {
  return windows.libraries().load(
      windows.memory().read_text(arguments[0], kWidth, kFunctionNameMax));
}

template <unsigned kWidth>
std::uint32_t get_module_handle(Windows& windows, Arguments arguments) {
  if (arguments[0] == 0) return windows.image().base;
  return windows.libraries().find(
      windows.memory().read_text(arguments[0], kWidth, kFunctionNameMax));
}

std::uint32_t get_proc_address(Windows& windows, Arguments arguments) {
  return windows.find_function(arguments[0], arguments[1]);
}

template <unsigned kWidth>
std::uint32_t get_module_file_name(Windows& windows, Arguments arguments) {
  const std::uint32_t size =
      std::min(arguments[2], static_cast<std::uint32_t>(kProgramPath.size()));
  for (std::uint32_t i = 0; i < size; ++i) {
    windows.memory().write(arguments[1] + i * kWidth, static_cast<std::uint8_t>(kProgramPath[i]),
                           kWidth);
  }
  if (size < arguments[2]) windows.memory().write(arguments[1] + size * kWidth, 0, kWidth);
  return size;
}

// --- memory ------------------------------------------------------------------------------------

std::uint32_t virtual_alloc(Windows& windows, Arguments arguments) {
  return windows.allocate(arguments[0], arguments[1]);
}

std::uint32_t virtual_alloc_in(Windows& windows, Arguments arguments) {
  return windows.allocate(arguments[1], arguments[2]);
}

template <std::size_t kSizeAt>
std::uint32_t heap_alloc(Windows& windows, Arguments arguments) {
  return windows.allocate(0, arguments[kSizeAt]);
}

template <std::size_t kOldAt>
std::uint32_t virtual_protect(Windows& windows, Arguments arguments) {
  windows.memory().write(arguments[kOldAt], kPageReadWriteExecute, 4);
  return 1;
}

// MEMORY_BASIC_INFORMATION of one page.
std::uint32_t virtual_query(Windows& windows, Arguments arguments) {
  constexpr std::uint32_t kBytes = 28;
  if (arguments[2] < kBytes) return 0;
  const std::uint32_t page = arguments[0] & ~(kPageBytes - 1);
  const PeImage& image = windows.image();
  const bool in_image = page >= image.base && page - image.base < image.size;
  const bool is_mapped = windows.memory().page_at(page) != nullptr;
  const std::uint32_t base = in_image ? image.base : page;
  const std::uint32_t size = in_image ? image.size - (page - base) : kPageBytes;
  const std::uint32_t words[] = {page,
                                 base,
                                 kPageReadWriteExecute,
                                 size,
                                 is_mapped ? 0x1000U : 0x1'0000U,
                                 kPageReadWriteExecute,
                                 in_image ? 0x100'0000U : 0x2'0000U};
  for (std::uint32_t i = 0; i < std::size(words); ++i) {
    windows.memory().write(arguments[1] + 4 * i, words[i], 4);
  }
  return kBytes;
}

std::uint32_t is_bad_pointer(Windows& windows, Arguments arguments) {
  return windows.memory().page_at(arguments[0]) == nullptr ? 1 : 0;
}

std::uint32_t move_memory(Windows& windows, Arguments arguments) {
  windows.copy(arguments[0], arguments[1], arguments[2]);
  return 0;
}

std::uint32_t fill_memory(Windows& windows, Arguments arguments) {
  windows.fill(arguments[0], static_cast<std::uint8_t>(arguments[2]), arguments[1]);
  return 0;
}

std::uint32_t zero_memory(Windows& windows, Arguments arguments) {
  windows.fill(arguments[0], 0, arguments[1]);
  return 0;
}

// --- files -------------------------------------------------------------------------------------

// The program's own file can be read, since some stubs check it or carry data behind it.
constexpr std::uint32_t kFileHandle = 0x54;
constexpr std::uint32_t kFileNotFound = 2;

template <unsigned kWidth>
std::uint32_t open_file(Windows& windows, Arguments arguments) {
  if (windows.memory().read_text(arguments[0], kWidth, kTextMax) == kProgramPath) {
    windows.file_position() = 0;
    return kFileHandle;
  }
  windows.set_last_error(kFileNotFound);
  return kFailed;
}

std::uint32_t get_file_size(Windows& windows, Arguments arguments) {
  if (arguments[0] != kFileHandle) return kFailed;
  if (arguments[1] != 0) windows.memory().write(arguments[1], 0, 4);
  return static_cast<std::uint32_t>(windows.image().file.size());
}

std::uint32_t set_file_pointer(Windows& windows, Arguments arguments) {
  if (arguments[0] != kFileHandle) return kFailed;
  const std::uint64_t size = windows.image().file.size();
  const std::uint64_t bases[] = {0, windows.file_position(), size};
  const std::uint64_t base = arguments[3] < std::size(bases) ? bases[arguments[3]] : 0;
  // Distances are signed, and no file of ours reaches 4 GiB.
  windows.file_position() = static_cast<std::uint32_t>(base) + arguments[1];
  return static_cast<std::uint32_t>(windows.file_position());
}

std::uint32_t read_file(Windows& windows, Arguments arguments) {
  if (arguments[0] != kFileHandle) return 0;
  const ByteView file = windows.image().file;
  const std::uint64_t position = std::min<std::uint64_t>(windows.file_position(), file.size());
  const ByteView bytes =
      file.subspan(position, std::min<std::uint64_t>(arguments[2], file.size() - position));
  windows.store(arguments[1], bytes);
  windows.file_position() = position + bytes.size();
  if (arguments[3] != 0) {
    windows.memory().write(arguments[3], static_cast<std::uint32_t>(bytes.size()), 4);
  }
  return 1;
}

// --- text --------------------------------------------------------------------------------------

std::uint32_t text_length(Windows& windows, Arguments arguments) {
  return static_cast<std::uint32_t>(windows.memory().read_text(arguments[0], 1, kTextMax).size());
}

std::uint32_t copy_text(Windows& windows, Arguments arguments) {
  std::string text = windows.memory().read_text(arguments[1], 1, kTextMax);
  text.push_back('\0');
  windows.memory().store(arguments[0], as_bytes(text));
  return arguments[0];
}

std::uint32_t join_text(Windows& windows, Arguments arguments) {
  const std::uint32_t size = text_length(windows, arguments);
  const std::uint32_t tail[] = {arguments[0] + size, arguments[1]};
  copy_text(windows, tail);
  return arguments[0];
}

template <bool kWithCase>
std::uint32_t compare_text(Windows& windows, Arguments arguments) {
  const auto read = [&](std::uint32_t at) {
    std::string text = windows.memory().read_text(at, 1, kTextMax);
    if (!kWithCase) {
      std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
    }
    return text;
  };
  const int order = read(arguments[0]).compare(read(arguments[1]));
  return order == 0 ? 0 : order < 0 ? kFailed : 1;
}

// --- time, errors, exceptions ------------------------------------------------------------------

std::uint32_t get_tick_count(Windows& windows, Arguments /*arguments*/) {
  constexpr std::uint64_t kStepsPerTick = 1'000'000;
  constexpr std::uint64_t kTicksAtStart = 3'600'000;
  return static_cast<std::uint32_t>(kTicksAtStart + windows.processor().steps() / kStepsPerTick);
}

std::uint32_t query_counter(Windows& windows, Arguments arguments) {
  const std::uint64_t steps = windows.processor().steps();
  windows.memory().write(arguments[0], static_cast<std::uint32_t>(steps), 4);
  windows.memory().write(arguments[0] + 4, static_cast<std::uint32_t>(steps >> 32), 4);
  return 1;
}

std::uint32_t get_last_error(Windows& windows, Arguments /*arguments*/) {
  return windows.last_error();
}

std::uint32_t set_last_error(Windows& windows, Arguments arguments) {
  windows.set_last_error(arguments[0]);
  return 0;
}

std::uint32_t set_filter(Windows& windows, Arguments arguments) {
  return windows.set_filter(arguments[0]);
}

std::uint32_t no_debugger(Windows& windows, Arguments arguments) {
  windows.memory().write(arguments[1], 0, 4);
  return 1;
}

// What cannot be opened: there are no files, and no processes but this one.
template <std::uint32_t kResult>
std::uint32_t not_found(Windows& windows, Arguments /*arguments*/) {
  windows.set_last_error(kFileNotFound);
  return kResult;
}

constexpr auto kCalls = std::to_array<KnownCall>({
    {{"kernel32", "LoadLibraryA"}, 1, load_library<1>},
    {{"kernel32", "LoadLibraryW"}, 1, load_library<2>},
    {{"kernel32", "LoadLibraryExA"}, 3, load_library<1>},
    {{"kernel32", "LoadLibraryExW"}, 3, load_library<2>},
    {{"kernel32", "FreeLibrary"}, 1, always<1>},
    {{"kernel32", "GetModuleHandleA"}, 1, get_module_handle<1>},
    {{"kernel32", "GetModuleHandleW"}, 1, get_module_handle<2>},
    {{"kernel32", "GetModuleFileNameA"}, 3, get_module_file_name<1>},
    {{"kernel32", "GetModuleFileNameW"}, 3, get_module_file_name<2>},
    {{"kernel32", "GetProcAddress"}, 2, get_proc_address},
    {{"kernel32", "DisableThreadLibraryCalls"}, 1, always<1>},

    {{"kernel32", "VirtualAlloc"}, 4, virtual_alloc},
    {{"kernel32", "VirtualAllocEx"}, 5, virtual_alloc_in},
    {{"kernel32", "VirtualFree"}, 3, always<1>},
    {{"kernel32", "VirtualFreeEx"}, 4, always<1>},
    {{"kernel32", "VirtualProtect"}, 4, virtual_protect<3>},
    {{"kernel32", "VirtualProtectEx"}, 5, virtual_protect<4>},
    {{"kernel32", "VirtualQuery"}, 3, virtual_query},
    {{"kernel32", "VirtualLock"}, 2, always<1>},
    {{"kernel32", "VirtualUnlock"}, 2, always<1>},
    {{"kernel32", "GlobalAlloc"}, 2, heap_alloc<1>},
    {{"kernel32", "GlobalLock"}, 1, first_argument},
    {{"kernel32", "GlobalUnlock"}, 1, always<0>},
    {{"kernel32", "GlobalFree"}, 1, always<0>},
    {{"kernel32", "LocalAlloc"}, 2, heap_alloc<1>},
    {{"kernel32", "LocalLock"}, 1, first_argument},
    {{"kernel32", "LocalUnlock"}, 1, always<0>},
    {{"kernel32", "LocalFree"}, 1, always<0>},
    {{"kernel32", "GetProcessHeap"}, 0, always<0x24'0000>},
    {{"kernel32", "HeapCreate"}, 3, always<0x24'0000>},
    {{"kernel32", "HeapDestroy"}, 1, always<1>},
    {{"kernel32", "HeapAlloc"}, 3, heap_alloc<2>},
    {{"kernel32", "HeapFree"}, 3, always<1>},
    {{"kernel32", "IsBadReadPtr"}, 2, is_bad_pointer},
    {{"kernel32", "IsBadWritePtr"}, 2, is_bad_pointer},
    {{"kernel32", "IsBadCodePtr"}, 1, is_bad_pointer},
    {{"kernel32", "FlushInstructionCache"}, 3, always<1>},
    {{"kernel32", "RtlMoveMemory"}, 3, move_memory},
    {{"kernel32", "RtlFillMemory"}, 3, fill_memory},
    {{"kernel32", "RtlZeroMemory"}, 2, zero_memory},

    {{"kernel32", "lstrlenA"}, 1, text_length},
    {{"kernel32", "lstrcpyA"}, 2, copy_text},
    {{"kernel32", "lstrcatA"}, 2, join_text},
    {{"kernel32", "lstrcmpA"}, 2, compare_text<true>},
    {{"kernel32", "lstrcmpiA"}, 2, compare_text<false>},

    {{"kernel32", "GetTickCount"}, 0, get_tick_count},
    {{"kernel32", "QueryPerformanceCounter"}, 1, query_counter},
    {{"kernel32", "QueryPerformanceFrequency"}, 1, query_counter},
    {{"kernel32", "Sleep"}, 1, always<0>},
    {{"kernel32", "GetVersion"}, 0, always<0x0a28'0105>},
    {{"kernel32", "GetCurrentProcess"}, 0, always<kFailed>},
    {{"kernel32", "GetCurrentProcessId"}, 0, always<0x4d4>},
    {{"kernel32", "GetCurrentThread"}, 0, always<0xffff'fffe>},
    {{"kernel32", "GetCurrentThreadId"}, 0, always<0x4d8>},
    {{"kernel32", "GetLastError"}, 0, get_last_error},
    {{"kernel32", "SetLastError"}, 1, set_last_error},
    {{"kernel32", "SetErrorMode"}, 1, always<0>},
    {{"kernel32", "SetThreadPriority"}, 2, always<1>},
    {{"kernel32", "SetPriorityClass"}, 2, always<1>},
    {{"kernel32", "SetUnhandledExceptionFilter"}, 1, set_filter},
    {{"kernel32", "IsDebuggerPresent"}, 0, always<0>},
    {{"kernel32", "CheckRemoteDebuggerPresent"}, 2, no_debugger},
    {{"kernel32", "OutputDebugStringA"}, 1, not_found<0>},

    {{"kernel32", "CreateFileA"}, 7, open_file<1>},
    {{"kernel32", "CreateFileW"}, 7, open_file<2>},
    {{"kernel32", "CloseHandle"}, 1, always<1>},
    {{"kernel32", "GetFileSize"}, 2, get_file_size},
    {{"kernel32", "SetFilePointer"}, 4, set_file_pointer},
    {{"kernel32", "ReadFile"}, 5, read_file},
    {{"kernel32", "CreateMutexA"}, 3, always<0x40>},
    {{"kernel32", "OpenMutexA"}, 3, not_found<0>},
    {{"kernel32", "OpenProcess"}, 3, not_found<0>},
    {{"kernel32", "CreateToolhelp32Snapshot"}, 2, not_found<kFailed>},
    {{"kernel32", "Process32First"}, 2, not_found<0>},
    {{"kernel32", "Process32Next"}, 2, not_found<0>},
    {{"kernel32", "Module32First"}, 2, not_found<0>},
    {{"kernel32", "Module32Next"}, 2, not_found<0>},

    {{"kernel32", "ExitProcess"}, 1, nullptr, true},
    {{"kernel32", "ExitThread"}, 1, nullptr, true},
    {{"kernel32", "TerminateProcess"}, 2, nullptr, true},

    {{"user32", "FindWindowA"}, 2, not_found<0>},
    {{"user32", "FindWindowExA"}, 4, not_found<0>},
    {{"user32", "GetForegroundWindow"}, 0, always<0>},
    {{"user32", "BlockInput"}, 1, always<1>},

    {{"ntdll", "RtlAllocateHeap"}, 3, heap_alloc<2>},
    {{"ntdll", "RtlFreeHeap"}, 3, always<1>},
    {{"ntdll", "NtQueryInformationProcess"}, 5, not_found<0xc000'0003>},
    {{"ntdll", "ZwQueryInformationProcess"}, 5, not_found<0xc000'0003>},
    {{"ntdll", "NtSetInformationThread"}, 4, always<0>},
    {{"ntdll", "ZwSetInformationThread"}, 4, always<0>},
    {{"ntdll", "NtQuerySystemInformation"}, 4, not_found<0xc000'0003>},
    {{"ntdll", "ZwQuerySystemInformation"}, 4, not_found<0xc000'0003>},
});

// Looked up by programs and packers alike; whoever calls them is the program.
// clang-format off
constexpr auto kOnlyInKernel = std::to_array<std::string_view>({
    "GetCommandLineA", "GetCommandLineW", "GetStartupInfoA", "GetStartupInfoW", "CreateProcessA",
    "CreateProcessW", "CreateThread", "CreateRemoteThread", "WriteFile", "CreateFileMappingA",
    "MapViewOfFile", "UnmapViewOfFile", "DeleteFileA", "CopyFileA", "MoveFileA", "FindFirstFileA",
    "FindNextFileA", "FindClose", "GetFileAttributesA", "SetFileAttributesA", "GetTempPathA",
    "GetTempFileNameA", "GetWindowsDirectoryA", "GetSystemDirectoryA", "GetCurrentDirectoryA",
    "SetCurrentDirectoryA", "CreateDirectoryA", "GetEnvironmentVariableA", "GetVersionExA",
    "GetSystemInfo", "GetSystemTime", "GetLocalTime", "GetSystemTimeAsFileTime",
    "WaitForSingleObject", "CreateEventA", "SetEvent", "ResetEvent", "ReleaseMutex",
    "GetThreadContext", "SetThreadContext", "SuspendThread", "ResumeThread", "ReadProcessMemory",
    "WriteProcessMemory", "ContinueDebugEvent", "WaitForDebugEvent", "DebugActiveProcess",
    "DeviceIoControl", "FindResourceA", "LoadResource", "LockResource", "SizeofResource",
    "FreeResource", "InitializeCriticalSection", "EnterCriticalSection", "LeaveCriticalSection",
    "DeleteCriticalSection", "InterlockedIncrement", "InterlockedDecrement", "InterlockedExchange",
    "TlsAlloc", "TlsFree", "TlsGetValue", "TlsSetValue", "RaiseException",
    "UnhandledExceptionFilter", "MultiByteToWideChar", "WideCharToMultiByte", "GetStdHandle",
    "GetFileType", "GetACP", "GetCPInfo", "HeapReAlloc", "HeapSize", "GlobalReAlloc",
    "GlobalMemoryStatus", "lstrcpynA", "lstrlenW", "lstrcpyW", "WinExec", "_lopen", "_lread",
    "_lwrite", "_lclose", "_llseek", "GetModuleHandleExA", "GetProcessTimes", "GetDriveTypeA",
    "GetVolumeInformationA", "GetComputerNameA", "OpenFileMappingA", "OpenEventA", "ExitWindowsEx",
    "IsBadStringPtrA", "GetCurrentProcessorNumber", "GetPrivateProfileStringA",
    "SetThreadAffinityMask", "CreateSemaphoreA", "DuplicateHandle", "GetExitCodeProcess",
    "GetExitCodeThread", "TerminateThread", "OpenThread", "Thread32First", "Thread32Next",
    "FatalAppExitA", "Beep",
});
constexpr auto kOnlyInUser = std::to_array<std::string_view>({
    "MessageBoxA", "MessageBoxW", "MessageBoxExA", "wsprintfA", "wvsprintfA", "LoadStringA",
    "LoadIconA", "LoadCursorA", "RegisterClassA", "RegisterClassExA", "CreateWindowExA",
    "DefWindowProcA", "ShowWindow", "UpdateWindow", "GetMessageA", "DispatchMessageA",
    "TranslateMessage", "PostQuitMessage", "SendMessageA", "PostMessageA", "DialogBoxParamA",
    "EndDialog", "GetDlgItem", "SetWindowTextA", "GetWindowTextA", "DestroyWindow", "CharNextA",
    "CharUpperA", "CharLowerA", "GetDC", "ReleaseDC", "BeginPaint", "EndPaint", "GetSystemMetrics",
    "SetTimer", "KillTimer", "EnumWindows", "GetKeyboardType", "GetDesktopWindow", "GetClientRect",
    "GetWindowRect", "SetForegroundWindow", "IsWindow", "GetActiveWindow",
});
// clang-format on

constexpr auto kExports = [] {
  std::array<Export, kCalls.size() + kOnlyInKernel.size() + kOnlyInUser.size()> exports{};
  auto at = std::ranges::transform(kCalls, exports.begin(), &KnownCall::place).out;
  for (const std::string_view name : kOnlyInKernel) *at++ = {.library = "kernel32", .name = name};
  for (const std::string_view name : kOnlyInUser) *at++ = {.library = "user32", .name = name};
  return exports;
}();

}  // namespace

const KnownCall* find_call(std::string_view name) {
  const auto found =
      std::ranges::find(kCalls, name, [](const KnownCall& c) { return c.place.name; });
  return found == kCalls.end() ? nullptr : &*found;
}

std::span<const Export> known_exports() { return kExports; }

}  // namespace amanat::emulate
