#include <algorithm>
#include <set>

#include "catalog/quantizations.hpp"
#include "catch.hpp"
#include "measured_types.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {

TEST_CASE("all 35 file types of llama.cpp 0.5.0 and bartowski's variants are known") {
  struct Expected {
    const char* name;
    std::uint32_t ftype;
    const char* type;
  };
  // llama.cpp 0.5.0, include/llama.h and llama_ftype_get_default_type
  const Expected table[] = {
      {"F32",       0,  "f32"    },
      {"F16",       1,  "f16"    },
      {"Q4_0",      2,  "q4_0"   },
      {"Q4_1",      3,  "q4_1"   },
      {"Q8_0",      7,  "q8_0"   },
      {"Q5_0",      8,  "q5_0"   },
      {"Q5_1",      9,  "q5_1"   },
      {"Q2_K",      10, "q2_K"   },
      {"Q3_K_S",    11, "q3_K"   },
      {"Q3_K_M",    12, "q3_K"   },
      {"Q3_K_L",    13, "q3_K"   },
      {"Q4_K_S",    14, "q4_K"   },
      {"Q4_K_M",    15, "q4_K"   },
      {"Q5_K_S",    16, "q5_K"   },
      {"Q5_K_M",    17, "q5_K"   },
      {"Q6_K",      18, "q6_K"   },
      {"IQ2_XXS",   19, "iq2_xxs"},
      {"IQ2_XS",    20, "iq2_xs" },
      {"Q2_K_S",    21, "q2_K"   },
      {"IQ3_XS",    22, "iq3_s"  },
      {"IQ3_XXS",   23, "iq3_xxs"},
      {"IQ1_S",     24, "iq1_s"  },
      {"IQ4_NL",    25, "iq4_nl" },
      {"IQ3_S",     26, "iq3_s"  },
      {"IQ3_M",     27, "iq3_s"  },
      {"IQ2_S",     28, "iq2_xs" },
      {"IQ2_M",     29, "iq2_s"  },
      {"IQ4_XS",    30, "iq4_xs" },
      {"IQ1_M",     31, "iq1_m"  },
      {"BF16",      32, "bf16"   },
      {"TQ1_0",     36, "tq1_0"  },
      {"TQ2_0",     37, "tq2_0"  },
      {"MXFP4_MOE", 38, "mxfp4"  },
      {"Q1_0",      40, "q1_0"   },
      {"Q2_0",      41, "q2_0"   },
  };
  std::size_t own = 0;
  for (const FileType& type : file_types()) own += type.derived_from.empty();
  CHECK(own == std::size(table));
  for (const Expected& expected : table) {
    CAPTURE(expected.name);
    CHECK(file_type(expected.name).ftype == expected.ftype);
    CHECK(to_string(file_type(expected.name).type) == expected.type);
    CHECK(file_type(expected.name).derived_from.empty());
  }
}

TEST_CASE("the default table has sixteen rows") {
  const std::set<std::string_view> expected{"IQ2_XXS", "IQ2_M",  "IQ3_XXS", "Q2_K",   "Q3_K_S", "Q3_K_M",
                                            "Q4_0",    "IQ4_XS", "Q4_1",    "Q4_K_S", "IQ4_NL", "Q4_K_M",
                                            "Q5_K_S",  "Q5_K_M", "Q6_K",    "Q8_0"};
  std::set<std::string_view> found;
  for (const FileType& type : file_types())
    if (type.in_default_table) found.insert(type.name);
  CHECK(found == expected);
}

TEST_CASE("nominal bits are those of model-card sites") {
  struct Expected {
    const char* name;
    double bits;
  };
  const Expected table[] = {
      {"IQ2_XXS",   2.2 },
      {"IQ2_XS",    2.4 },
      {"IQ2_S",     2.5 },
      {"IQ2_M",     2.7 },
      {"IQ3_XXS",   3.1 },
      {"Q2_K_S",    3.2 },
      {"IQ3_XS",    3.3 },
      {"IQ3_S",     3.4 },
      {"Q2_K",      3.4 },
      {"Q3_K_S",    3.5 },
      {"IQ3_M",     3.6 },
      {"Q3_K_M",    3.9 },
      {"Q4_0",      4.0 },
      {"Q3_K_L",    4.1 },
      {"IQ4_XS",    4.3 },
      {"IQ4_NL",    4.5 },
      {"Q4_1",      4.5 },
      {"Q4_K_S",    4.5 },
      {"Q4_K_M",    4.8 },
      {"Q4_K_L",    4.9 },
      {"Q5_0",      5.0 },
      {"Q5_1",      5.5 },
      {"Q5_K_S",    5.5 },
      {"Q5_K_M",    5.7 },
      {"Q5_K_L",    5.8 },
      {"Q6_K",      6.6 },
      {"Q8_0",      8.0 },
      {"BF16",      16.0},
      {"F16",       16.0},
      {"MXFP4_MOE", 0   },
      {"IQ1_S",     0   },
      {"F32",       0   },
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.name);
    CHECK(file_type(expected.name).nominal_bits == expected.bits);
  }
}

