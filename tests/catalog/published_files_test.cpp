#include "support/published_files.hpp"

#include <algorithm>
#include <map>

#include "catch.hpp"

using namespace vramcalc;

// The bytes of a file besides its tensors are the same in every file of a repository, within some hundred
// bytes (keys for the importance matrix, a header in every part), so a tensor of another type would show.
TEST_CASE("published files hold the tensor bytes that the catalog's shapes give") {
  const Catalog catalog;
  std::map<std::string, std::vector<std::uint64_t>> beside;
  for (const test::PublishedFile& file : test::published_files()) {
    CAPTURE(file.model, file.file_type, file.repository);
    const Bytes tensors = test::estimated(catalog, file).tensor_bytes;
    REQUIRE(tensors.count() < file.bytes);
    beside[file.repository].push_back(file.bytes - tensors.count());
  }
  REQUIRE(beside.size() >= 18);
  for (const auto& [repository, bytes] : beside) {
    CAPTURE(repository, bytes);
    const auto [least, most] = std::minmax_element(bytes.begin(), bytes.end());
    CHECK(*most - *least < 1024);
    CHECK(*least > 700'000);  // a tokenizer of 32,000 words
    CHECK(*most < 9'000'000);
  }
}

TEST_CASE("the interval of a file's size contains the published size") {
  const Catalog catalog;
  for (const test::PublishedFile& file : test::published_files()) {
    CAPTURE(file.model, file.file_type, file.repository);
    const Amount bytes = test::estimated(catalog, file).file_bytes;
    CHECK(bytes.low.count() <= file.bytes);
    CHECK(file.bytes <= bytes.high.count());
  }
}
