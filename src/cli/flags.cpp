#include "cli/flags.hpp"

#include <algorithm>
#include <array>

#include "cli/flags/table.hpp"

namespace vramcalc::cli {
namespace {

constexpr std::array tables = {&model_and_hardware_flags,
                               &config_flags,
                               &own_fit_flags,
                               &command_flags,
                               &deployment_flags,
                               &tokens_flags,
                               &context_flags,
                               &placement_flags,
                               &serving_flags,
                               &serving_cache_flags,
                               &vllm_flags,
                               &sglang_flags,
                               &computation_flags,
                               &output_flags};

struct Title {
  Topic topic;
  std::string_view text;
};
constexpr std::array titles = {
    Title{Topic::question,   "Question"                                     },
    Title{Topic::deployment, "Deployments (check FILE..., check -- COMMAND)"},
    Title{Topic::workload,   "Workload (names and defaults are llama.cpp's)"},
    Title{Topic::placement,  "Placement (check; llama.cpp's flags)"         },
    Title{Topic::serving,    "Serving (vLLM and SGLang)"                    },
    Title{Topic::vllm,       "vLLM's own flags"                             },
    Title{Topic::sglang,     "SGLang's own flags"                           },
    Title{Topic::runtime,    "How it is computed"                           },
    Title{Topic::output,     "Output"                                       },
};

constexpr std::array<Topic, titles.size()> topics_of_titles() {
  std::array<Topic, titles.size()> result{};
  for (std::size_t i = 0; i < titles.size(); ++i) result[i] = titles[i].topic;
  return result;
}
constexpr std::array all_topics = topics_of_titles();

std::string_view take_name(std::string_view& names) {
  const std::size_t comma = std::min(names.find(", "), names.size());
  const std::string_view name = names.substr(0, comma);
  names.remove_prefix(std::min(comma + 2, names.size()));
  return name;
}

}  // namespace

std::span<const FlagTable* const> flag_tables() { return tables; }

std::span<const Topic> topics() { return all_topics; }

std::string_view title(Topic topic) { return std::ranges::find(titles, topic, &Title::topic)->text; }

std::string_view runtimes_of(const Flag& flag) {
  const auto has_it = [&](const FlagTable* table) {
    return &flag >= table->flags.data() && &flag < table->flags.data() + table->flags.size();
  };
  const auto table = std::ranges::find_if(tables, has_it);
  return table == tables.end() ? std::string_view() : (*table)->runtimes;
}

std::vector<std::string_view> names_of(std::string_view names) {
  std::vector<std::string_view> result;
  while (!names.empty()) result.push_back(take_name(names));
  return result;
}

bool has_name(std::string_view names, std::string_view name) {
  while (!names.empty())
    if (take_name(names) == name) return true;
  return false;
}

}  // namespace vramcalc::cli