TEST_CASE("nominal quality is that of the charts of model-card sites") {
  struct Expected {
    const char* name;
    std::uint32_t per_cent;
  };
  const Expected table[] = {
      {"IQ2_XXS", 53},
      {"Q3_K_S",  77},
      {"Q4_1",    88},
      {"Q4_K_M",  89},
      {"Q5_K_S",  92},
      {"Q8_0",    99},
      {"Q4_K_L",  0 },
      {"Q6_K",    0 },
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.name);
    CHECK(file_type(expected.name).nominal_quality == expected.per_cent);
  }
}

TEST_CASE("the quality word follows the measured loss") {
  // Mean KL divergence on Llama 3 8B, with an importance matrix if only that was measured.
  const auto word = [](double kld) {
    return kld < 0.02   ? QualityClass::negligible
           : kld < 0.06 ? QualityClass::small
           : kld < 0.2  ? QualityClass::moderate
           : kld < 1.0  ? QualityClass::large
                        : QualityClass::extreme;
  };
  for (const FileType& type : file_types()) {
    CAPTURE(type.name);
    CHECK(!type.quality.empty());
    CHECK(!type.source.empty());
    if (!is_quantized(type.type)) {
      CHECK(type.quality_class == QualityClass::none);
      continue;
    }
    const double kld = type.kld > 0 ? type.kld : type.kld_imatrix;
    if (!type.derived_from.empty())
      CHECK(type.quality_class == file_type(type.derived_from).quality_class);
    else
      CHECK(type.quality_class == (kld > 0 ? word(kld) : QualityClass::unknown));
    if (type.kld > 0 && type.kld_imatrix > 0) CHECK(type.kld_imatrix < type.kld);
  }
}

TEST_CASE("file types are found by name and alias, ignoring case") {
  struct Expected {
    const char* asked;
    const char* name;
  };
  const Expected table[] = {
      {"Q4_K_M", "Q4_K_M"   },
      {"q4_k_m", "Q4_K_M"   },
      {"Q4_K",   "Q4_K_M"   },
      {"q3_k",   "Q3_K_M"   },
      {"Q5_K",   "Q5_K_M"   },
      {"fp16",   "F16"      },
      {"f16",    "F16"      },
      {"mxfp4",  "MXFP4_MOE"}
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.asked);
    const FileType* found = find_file_type(file_types(), expected.asked);
    REQUIRE(found != nullptr);
    CHECK(found->name == expected.name);
  }
  CHECK(find_file_type(file_types(), "Q4_K_") == nullptr);
  CHECK(find_file_type(file_types(), "") == nullptr);
}

// ---- reading

namespace {

const std::string minimal_type =
    R"("name": "A", "ftype": 1, "type": "q4_K", "quality": "x", "quality_class": "small")";

std::string document(const std::string& types, const std::string& sets = "{}") {
  return R"({"sources": {"rules": "r", "kld": "k", "nominal_bits": "n"}, "rule_sets": )" + sets +
         R"(, "file_types": [)" + types + "]}";
}

std::string with_rules(const std::string& rules) {
  return document("{" + minimal_type + R"(, "rules": [)" + rules + "]}");
}

std::string complaint(const std::string& text) {
  try {
    catalog::load_quantizations(text, "q.json");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_file);
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("rules are read in order, with sets expanded and variants after their base") {
  const std::string sets = R"({"s": [{"tensors": ["v_like", "k"], "if": {"experts": 8}, "type": "q8_0"}]})";
  const std::string types =
      "{" + minimal_type + R"(, "rules": [{"tensors": ["output"], "type": "q6_K"}, "s"]},
      {"name": "A_L", "derived_from": "A", "quality": "y", "quality_class": "small", "source": "z",
       "rules": [{"tensors": ["embedding"], "if": {"release": "before_fused_qkv_rules", "chosen": "q4_K"}, "type": "q8_0"}]})";
  const catalog::Quantizations loaded = catalog::load_quantizations(document(types, sets), "q.json");
  REQUIRE(loaded.file_types.size() == 2);
  const FileType& variant = loaded.file_types[1];
  CHECK(variant.ftype == 1);
  CHECK(variant.source == "z");
  REQUIRE(variant.rules.size() == 3);
  CHECK(variant.rules[0] == Rule{only(TensorCategory::output), {}, ElementType::q6_K});
  CHECK(variant.rules[1].tensors == (v_like_bit | only(TensorCategory::k)));
  CHECK(variant.rules[1].conditions[0] == Condition{ConditionKind::experts, true, 8, {}});
  CHECK(variant.rules[2].conditions[0] == Condition{ConditionKind::release, true, 1, {}});
  CHECK(variant.rules[2].conditions[1] ==
        Condition{ConditionKind::chosen, true, static_cast<std::uint32_t>(ElementType::q4_K), {}});
  CHECK(std::equal(loaded.file_types[0].rules.begin(), loaded.file_types[0].rules.end(),
                   variant.rules.begin()));
}

TEST_CASE("a variant can be based on an existing file type") {
  const std::string variant =
      R"({"name": "Q4_K_XL", "derived_from": "q4_k_m", "quality": "y", "quality_class": "small",
      "source": "z", "rules": [{"tensors": ["output"], "type": "q8_0"}]})";
  const catalog::Quantizations loaded =
      catalog::load_quantizations(document(variant), "q.json", file_types());
  REQUIRE(loaded.file_types.size() == 1);
  CHECK(loaded.file_types[0].derived_from == "Q4_K_M");
  CHECK(loaded.file_types[0].rules.size() == file_type("Q4_K_M").rules.size() + 1);
}

