#include <algorithm>
#include <array>

#include "render/render.hpp"

namespace vramcalc::render {
namespace {

constexpr std::array all_formats = {
    Format{"table",    false, table    },
    Format{"json",     true,  json     },
    Format{"markdown", false, markdown },
    Format{"html",     false, html_page, true},
    Format{"csv",          true,           csv      },
    Format{"sarif",          true,         sarif},
    Format{"junit",          true,         junit      },
    Format{"github",          true,        github},
};

}  // namespace

std::span<const Format> formats() { return all_formats; }

const Format* find_format(std::string_view id) {
  const auto found = std::find_if(all_formats.begin(), all_formats.end(),
                                  [&](const Format& format) { return format.id == id; });
  return found == all_formats.end() ? nullptr : &*found;
}

}  // namespace vramcalc::render
