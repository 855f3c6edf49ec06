#pragma once

#include <span>
#include <string>
#include <string_view>

// What is installed beside the program and printed by it, so that it comes from the same tables: --generate.
namespace vramcalc::cli {

struct Generated {
  std::string_view id;
  std::string (*text)();
};
std::span<const Generated> generated();

std::string man_page();  // roff
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();
std::string flag_list();  // Markdown: docs/flags.md

}  // namespace vramcalc::cli