TEST_CASE("an invalid table is refused with file, entry and field") {
  struct Expected {
    std::string text;
    const char* complaint;
  };
  const std::string rule = R"({"tensors": ["k"], "type": "q8_0"})";
  const Expected table[] = {
      {"{",                                                                                                                      "q.json: not valid JSON"                         },
      {document("{}"),                                                                                                           "q.json: file_types: ftype: missing"             },
      {document("{" + minimal_type + "}"),                                                                                       "q.json: A: rules: missing"                      },
      {document("{" + minimal_type + R"(, "rules": [], "bits": 4})"),                                                            "q.json: A: bits: unknown key"                   },
      {document("{" + minimal_type + R"(, "rules": [], "nominal_quality": 101})"),
       "q.json: A: nominal_quality: more than 100 per cent"                                                                                                                       },
      {with_rules(R"("nowhere")"),                                                                                               "q.json: A: rules: \"nowhere\" is not a rule set"},
      {with_rules(R"({"tensors": [], "type": "q8_0"})"),                                                                         "q.json: A: rules: tensors: names none"          },
      {with_rules(R"({"tensors": ["attn"], "type": "q8_0"})"),
       "q.json: A: rules: tensors: \"attn\" is not a kind of tensor"                                                                                                              },
      {with_rules(R"({"tensors": ["k"], "type": "q9"})"),
       "q.json: A: rules: type: \"q9\" is not an element type"                                                                                                                    },
      {with_rules(R"({"tensors": ["k"], "if": {"moon": 1}, "type": "q8_0"})"),
       "q.json: A: if: moon: unknown key"                                                                                                                                         },
      {with_rules(R"({"tensors": ["k"], "if": {"always": true}, "type": "q8_0"})"),
       "q.json: A: if: always: unknown key"                                                                                                                                       },
      {with_rules(R"({"tensors": ["k"], "if": {"in_first": 0}, "type": "q8_0"})"),
       "q.json: A: if: in_first: must be at least 1"                                                                                                                              },
      {with_rules(R"({"tensors": ["k"], "if": {"experts": "8"}, "type": "q8_0"})"),
       "q.json: A: if: experts: "                                                                                                                                                 },
      {with_rules(
           R"({"tensors": ["k"], "if": {"experts": 8, "imatrix": true, "in_first": 8, "more_bits": true, "v_below": 2},
                    "type": "q8_0"})"),
       "q.json: A: if: v_below: a rule has at most 4 conditions"                                                                                                                  },
      {with_rules(R"({"tensors": ["k"], "if": {"release": "0.6"}, "type": "q8_0"})"),
       "q.json: A: if: release: \"0.6\" is not one of"                                                                                                                            },
      {document(R"({"name": "B", "derived_from": "A"})"),
       "q.json: B: derived_from: \"A\" is not a file type listed above"                                                                                                           },
      {document("{" + minimal_type + R"(, "rules": []}, {)" + minimal_type + R"(, "rules": []})"),
       "q.json: A: the name \"A\" is taken"                                                                                                                                       },
      {document("{" + minimal_type + R"(, "aliases": ["b"], "rules": []}, {)" + minimal_type +
                R"(, "rules": []})"),
       "is taken"                                                                                                                                                                 },
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.complaint);
    const std::string said = complaint(expected.text);
    CAPTURE(said);
    CHECK(said.find(expected.complaint) != std::string::npos);
  }
  CHECK(complaint(with_rules(rule)).empty());
}

TEST_CASE("a table is printed as C++ constants") {
  const std::string types =
      "{" + minimal_type + R"(, "aliases": ["B"], "kld": 0.25, "needs_imatrix": "always",
      "rules": [{"tensors": ["all"], "if": {"architecture": "fal\"con", "imatrix": false}, "type": "q6_K"}]})";
  const catalog::Quantizations loaded = catalog::load_quantizations(document(types), "q.json");
  CHECK(catalog::write_cpp_literal(loaded.file_types, "table") ==
        "constexpr Rule table_rules_A[] = {\n"
        "    {0xfff, {{{ConditionKind::architecture, true, 0, \"fal\\\"con\"}, {ConditionKind::imatrix, "
        "false, 0, \"\"}, }}, "
        "ElementType::q6_K},\n"
        "};\n"
        "constexpr std::string_view table_aliases_A[] = {\n"
        "    \"B\",\n"
        "};\n"
        "constexpr FileType table[] = {\n"
        "    {\"A\", 1, ElementType::q4_K, table_rules_A, table_aliases_A, \"\", 0, 0, \"x\", "
        "QualityClass::small, 0.25, 0, "
        "ImatrixNeed::always, false, false, \"r\"},\n"
        "};\n");
}

}  // namespace vramcalc::test
