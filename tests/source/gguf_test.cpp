#if __has_include(<sys/stat.h>)
#include <sys/stat.h>
#endif

#include <functional>

#include "catch.hpp"
#include "source/gguf.hpp"
#include "source/gguf_writer.hpp"
#include "source/refusal.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::source;

namespace {

constexpr std::uint32_t f32 = 0, q4_K = 12;

GgufHeader read(const std::string& bytes) { return read_gguf_header(memory_source("m.gguf", bytes)); }

std::string refusal(const std::string& bytes) {
  return ::refusal([&] { read(bytes); });
}
std::string refusal(const GgufWriter& writer, std::uint64_t data = 0) { return refusal(writer.bytes(data)); }

GgufWriter one_tensor(std::uint64_t row, std::uint64_t rows, std::uint32_t type) {
  return GgufWriter().tensor("a.weight", {row, rows}, type, 0);
}

}  // namespace

TEST_CASE("a GGUF header: keys of every type and the tensors, without the data") {
  GgufWriter writer;
  writer.key("u8", GgufWriter::u8, "\x07").key("i8", GgufWriter::i8, "\xff");
  writer.key("u16", GgufWriter::u16, GgufWriter::raw<std::uint16_t>(65535));
  writer.key("i16", GgufWriter::i16, GgufWriter::raw<std::uint16_t>(65535));
  writer.key("u32", 4'000'000'000).key("i32", GgufWriter::i32, GgufWriter::raw<std::uint32_t>(5));
  writer.key("u64", GgufWriter::u64, GgufWriter::raw<std::uint64_t>(6))
      .key("i64", GgufWriter::i64, GgufWriter::raw<std::uint64_t>(7));
  writer.real("f32", 0.5f).key("f64", GgufWriter::f64, GgufWriter::raw<std::uint64_t>(0x3fe0000000000000));
  writer.flag("yes", true).key("text", "llama").numbers("list", {1, 0, -2}).flags("flags", {true, false});
  writer.texts("tokens", {"a", "bc", ""});
  writer.tensor("token_embd.weight", {256, 4}, q4_K, 0).tensor("blk.12.attn_norm.weight", {8}, f32, 576);
  const GgufHeader header = read(writer.bytes(576 + 32));

  const GgufMetadata& keys = header.metadata;
  CHECK(keys.number("u8") == 7u);
  CHECK(keys.number("u16") == 65535u);
  CHECK(keys.number("u32") == 4'000'000'000u);
  CHECK(keys.number("i32") == 5u);
  CHECK(keys.number("u64") == 6u);
  CHECK(keys.number("i64") == 7u);
  CHECK(keys.real("f32") == 0.5);
  CHECK(keys.real("f64") == 0.5);
  CHECK(keys.flag("yes") == true);
  CHECK(keys.text("text") == "llama");
  CHECK(keys.number_at("list", 0) == 1u);
  CHECK(keys.number_at("flags", 0) == 1u);
  CHECK(keys.number_at("u8", 99) == 7u);
  CHECK(keys.array("tokens")->count == 3);
  CHECK(keys.array("tokens")->bytes == 3 * 8 + 3);
  CHECK_FALSE(keys.number("missing").has_value());
  CHECK(refusal([&] { keys.number("i8"); }) ==
        "m.gguf: key i8: a whole number below 2^32 was expected, not -1");
  CHECK(refusal([&] { keys.number_at("list", 2); }) ==
        "m.gguf: key list: -2 for layer 2 is not a whole number below 2^32");
  CHECK(refusal([&] { keys.number_at("list", 3); }) ==
        "m.gguf: key list: a list of 3 has no value for layer 3");
  CHECK(refusal([&] { keys.text("yes"); }) == "m.gguf: key yes: a short text was expected, not true");
  CHECK(refusal([&] { keys.required_number("none"); }) == "m.gguf: key none: missing");

  REQUIRE(header.tensors.size() == 2);
  CHECK(header.tensors[0].name == "token_embd.weight");
  CHECK(header.tensors[0].layer == -1);
  CHECK(header.tensors[1].layer == 12);
  CHECK(header.tensors[0].shape == Shape{256, 4});
  CHECK(header.types == std::vector{ElementType::q4_K, ElementType::f32});
  CHECK(header.tensor_bytes == Bytes(576 + 32));
  CHECK(header.header_bytes + Bytes(576 + 32) == header.file_bytes);
}

TEST_CASE("unknown versions and other kinds of files are refused") {
  const auto starts = [](std::string start) {
    start.resize(64);
    return refusal(start);
  };
  CHECK(refusal("") == "m.gguf: the file is empty");
  CHECK(refusal("GG") == "m.gguf: not a GGUF file: it begins with \"GG\"");
  CHECK(refusal("GGUF") ==
        "m.gguf: the file ends at byte 4, 4 more were expected from byte 4 on; is the download complete?");
  CHECK(starts("MZ\x90") == "m.gguf: not a GGUF file: it begins with \"MZ\\x90\\x00\"");
  CHECK(starts("version https://git-lfs") ==
        "m.gguf: this is a Git LFS pointer, not the file itself; run git lfs pull");
  CHECK(starts("<!DOCTYPE html>") ==
        "m.gguf: this is a web page, not the file itself; was the download redirected?");
  CHECK(starts("lmgg") == "m.gguf: this is a GGML file of 2023; convert it to GGUF");
  CHECK(refusal(GgufWriter(1)).find("version 1 (August 2023) is not supported") != std::string::npos);
  CHECK(refusal(GgufWriter(4)) == "m.gguf: GGUF version 4 is unknown; 2 and 3 are supported");
  CHECK(refusal(GgufWriter(0x03000000)).find("a big-endian GGUF file") != std::string::npos);
  CHECK(refusal(GgufWriter(2)) == "accepted");
  CHECK(refusal(GgufWriter(3)) == "accepted");
}

TEST_CASE("invalid keys are refused with the file and the place") {
  const auto key = [](std::uint32_t type, const std::string& value) {
    return refusal(GgufWriter().key("k", type, value));
  };
  const auto list = [&](std::uint32_t type, std::uint64_t count, const std::string& items = {}) {
    return key(GgufWriter::list,
               GgufWriter::raw<std::uint32_t>(type) + GgufWriter::raw<std::uint64_t>(count) + items);
  };
  const std::uint64_t huge = std::uint64_t{1} << 60;

  CHECK(key(13, "xx") == "m.gguf: key k: 13 is not a value type");
  CHECK(key(GgufWriter::boolean, "\x02") == "m.gguf: key k: 2 is neither true nor false");
  CHECK(key(GgufWriter::text, GgufWriter::raw<std::uint64_t>(huge)).find("key k: the file ends at byte") !=
        std::string::npos);
  CHECK(key(GgufWriter::text, GgufWriter::raw<std::uint64_t>(UINT64_MAX))
            .find("key k: the file ends at byte") != std::string::npos);
  CHECK(list(GgufWriter::list, 1) == "m.gguf: key k: a list of lists, which GGUF does not allow");
  CHECK(list(99, 1) == "m.gguf: key k: a list of 99, which is not a value type");
  CHECK(list(GgufWriter::u64, huge) ==
        "m.gguf: key k: 1152921504606846976 values are claimed, but only 0 bytes follow");
  CHECK(list(GgufWriter::text, huge) ==
        "m.gguf: key k: 1152921504606846976 texts are claimed, but only 0 bytes follow");
  CHECK(list(GgufWriter::text, 1, GgufWriter::raw<std::uint64_t>(UINT64_MAX)).find("key k: the file ends") !=
        std::string::npos);
  CHECK(refusal(GgufWriter().key("k", 1).key("k", 2)) == "m.gguf: key k: appears twice");
  CHECK(refusal(GgufWriter().key("", 1)) == "m.gguf: key 1 of 1: a key without a name");
  CHECK(refusal(GgufWriter().key(std::string(70'000, 'x'), 1)) ==
        "m.gguf: key 1 of 1: a name of 70000 bytes; at most 65535 are allowed");
  CHECK(refusal(GgufWriter().key("\x1b[31m\n", 1).key("\x1b[31m\n", 2)) ==
        "m.gguf: key \\x1b[31m\\x0a: appears twice");
  CHECK(refusal(GgufWriter().key("general.alignment", 0)).find("0 is not a power of two") !=
        std::string::npos);
  CHECK(refusal(GgufWriter().key("general.alignment", 48)).find("48 is not a power of two") !=
        std::string::npos);
  CHECK(refusal(GgufWriter().key("general.alignment", "x")) ==
        "m.gguf: key general.alignment: a whole number below 2^32 was expected, not \"x\"");
}

TEST_CASE("false counts cost nothing") {
  for (std::uint64_t count : {std::uint64_t{1000}, std::uint64_t{1} << 60, UINT64_MAX}) {
    GgufWriter tensors, keys;
    tensors.claim_tensors(count);
    keys.claim_keys(count);
    CHECK(refusal(tensors).find("tensors are claimed") != std::string::npos);
    CHECK(refusal(keys).find("keys are claimed") != std::string::npos);
  }
}

TEST_CASE("invalid tensors are refused by name") {
  const std::string t = "m.gguf: tensor a.weight: ";
  CHECK(refusal(one_tensor(256, 2, q4_K), 288) == "accepted");
  CHECK(refusal(one_tensor(256, 2, 4), 288) ==
        t + "element type 4 is unknown to llama.cpp up to b12211 (retired, or from another program)");
  CHECK(refusal(one_tensor(256, 2, 0xffffffff), 288).find("element type 4294967295 is unknown") !=
        std::string::npos);
  CHECK(refusal(one_tensor(100, 2, q4_K), 288) ==
        t + "rows of 100 elements cannot be q4_K: its blocks hold 256");
  CHECK(refusal(one_tensor(0, 2, f32)) == t + "dimensions 0: no elements");
  CHECK(refusal(one_tensor(std::uint64_t{1} << 40, std::uint64_t{1} << 40, f32)) ==
        t + "dimensions 1099511627776 x 1099511627776: more elements than 64 bits can count");
  CHECK(refusal(one_tensor(std::uint64_t{1} << 62, 1, f32)) == t + "more bytes than 64 bits can count");
  CHECK(refusal(GgufWriter().tensor("a.weight", {}, f32, 0)) == t + "0 dimensions; a tensor has one to four");
  CHECK(refusal(GgufWriter().tensor("a.weight", {1, 1, 1, 1, 1}, f32, 0)) ==
        t + "5 dimensions; a tensor has one to four");
  CHECK(refusal(GgufWriter().tensor("", {8, 8, 8}, f32, 0)) ==
        "m.gguf: tensor 1 of 1: a tensor without a name");
  CHECK(refusal(GgufWriter().tensor("a.weight", {8}, f32, 4), 64) ==
        t + "its data begin at 4, which is not a multiple of the alignment 32");
  CHECK(refusal(GgufWriter().tensor("a", {8}, f32, 0).tensor("a", {8}, f32, 32), 64) ==
        "m.gguf: tensor a appears twice");
  CHECK(refusal(GgufWriter().tensor("a", {16}, f32, 32).tensor("b", {16}, f32, 0), 128) ==
        "m.gguf: the data of tensor a overlap those of b");
  CHECK(refusal(GgufWriter().tensor("a", {8}, f32, 0), 31) ==
        "m.gguf: the file ends at byte 95, but tensor a needs 32 bytes from 64 + 0 on; is the download "
        "complete?");
  CHECK(
      refusal(GgufWriter().tensor("a", {8}, f32, UINT64_MAX - 31), 64).find("but tensor a needs 32 bytes") !=
      std::string::npos);
}

TEST_CASE("a file cut off at any byte is refused") {
  GgufWriter writer;
  writer.key("general.architecture", "llama").numbers("list", {1, 2}).texts("t", {"a", "b"});
  writer.tensor("a.weight", {256, 2}, q4_K, 0);
  const std::string whole = writer.bytes(288);
  CHECK(refusal(whole) == "accepted");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string message = refusal(whole.substr(0, size));
    CHECK(message.starts_with("m.gguf: "));
  }
}

TEST_CASE("anything but a regular file is refused without waiting") {
  const ScratchFolder folder;
  const auto at = [](const std::string& path) { return refusal([&] { read_gguf(path); }); };
  CHECK(at(folder.path()) == folder.path() + ": is a directory, not a file");
  CHECK(at(folder.path("none.gguf")) == folder.path("none.gguf") + ": no such file");
  CHECK(at(folder.write("empty.gguf", "")) == folder.path("empty.gguf") + ": the file is empty");
#if __has_include(<sys/stat.h>)
  REQUIRE(mkfifo(folder.path("pipe.gguf").c_str(), 0600) == 0);
  CHECK(at(folder.path("pipe.gguf")).find("is a pipe; give a regular file") != std::string::npos);
  CHECK(at("/dev/null") == "/dev/null: is a device, not a file");
#endif
  CHECK(at(folder.write("a\n\xff.gguf", "")) == folder.path("a\\x0a\\xff.gguf") + ": the file is empty");
}

TEST_CASE("the header of a large file is read") {
  const ScratchFolder folder;
  GgufWriter writer;
  std::vector<std::string> tokens;
  for (int i = 0; i < 128'256; ++i) tokens.push_back("token" + std::to_string(i));
  writer.texts("tokenizer.ggml.tokens", tokens)
      .numbers("tokenizer.ggml.token_type", std::vector<std::int64_t>(128'256, 1));
  std::uint64_t offset = 0;
  for (int i = 0; i < 300; ++i, offset += std::uint64_t{4} << 30)
    writer.tensor("blk." + std::to_string(i) + ".ffn_up.weight", {32'768, 32'768}, f32, offset);
  const std::string header = writer.bytes();
  const std::string path = folder.write("large.gguf", header, header.size() + offset);
  const GgufFile file = read_gguf(path);
  CHECK(file.header.tensors.size() == 300);
  CHECK(file.header.tensor_bytes == Bytes(offset));
  CHECK(file.header.metadata.array("tokenizer.ggml.tokens")->count == 128'256);
}

// ---- parts

namespace {

std::string part(std::uint32_t number, std::uint32_t count, std::uint32_t tensors,
                 const std::string& tensor) {
  GgufWriter writer;
  if (number == 0) writer.key("general.architecture", "llama");
  writer.key("split.no", number).key("split.count", count).key("split.tensors.count", tensors);
  return writer.tensor(tensor, {8}, f32, 0).bytes(32);
}

}  // namespace

TEST_CASE("the parts of a file are one model, whichever is named") {
  const ScratchFolder folder;
  const std::string first = folder.write("m-00001-of-00002.gguf", part(0, 2, 2, "a"));
  const std::string second = folder.write("m-00002-of-00002.gguf", part(1, 2, 2, "b"));
  for (const std::string& path : {first, second}) {
    const GgufFile file = read_gguf(path);
    CHECK(file.files == std::vector{first, second});
    CHECK(file.header.metadata.text("general.architecture") == "llama");
    REQUIRE(file.header.tensors.size() == 2);
    CHECK(file.header.tensors[1].name == "b");
    CHECK(file.header.tensor_bytes == Bytes(64));
    CHECK(file.header.file_bytes ==
          Bytes(std::filesystem::file_size(first) + std::filesystem::file_size(second)));
  }
}

TEST_CASE("parts that are missing, foreign or unnumbered are named") {
  const ScratchFolder folder;
  const auto at = [](const std::string& path) { return refusal([&] { read_gguf(path); }); };
  const std::string first = folder.write("m-00001-of-00002.gguf", part(0, 2, 2, "a"));
  CHECK(at(first) == "part 2 of 2: " + folder.path("m-00002-of-00002.gguf") + ": no such file");

  folder.write("m-00002-of-00002.gguf", part(0, 2, 2, "b"));
  CHECK(at(first).find("key split.no: this is not part 2 of 2, although its name says so") !=
        std::string::npos);
  folder.write("m-00002-of-00002.gguf", part(1, 2, 2, "a"));
  CHECK(at(first).find("tensor a is in two parts") != std::string::npos);
  folder.write("m-00002-of-00002.gguf", part(1, 2, 2, "b"));
  CHECK(at(first) == "accepted");

  CHECK(at(folder.write("renamed.gguf", part(0, 2, 2, "a"))).find("must end in -00001-of-00002.gguf") !=
        std::string::npos);
  CHECK(at(folder.write("n-00001-of-00003.gguf", part(0, 2, 2, "a"))).find("the name of the file says 3") !=
        std::string::npos);
  folder.write("k-00002-of-00002.gguf", part(1, 2, 3, "b"));
  CHECK(at(folder.write("k-00001-of-00002.gguf", part(0, 2, 3, "a")))
            .find("3 tensors are claimed, but the parts hold 2") != std::string::npos);
}

// Found by fuzzing: thirteen million empty texts in the hole of a sparse file cost no byte to send, but
// seconds to read.
TEST_CASE("a list in a hole is limited to the length of a vocabulary") {
  const ScratchFolder folder;
  const std::string list = GgufWriter::raw<std::uint32_t>(GgufWriter::text);
  const auto read = [&](std::uint64_t count) {
    const std::string bytes =
        GgufWriter().key("k", GgufWriter::list, list + GgufWriter::raw<std::uint64_t>(count)).bytes();
    return refusal(
        [&] { read_gguf_header(file_source(folder.write("m.gguf", bytes, std::uint64_t{1} << 40))); });
  };
  CHECK(read(1'000'000) == "accepted");
  CHECK(read(13'107'200).ends_with("key k: a list of 13107200 texts is longer than any vocabulary"));
}
