#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "render/render.hpp"
#include "render/sample.hpp"

// The same figures in every format, by one table of expectations.

using namespace vramcalc;

namespace {

render::Style everything() {
  render::Style style;
  style.columns = 1000;  // nothing is abbreviated, dropped or cut
  style.all = true;
  return style;
}

struct Expected {
  const char* what;
  Report (*report)();
  const char* text;  // in the formats for people
  const char* csv;   // if spreadsheets need it otherwise
  const char* json;  // the value with its key
};

template <auto sample>
Report report() {
  return sample();
}

const std::vector<Expected> expectations = {
    {"an overview's need",           report<sample::deepseek>,  "404.9",      "",        R"("total_bytes": 404900000000)"},
    {"its need at the full context", report<sample::deepseek>,  "416.4",      "",        R"("total_bytes": 416400000000)"},
    {"the bytes of a token",         report<sample::deepseek>,  "70,272",     "",        R"("kv_bytes_per_token": 70272)"},
    {"a term",                       report<sample::deepseek>,  "403.9",      "",        R"("bytes": 403900000000)"      },
    {"the bounds of a term",         report<sample::deepseek>,  "0.3..0.6",   "",        R"("high_bytes": 600000000)"    },
    {"bits per weight",              report<sample::deepseek>,  "4.82",       "",        R"("bits_per_weight": 4.82)"    },
    {"a quantization's need",        report<sample::deepseek>,  "1,342.1",    "1342.1",
     R"("total_bytes": 1342100000000)"                                                                                   },
    {"its file",                     report<sample::deepseek>,  "1,341.60",   "1341.60", R"("file_bytes": 1341600000000)"},
    {"its loss",                     report<sample::deepseek>,  "0.031",      "",        R"("kld": 0.0313)"              },
    {"a system's usable memory",     report<sample::deepseek>,  "1,170.3",    "1170.3",
     R"("usable_bytes": 1170300000000)"                                                                                  },
    {"its longest context",          report<sample::deepseek>,  "163,840",    "163840",  R"("max_context": 163840)"      },
    {"what a rule of thumb says",    report<sample::deepseek>,  "414.6 GB",   "",        R"("total_bytes": 414600000000)"},
    {"a check's need",               report<sample::check>,     "416.4",      "",        R"("used_bytes": 416400000000)" },
    {"its usable memory",            report<sample::check>,     "50.4",       "",        R"("usable_bytes": 50400000000)"},
    {"its context",                  report<sample::check>,     "163,840",    "",        R"("context": 163840)"          },
    {"what it suggests",             report<sample::check>,     "9 of these", "",        R"(9 of these)"                 },
    {"a plan's speed",               report<sample::plan>,      "5.1..17",    "",        R"("low": 5.1)"                 },
    {"its layers",                   report<sample::plan>,      "61 of 62",   "",        R"("layers": 61)"               },
    {"its command",                  report<sample::plan>,      "-ncmoe 58",  "",        R"(-ncmoe 58)"                  },
    {"a recommended model's need",   report<sample::recommend>, "33.3",       "",        R"("total_bytes": 33300000000)" },
    {"its context",                  report<sample::recommend>, "262,144",    "262144",  R"("max_context": 262144)"      },
    {"its speed",                    report<sample::recommend>, "66..221",    "",        R"("high": 221)"                },
    {"a GPU's id",                   report<sample::gpus>,      "rtx-4090",   "",        R"("id": "rtx-4090")"           },
    {"a model's parameters",         report<sample::models>,    "671.0B",     "",        R"("parameters": 671026419200)" },
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

std::string_view in_csv(const Expected& each) {
  return std::string_view(each.csv).empty() ? each.text : each.csv;
}

// Markdown writes a few signs otherwise.
std::string without_backslashes(std::string text) {
  std::erase(text, '\\');
  return text;
}

}  // namespace

TEST_CASE("every format has the same figures") {
  for (const Expected& each : expectations) {
    CAPTURE(each.what);
    const Report report = each.report();
    CHECK(contains(render::table(report, everything()), each.text));
    CHECK(contains(without_backslashes(render::markdown(report, everything())), each.text));
    CHECK(contains(render::html_page(report, everything()), each.text));
    CHECK(contains(render::csv(report, everything()), in_csv(each)));
    CHECK(contains(render::json(report, everything()), each.json));
  }
}

TEST_CASE("every format renders every kind of report") {
  for (const Report& report : sample::one_of_each_kind()) {
    CAPTURE(report.index());
    CHECK(!render::markdown(report, everything()).empty());
    CHECK(render::html_page(report, everything()).ends_with("</html>\n"));
    CHECK(render::csv(report, everything()).ends_with("\r\n"));
  }
}

TEST_CASE("the chart of memory has the figures of its curves in every format") {
  OverviewReport report = sample::deepseek();
  const auto amount = [](std::uint64_t gb) { return Amount::exactly(Bytes(gb * GB)); };
  report.curves = MemoryCurves{
      {2048,                                   163'840},
      { {"IQ1_S", {amount(134), amount(146)}},
       {"Q4_K_M", {amount(405), amount(417)}},
       {"Q8_0", {amount(714), amount(725)}}}
  };
  for (const auto render : {render::table, render::html_page, render::csv})
    for (const char* figure : {"134.0", "146.0", "405.0", "417.0", "714.0", "725.0"}) {
      CAPTURE(figure);
      CHECK(contains(render(report, everything()), figure));
    }
}
