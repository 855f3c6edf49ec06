#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

// What only an operating system can do; one file a system: child_process_posix.cpp,
// child_process_windows.cpp.
namespace vramcalc::source {

// A program that answers on its standard output what it is asked on its standard input.
class ChildProcess {
 public:
  // Looks beside the running program first, then where the system looks. Empty where it cannot be started.
  static std::optional<ChildProcess> start(const std::string& program);

  ~ChildProcess();  // ends it, and waits until it has ended
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void wait_at_most(std::chrono::milliseconds limit);  // in each read
  bool write(std::string_view bytes);                  // false: it is gone
  bool read(std::span<char> into);         // exactly so many bytes; false: it is gone, or silent for too long
  std::optional<std::string> read_line();  // without its end

 private:
  ChildProcess(int process, int channel) : process_(process), channel_(channel) {}
  int process_ = -1;
  int channel_ = -1;
};

bool messages_go_to_a_terminal();

}  // namespace vramcalc::source
