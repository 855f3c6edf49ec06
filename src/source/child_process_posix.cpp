#if !defined(_WIN32)

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "source/child_process.hpp"

extern char** environ;

namespace vramcalc::source {
namespace {

namespace fs = std::filesystem;

// The path of the running executable.
fs::path own_path() {
  std::error_code code;
#if defined(__APPLE__)
  std::array<char, 4096> buffer{};
  std::uint32_t size = buffer.size();
  if (_NSGetExecutablePath(buffer.data(), &size) != 0) return {};
  return fs::canonical(buffer.data(), code);
#else
  return fs::read_symlink("/proc/self/exe", code);
#endif
}

std::string find_program(const std::string& program) {
  std::error_code code;
  const fs::path beside = own_path().parent_path() / program;
  return fs::exists(beside, code) ? beside.string() : program;
}

// A socket pair instead of two pipes, since a write to a closed socket can be told not to raise SIGPIPE.
bool open_channel(std::array<int, 2>& ends) {
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return false;
  for (int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
#if defined(SO_NOSIGPIPE)
  const int on = 1;
  setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  return true;
}

#if defined(MSG_NOSIGNAL)
constexpr int send_flags = MSG_NOSIGNAL;
#else
constexpr int send_flags = 0;
#endif

}  // namespace

std::optional<ChildProcess> ChildProcess::start(const std::string& program) {
  std::array<int, 2> ends{};
  if (!open_channel(ends)) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string path = find_program(program);
  std::array<char*, 2> arguments{path.data(), nullptr};
  pid_t process = -1;
  const int failed = posix_spawnp(&process, path.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    return std::nullopt;
  }
  return ChildProcess(process, ends[0]);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : process_(other.process_), channel_(other.channel_) {
  other.process_ = other.channel_ = -1;
}

ChildProcess::~ChildProcess() {
  if (channel_ >= 0) close(channel_);
  if (process_ < 0) return;
  kill(process_, SIGTERM);  // it may be in the middle of an answer that is too slow to wait for
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::wait_at_most(std::chrono::milliseconds limit) {
  timeval time{};
  time.tv_sec = static_cast<decltype(time.tv_sec)>(limit.count() / 1000);
  time.tv_usec = static_cast<decltype(time.tv_usec)>(limit.count() % 1000 * 1000);
  setsockopt(channel_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

bool ChildProcess::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(channel_, bytes.data(), bytes.size(), send_flags);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool ChildProcess::read(std::span<char> into) {
  while (!into.empty()) {
    const ssize_t count = recv(channel_, into.data(), into.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

std::optional<std::string> ChildProcess::read_line() {
  constexpr std::size_t longest = 4096;
  std::string line;
  for (char c = 0; line.size() < longest; line += c) {
    if (!read({&c, 1})) return std::nullopt;
    if (c == '\n') return line;
  }
  return std::nullopt;
}

bool messages_go_to_a_terminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace vramcalc::source

#endif
