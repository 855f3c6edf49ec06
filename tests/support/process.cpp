#include "support/process.hpp"

#include <system_error>

#ifdef _WIN32
#include <windows.h>
#else
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#endif

namespace vramcalc::test {
namespace {

std::vector<std::string> assignments(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> result;
  for (const auto& [name, value] : environment) result.push_back(name + "=" + value);
  return result;
}

}  // namespace

#ifdef _WIN32

namespace {

// As CommandLineToArgvW reads it back: backslashes count only before a quote.
std::string quoted(const std::string& word) {
  std::string result = "\"";
  std::size_t backslashes = 0;
  for (const char c : word) {
    if (c == '"') result.append(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    result += c;
  }
  return result.append(backslashes, '\\') + '"';
}

HANDLE open_inherited(const std::filesystem::path& path, DWORD access, DWORD disposition) {
  SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
  const std::string name = path.empty() ? "NUL" : path.string();
  HANDLE handle = CreateFileA(name.c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                              disposition, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE)
    throw std::system_error(static_cast<int>(GetLastError()), std::system_category(), name);
  return handle;
}

}  // namespace

int run(const Command& command) {
  std::string line, block;
  for (const auto& word : command.words) line += (line.empty() ? "" : " ") + quoted(word);
  for (const auto& assignment : assignments(command.environment)) block += assignment + '\0';
  block += '\0';

  STARTUPINFOA startup{};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = open_inherited(command.in, GENERIC_READ, OPEN_EXISTING);
  startup.hStdOutput = open_inherited(command.out, GENERIC_WRITE, CREATE_ALWAYS);
  startup.hStdError = open_inherited(command.err, GENERIC_WRITE, CREATE_ALWAYS);
  PROCESS_INFORMATION process{};
  const BOOL started = CreateProcessA(nullptr, line.data(), nullptr, nullptr, TRUE, 0, block.data(), nullptr,
                                      &startup, &process);
  const DWORD failure = GetLastError();
  for (HANDLE handle : {startup.hStdInput, startup.hStdOutput, startup.hStdError}) CloseHandle(handle);
  if (!started) throw std::system_error(static_cast<int>(failure), std::system_category(), command.words[0]);

  WaitForSingleObject(process.hProcess, INFINITE);
  DWORD status = 0;
  GetExitCodeProcess(process.hProcess, &status);
  CloseHandle(process.hThread);
  CloseHandle(process.hProcess);
  return static_cast<int>(status);
}

#else

namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

const char* name_or_null_device(const std::filesystem::path& path) {
  return path.empty() ? "/dev/null" : path.c_str();
}

}  // namespace

int run(const Command& command) {
  std::vector<std::string> words = command.words;
  std::vector<std::string> environment = assignments(command.environment);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, name_or_null_device(command.in), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, name_or_null_device(command.out), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  posix_spawn_file_actions_addopen(&files, 2, name_or_null_device(command.err), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  pid_t child = 0;
  const int failure = posix_spawn(&child, words[0].c_str(), &files, nullptr, pointers(words).data(),
                                  pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  if (failure != 0) throw std::system_error(failure, std::generic_category(), command.words[0]);

  int status = 0;
  if (waitpid(child, &status, 0) != child) throw std::system_error(errno, std::generic_category(), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif

}  // namespace vramcalc::test
