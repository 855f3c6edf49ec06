#include "render/numbers.hpp"

#include "catch.hpp"

using namespace vramcalc;
using namespace vramcalc::render;

TEST_CASE("bytes are shown in the requested unit, with separators") {
  struct Row {
    std::uint64_t bytes;
    Units units;
    int decimals;
    const char* text;
  };
  const Row rows[] = {
  // clang-format off
      {0,                     Units::GB,  1, "0.0"},
      {49'999'999,            Units::GB,  1, "0.0"},
      {50'000'001,            Units::GB,  1, "0.1"},
      {404'900'000'000,       Units::GB,  1, "404.9"},
      {999'949'999'999,       Units::GB,  1, "999.9"},
      {999'950'000'001,       Units::GB,  1, "1,000.0"},
      {1'170'300'000'000,     Units::GB,  1, "1,170.3"},
      {454'150'000'000,       Units::GB,  1, "454.1"},  // the double is below the half
      {454'350'000'000,       Units::GB,  1, "454.4"},  // here above
      {2'500'000'000,         Units::GB,  0, "2"},      // and here on it: to the even side
      {236'182'000'000,       Units::GB,  2, "236.18"},
      {24 * GiB,              Units::GiB, 1, "24.0"},
      {24 * GiB,              Units::GB,  1, "25.8"},
      {24'079 * MiB,          Units::MiB, 0, "24,079"},
      {1'234'567 * MiB,       Units::MiB, 0, "1,234,567"},
  // clang-format on
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes, row.text);
    CHECK(bytes_text(Bytes(row.bytes), row.units, row.decimals) == row.text);
  }
}

TEST_CASE("a page of small figures takes two decimals, one of MiB none") {
  CHECK(decimals_for(Bytes(9'999'999'999), Units::GB) == 2);
  CHECK(decimals_for(Bytes(10'000'000'000), Units::GB) == 1);
  CHECK(decimals_for(Bytes(10'000'000'000), Units::GiB) == 2);
  CHECK(decimals_for(Bytes(1), Units::MiB) == 0);
}

TEST_CASE("counts, contexts and parameters") {
  struct Row {
    std::uint64_t number;
    const char *grouped, *context, *parameters;
  };
  const Row rows[] = {
  // clang-format off
      {512,               "512",               "512",   "0.0M"},
      {2'048,             "2,048",             "2K",    "0.0M"},
      {32'768,            "32,768",            "33K",   "0.0M"},
      {163'840,           "163,840",           "164K",  "0.2M"},
      {1'000'000,         "1,000,000",         "1M",    "1.0M"},
      {1'048'576,         "1,048,576",         "1M",    "1.0M"},
      {10'485'760,        "10,485,760",        "10.5M", "10.5M"},
      {134'515'008,       "134,515,008",       "134.5M", "134.5M"},
      {999'949'999,       "999,949,999",       "999.9M", "999.9M"},
      {999'950'000,       "999,950,000",       "1000M", "1.0B"},
      {671'026'419'200,   "671,026,419,200",   "671026.4M", "671.0B"},
      {1'026'470'731'056, "1,026,470,731,056", "1026470.7M", "1,026.5B"},
  // clang-format on
  };
  for (const Row& row : rows) {
    CAPTURE(row.number);
    CHECK(grouped(row.number) == row.grouped);
    CHECK(context_label(row.number) == row.context);
    CHECK(parameters_text(row.number) == row.parameters);
  }
}

TEST_CASE("an interval is one figure if its ends read alike") {
  const Figures figures{Units::GB, 1};
  CHECK(figures.range({Bytes(300'000'000), Bytes(450'000'000), Bytes(600'000'000)}) == "0.3..0.6");
  CHECK(figures.range({Bytes(404'890'000'000), Bytes(404'900'000'000), Bytes(404'910'000'000)}) == "404.9");
  CHECK(figures.with_unit(Bytes(11'500'000'000)) == "11.5 GB");
  CHECK(figures.file_size(Bytes(236'182'000'000)) == "236.18");
  CHECK(figures.rounded(Bytes(313'000'000'000)) == "313");
  CHECK(Figures{Units::GiB, 1}.rounded(Bytes(313'000'000'000)) == "291.5");
  CHECK(Figures{Units::MiB, 0}.file_size(Bytes(MiB)) == "1");
}

TEST_CASE("figures as model-card sites show them: rounded to two decimals, then to one") {
  // 393,632,819,968 x 5.7 / 8 + KV cache + 0.3 GB: 284.3453 GB, which the site calls 284.4
  const Bytes total(284'345'300'000);
  CHECK(Figures{Units::GB, 1}(total) == "284.3");
  CHECK(Figures{Units::GB, 1, 10'000'000}(total) == "284.4");
}

TEST_CASE("shown figures are multiples of the last digit, so that differences come out right") {
  const Figures figures{Units::GB, 1};
  CHECK(figures.shown(Bytes(523'034'000'000)) == Bytes(523'000'000'000));
  CHECK(figures(figures.shown(Bytes(523'034'000'000)) - figures.shown(Bytes(236'179'000'000))) == "286.8");
}
