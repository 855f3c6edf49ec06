#include <algorithm>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "render/html/model.hpp"
#include "render/html/site.hpp"
#include "render/sample.hpp"

// Pages, from reports made by hand. tests/pages checks whole pages and drives them in a browser.

using namespace vramcalc;
namespace html = render::html;

namespace {

Amount gb(std::uint64_t number) { return Amount::exactly(Bytes(number * GB)); }

Estimate needing(std::uint64_t number) {
  Estimate estimate;
  estimate.places = {
      {Place::gpu(0), {{TermKind::weights, gb(number)}}}
  };
  return estimate;
}

// Two quantizations on four devices: the Mac holds both, the RTX 4090 none, the RTX 5090 the smaller one.
OverviewReport report() {
  OverviewReport report = sample::deepseek();
  report.quantizations = {report.quantizations[1], report.quantizations[2]};
  report.smallest = report.quantizations[0].name;
  report.settings.quantization = report.quantizations[1].name;
  PageFigures page;
  page.devices = {
      {"rtx-4090",     "NVIDIA GeForce RTX 4090", "NVIDIA", "consumer",  false, Bytes(25 * GB) },
      {"rtx-5090",     "NVIDIA GeForce RTX 5090", "NVIDIA", "consumer",  false, Bytes(200 * GB)},
      {"m3-ultra",     "Mac Studio M3 Ultra",     "Apple",  "unified",   true,  Bytes(498 * GB)},
      {"8x-something", "8x Something",            "Cloud",  "multi_gpu", true,  Bytes(600 * GB)}
  };
  using enum Verdict;
  page.choices = {
      {report.quantizations[0].name,
       needing(175),
       needing(187),
       {{no, {}, {}}, {fits, 4096, {}}, {great, 163'840, {}}, {no, {}, {}}}},
      {report.quantizations[1].name,
       needing(405),
       needing(417),
       {{no, {}, {}}, {no, {}, {}}, {fits, 163'840, {}}, {no, {}, {}}}     }
  };
  report.curves = MemoryCurves{
      {2048,                                               163'840},
      {{report.quantizations[0].name, {gb(175), gb(187)}},
       {report.quantizations[1].name, {gb(405), gb(417)}}         }
  };
  report.page = page;
  return report;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

std::string answer_to(const OverviewReport& report, std::string_view question) {
  for (const html::Answered& each : html::questions(report, html::figures_of(report, render::Units::GB)))
    if (contains(each.question, question)) return each.answer;
  return {};
}

}  // namespace

TEST_CASE("questions are answered as the report has it") {
  const struct {
    const char *question, *answer;
  } expected[] = {
      {"How much memory",
       "In Q4_K_M, it needs 405.0 GB of GPU memory with a context of 2,048 tokens, and 417.0 GB"   },
      {"locally",            "Yes, on one of the 3 consumer and workstation GPUs"                  },
      {"RTX 4090",           "Even the smallest quantization, IQ2_XXS, takes 175.0 GB."            },
      {"RTX 5090",           "Not entirely in Q4_K_M"                                              },
      {"RTX 5090",           "IQ2_XXS fits, with up to 4,096 tokens."                              },
      {"Mac",                "Yes, one: the GPU of the Mac Studio M3 Ultra may use 498.0 GB"       },
      {"Which quantization", "Q4_K_M (404.9 GB) is the usual choice, with a small loss of quality."},
      {"longer context",     "From 2,048 tokens to the full 163,840, the need rises by 12.0 GB"    },
      {"download",           "404.40 GB in Q4_K_M"                                                 },
  };
  for (const auto& each : expected) {
    CAPTURE(each.question, answer_to(report(), each.question));
    CHECK(contains(answer_to(report(), each.question), each.answer));
  }
}

TEST_CASE("a page says how fast devices are, if that is known") {
  for (const char* part : {">tokens/s</th>", "\"speeds\"", "tokens per second"})
    CHECK_FALSE(contains(render::html_page(report(), {}), part));
  OverviewReport fast = report();
  fast.settings.quantization = fast.quantizations[0].name;
  fast.page->choices[0].on[1].decode = SpeedEstimate{
      {31, 44},
      SpeedBasis::this_card
  };
  const std::string page = render::html_page(fast, {});
  CHECK(contains(page, "4,096</td><td class=\"figure speed hide-narrow\">31..44</td>"));
  CHECK(contains(page, "163,840</td><td class=\"figure speed hide-narrow\">–</td>"));
  CHECK(contains(page, "4,096 tokens, 31..44 tokens/s"));
  CHECK(contains(page, "\"speeds\":[0,\"31..44\",0,0]"));
  CHECK(contains(answer_to(fast, "RTX 5090"),
                 "It writes an estimated 31..44 tokens per second (measured on this card)."));
}

TEST_CASE("a device with memory enough that the runtime refuses is not said to be too small") {
  OverviewReport engine = report();
  engine.settings.runtime = "vllm";
  for (PageFigures::Choice& choice : engine.page->choices) choice.on[2] = {};
  CHECK(answer_to(engine, "Mac") == "Not with vllm, which does not run it on Macs.");
  CHECK(html::is_refused(engine.page->choices[1], 2, *engine.page));
  CHECK_FALSE(html::is_refused(engine.page->choices[1], 0, *engine.page));
}

TEST_CASE("a page is text and figures, whatever a name has in it") {
  OverviewReport evil = report();
  evil.summary.model.name = "</title><script>alert(1)</script>";
  evil.quantizations[1].name = evil.page->choices[1].quantization = evil.settings.quantization =
      evil.curves->curves[1].quantization = "</script><img src=x>\"";
  evil.page->devices[0].name = "<b onclick=\"x\">";
  const std::string page = render::html_page(evil, {});
  CHECK_FALSE(contains(page, "<script>alert"));
  CHECK_FALSE(contains(page, "<img"));
  CHECK_FALSE(contains(page, "<b onclick"));
  CHECK(contains(page, "\\u003c/script>\\u003cimg src=x>\\\""));
}

TEST_CASE("a page by itself has no links to other pages, and one of a site only to pages that are there") {
  const std::string alone = render::html_page(report(), {});
  CHECK_FALSE(contains(alone, ".html\""));
  const std::string page = html::site_model_page(report(), {"deepseek-v3"}, {});
  CHECK(contains(page, "href=\"../gpus/rtx-4090.html\""));
  CHECK(contains(page, "href=\"../models/deepseek-v2-lite.html\""));
  CHECK_FALSE(contains(page, "href=\"../models/deepseek-v3.html\""));
}

TEST_CASE("a sitemap has absolute addresses") {
  const std::string map = html::sitemap("https://example.org/vram", {"index.html", "models/a&b.html"});
  CHECK(contains(map, "<loc>https://example.org/vram/index.html</loc>"));
  CHECK(contains(map, "<loc>https://example.org/vram/models/a&amp;b.html</loc>"));
}

TEST_CASE("file names of families") {
  CHECK(html::family_file("Llama 3.1") == "llama-3-1.html");
  CHECK(html::family_file("DeepSeek R1 (Distill)") == "deepseek-r1-distill.html");
}
