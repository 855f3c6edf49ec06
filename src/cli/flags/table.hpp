#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cli/flags.hpp"

// The building blocks of the flag tables.
namespace vramcalc::cli {

// question.cpp
extern const FlagTable model_and_hardware_flags, config_flags, command_flags, computation_flags;
// llama_cpp.cpp
extern const FlagTable own_fit_flags, tokens_flags, context_flags, placement_flags;
// serving.cpp
extern const FlagTable serving_flags, serving_cache_flags, vllm_flags, sglang_flags;
// deployment.cpp
extern const FlagTable deployment_flags;
// output.cpp
extern const FlagTable output_flags;

constexpr Flag option(std::string_view names, std::string_view value, std::string_view help,
                      CommandSet commands, Apply apply) {
  return {names, value, help, commands, apply};
}

constexpr Flag toggle(std::string_view names, std::string_view help, CommandSet commands, Apply apply) {
  return {names, "", help, commands, apply};
}

constexpr Flag in_short_help(Flag flag) {
  flag.in_short_help = true;
  return flag;
}

// Words that the catalog knows.
constexpr Flag one_of(Words words, Flag flag) {
  flag.words = words;
  return flag;
}

// one_of<cache_types>(option(...)), where cache_types() lists what the flag's value is parsed by.
template <std::vector<std::string_view> (*list)()>
constexpr Flag one_of(Flag flag) {
  flag.words = [](const Catalog&) {
    std::vector<Word> words;
    for (const std::string_view text : list()) words.push_back({text, {}});
    return words;
  };
  return flag;
}

// ---- what a flag sets: a member of one of the parts of an invocation

template <typename Part>
Part& part_of(Invocation& invocation) {
  Question& question = invocation.question;
  return std::get<Part&>(std::tie(invocation, invocation.deployment, question, question.plan,
                                  question.recommend, question.list));
}

template <typename Part, typename Value>
Value& member_of(Invocation& invocation, Value Part::*member) {
  return part_of<Part>(invocation).*member;
}

// set<&ContextParams::batch, parse_count>
template <auto member, auto parse>
void set(Invocation& invocation, std::string_view flag, const std::string& value) {
  member_of(invocation, member) = parse(flag, value);
}

// set_to<&ContextParams::kv_unified, true>
template <auto member, auto constant>
void set_to(Invocation& invocation, std::string_view, const std::string&) {
  member_of(invocation, member) = constant;
}

// append<&Question::adapters>
template <auto member>
void append(Invocation& invocation, std::string_view, const std::string& value) {
  member_of(invocation, member).push_back(value);
}

}  // namespace vramcalc::cli
