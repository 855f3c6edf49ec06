#include "cli/generate.hpp"

#include <array>

namespace vramcalc::cli {
namespace {

constexpr std::array all = {
    Generated{"man",           man_page       },
    Generated{"complete-bash", bash_completion},
    Generated{"complete-zsh",  zsh_completion },
    Generated{"complete-fish", fish_completion},
    Generated{"flags",         flag_list      },
};

}  // namespace

std::span<const Generated> generated() { return all; }

}  // namespace vramcalc::cli
