#if defined(_WIN32)

#include "source/child_process.hpp"

// Helpers cannot be started on Windows yet; features that need one report it as missing.
namespace vramcalc::source {

std::optional<ChildProcess> ChildProcess::start(const std::string&) { return std::nullopt; }
ChildProcess::ChildProcess(ChildProcess&&) noexcept {}
ChildProcess::~ChildProcess() {}
void ChildProcess::wait_at_most(std::chrono::milliseconds) {}
bool ChildProcess::write(std::string_view) { return false; }
bool ChildProcess::read(std::span<char>) { return false; }
std::optional<std::string> ChildProcess::read_line() { return std::nullopt; }
bool messages_go_to_a_terminal() { return false; }

}  // namespace vramcalc::source

#endif
