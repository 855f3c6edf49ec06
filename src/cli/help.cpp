#include "cli/help.hpp"

#include <fmt/format.h>

#include <vector>

#include "cli/commands.hpp"
#include "cli/flags.hpp"
#include "vramcalc/catalog_date.hpp"

namespace vramcalc::cli {
namespace {

// The lists of the catalog share a line, and the site stands beside them: the short help fits one screen.
bool is_listing(const CommandName& name) { return name.arguments == "[FILTER]"; }

std::string usage_line(const CommandName& name) {
  const std::string line =
      fmt::format("vramcalc {}{}{}", name.word, name.word.empty() ? "" : " ", name.arguments);
  return fmt::format("  {:<39} {}\n", line, name.help);
}

std::string usage() {
  std::string text = fmt::format("{}\n\n{}", summary(), usage_line(overview()));
  std::vector<std::string_view> listings;
  for (const CommandName& name : commands()) {
    if (is_listing(name))
      listings.push_back(name.word);
    else if (name.command != Command::site)
      text += usage_line(name);
  }
  const std::string lists = fmt::format("vramcalc {} [FILTER]", fmt::join(listings, "|"));
  return text + fmt::format("  {:<48} vramcalc site DIR: all pages\n\n{}", lists, words_of_usage());
}

std::string line(const Flag& flag) {
  std::string left(flag.names);
  if (!flag.value.empty()) left += fmt::format(" {}", flag.value);
  return fmt::format("  {:<34} {}\n", left, flag.help);
}

std::string lines(const FlagTable& table) {
  std::string text;
  for (const Flag& flag : table.flags) text += line(flag);
  return text;
}

}  // namespace

std::string_view summary() { return "How much GPU memory a language model needs, and what can run it."; }

std::string_view words_of_usage() {
  return R"(MODEL     deepseek-r1, llama3.1:8b, Qwen/Qwen3-8B, or what you have: model.gguf,
          ./folder, hf:ORG/NAME, hf:ORG/NAME:Q4_K_M, https://..., ollama:NAME
HARDWARE  rtx-4090, "2x rtx-4090,rtx-3090", dgx-h100, or a size: 24GiB
)";
}

std::string_view examples() {
  return R"(  vramcalc qwen3-8b
  vramcalc qwen3-8b -q Q6_K -c 32K -ctk q8_0 -ctv q8_0 --gpu rtx-4090
  vramcalc check qwen3-8b --gpu 24GiB -c max && echo yes
  vramcalc deepseek-r1 --json | jq .estimate.total_bytes
  vramcalc ./Qwen3-8B-UD-Q4_K_XL.gguf --gpu 12GiB
  vramcalc compare qwen3-8b gemma-3-12b -q Q4_K_M,Q8_0 --gpu 16GiB
  vramcalc check qwen3-32b -q FP8 --gpu "2x l40s" --max-model-len 32K
  vramcalc check compose.yaml --gpu "2x rtx-4090" --format github
  vramcalc check --gpu h100-sxm-80gb -- vllm serve Qwen/Qwen3-32B -tp 1
  vramcalc plan llama-3.3-70b --runtime vllm -tp 4 --gpu "4x a100-80gb"
  vramcalc models --local
  vramcalc qwen3-8b --format html > page.html
  vramcalc -- check                a model that is called like a command
)";
}

std::string_view remarks() {
  return R"(Figures are for llama-server with its own defaults: four slots over one cache;
for checkpoint formats (FP8, AWQ, NVFP4 …) and for --runtime vllm, they are for
vLLM on all of the GPUs named.
Without -c the overview shows 2,048 tokens and the model's full context, and
check takes the full context. Sizes are in GB (10^9 bytes) unless --units.
llama-server's other flags (-t, --port, --jinja, --mlock …) may stand on the
line too: they change nothing of this.
)";
}

std::string_view exit_status() {
  return R"(0 it fits, or here is your answer; 1 it does not fit (check);
2 could not tell.
)";
}

std::string short_help() {
  std::string text = fmt::format("{}\n", usage());
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags)
      if (flag.in_short_help) text += line(flag);
  return text;
}

std::string long_help() {
  std::string text = usage();
  for (const Topic topic : topics()) {
    text += fmt::format("\n{}\n", title(topic));
    for (const FlagTable* table : flag_tables())
      if (table->topic == topic) text += lines(*table);
  }
  return text + fmt::format("\nExamples\n{}\n{}\nExit status: {}", examples(), remarks(), exit_status());
}

}  // namespace vramcalc::cli
