#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

// Implemented per operating system: child_process_posix.cpp, child_process_windows.cpp.
namespace vramcalc::source {

// A program that answers requests from its standard input on its standard output.
class ChildProcess {
 public:
  // Looks next to the running program first, then on the system's path. Empty if it cannot be started.
  static std::optional<ChildProcess> start(const std::string& program);

  ~ChildProcess();  // ends it, and waits until it has ended
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void wait_at_most(std::chrono::milliseconds limit);  // per read
  bool write(std::string_view bytes);                  // false: it has ended
  bool read(std::span<char> into);         // exactly that many bytes; false: it has ended or timed out
  std::optional<std::string> read_line();  // without the line break

 private:
  ChildProcess(int process, int channel) : process_(process), channel_(channel) {}
  int process_ = -1;
  int channel_ = -1;
};

bool messages_go_to_a_terminal();

}  // namespace vramcalc::source
