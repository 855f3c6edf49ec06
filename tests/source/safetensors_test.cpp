#include "source/safetensors.hpp"

#include "catch.hpp"
#include "source/gguf_writer.hpp"
#include "source/json_text.hpp"
#include "source/refusal.hpp"

using namespace vramcalc;
using namespace vramcalc::source;

namespace {

std::string file_of(const std::string& header, std::uint64_t data) {
  return GgufWriter::raw<std::uint64_t>(header.size()) + header + std::string(data, '\0');
}

std::vector<CheckpointTensor> read(const std::string& header, std::uint64_t data) {
  return read_safetensors(memory_source("m.safetensors", file_of(header, data)));
}

std::string refusal_of(const std::string& header, std::uint64_t data = 0) {
  return refusal([&] { read(header, data); });
}

// {"a": {"dtype": …, "shape": …, "data_offsets": …}}
std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets,
                   const std::string& name = "a") {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}";
}
std::string object(const std::string& members) { return "{" + members + "}"; }

}  // namespace

// A padded header takes much more space than its contents.
TEST_CASE("blanks between words are read in windows, and those in names are kept") {
  const std::string blanks(300'000, ' ');
  const std::string member = tensor("F32", "[2]", "[0,8]", "a  \\\"  b");
  const auto padded = read("{" + blanks + member + "\t\n\r" + blanks + "}" + blanks, 8);
  REQUIRE(padded.size() == 1);
  CHECK(padded[0].name == "a  \"  b");
  CHECK(refusal_of("{" + blanks + "\"__metadata__\" : 1 2}").find("not valid JSON") != std::string::npos);
  CHECK(refusal_of(blanks).find("its header is not a JSON object") != std::string::npos);
}

TEST_CASE("metadata strings are dropped as they are read") {
  const auto read_one =
      read(object(R"("__metadata__":{"format":"pt","x":"y"},)" + tensor("F32", "[2]", "[0,8]")), 8);
  CHECK(read_one.size() == 1);
}

TEST_CASE("bytes of every dtype") {
  struct Row {
    const char* dtype;
    std::uint64_t bytes;  // of 8 × 3 elements
  };
  for (const Row& row : {
           Row{"BOOL",    24 },
           Row{"U8",      24 },
           Row{"I8",      24 },
           Row{"F8_E4M3", 24 },
           Row{"F8_E5M2", 24 },
           Row{"F8_E8M0", 24 },
           Row{"F4",      12 },
           Row{"F6_E2M3", 18 },
           Row{"F6_E3M2", 18 },
           Row{"I16",     48 },
           Row{"U16",     48 },
           Row{"F16",     48 },
           Row{"BF16",    48 },
           Row{"I32",     96 },
           Row{"U32",     96 },
           Row{"F32",     96 },
           Row{"I64",     192},
           Row{"U64",     192},
           Row{"F64",     192},
           Row{"C64",     192}
  }) {
    INFO(row.dtype);
    const std::string header = object(tensor(row.dtype, "[8,3]", "[0," + std::to_string(row.bytes) + "]"));
    const auto tensors = read(header, row.bytes);
    REQUIRE(tensors.size() == 1);
    CHECK(tensors[0] == CheckpointTensor{
                            "a", row.dtype, {8, 3},
                              Bytes(row.bytes)
    });
    CHECK(refusal_of(object(tensor(row.dtype, "[8,3]", "[0," + std::to_string(row.bytes + 1) + "]")),
                     row.bytes + 1)
              .find("its shape takes") != std::string::npos);
  }
}

TEST_CASE("a header may have metadata, scalars and empty tensors in any order") {
  const auto tensors =
      read(object("\"__metadata__\":{\"format\":\"pt\"}," + tensor("F32", "[]", "[4,8]", "b") + "," +
                  tensor("I32", "[1]", "[0,4]", "a") + "," + tensor("BF16", "[0,7]", "[8,8]", "c")),
           8);
  REQUIRE(tensors.size() == 3);
  CHECK(tensors[0].name == "a");
  CHECK(tensors[1].shape.empty());
  CHECK(tensors[2].bytes == Bytes(0));
}

TEST_CASE("invalid safetensors headers are refused with the place") {
  const std::string m = "m.safetensors: ";
  const auto raw = [](const std::string& bytes) {
    return refusal([&] { read_safetensors(memory_source("m.safetensors", bytes)); });
  };
  CHECK(raw("") == m + "the file is empty");
  CHECK(raw("{}") == m + "not a safetensors file: shorter than 8 bytes");
  CHECK(raw(GgufWriter::raw<std::uint64_t>(UINT64_MAX) + "{}")
            .find("a header of 18446744073709551615 bytes is claimed") != std::string::npos);
  CHECK(raw(GgufWriter::raw<std::uint64_t>(3) + "{}")
            .find("a header of 3 bytes is claimed, and 2 bytes follow") != std::string::npos);
  CHECK(raw(GgufWriter::raw<std::uint64_t>(2) + "[]") ==
        m + "not a safetensors file: its header is not a JSON object");
  CHECK(refusal_of("{") == m + "not valid JSON: line 1, column 2: syntax error while parsing object key - "
                               "unexpected end of input; expected string literal");
  CHECK(refusal_of("{\"\xff\":1}").find("invalid string: ill-formed UTF-8 byte") != std::string::npos);

  const std::string t = m + "tensor a: ";
  CHECK(refusal_of(R"({"a":1})") == t + "an object was expected");
  CHECK(refusal_of(R"({"a":{}})") == t + "dtype is missing");
  CHECK(refusal_of(object(tensor("F9", "[1]", "[0,1]")), 1) == t + "unknown dtype \"F9\"");
  CHECK(refusal_of(object(tensor("F32", "[-1]", "[0,4]")), 4) ==
        t + "shape: -1 is not a whole number of 64 bits");
  CHECK(refusal_of(object(tensor("F32", "[1.5]", "[0,4]")), 4) ==
        t + "shape: 1.5 is not a whole number of 64 bits");
  CHECK(refusal_of(object(tensor("F32", "[1e30]", "[0,4]")), 4) ==
        t + "shape: 1e+30 is not a whole number of 64 bits");
  CHECK(refusal_of(object(tensor("F32", "[99999999999999999999]", "[0,4]")), 4)
            .find("is not a whole number of 64 bits") != std::string::npos);
  CHECK(refusal_of(object(tensor("F32", "[4294967296,4294967296]", "[0,4]")), 4) ==
        t + "more elements than 64 bits can count");
  CHECK(refusal_of(object(tensor("F32", "[1]", "[4,0]")), 4) ==
        t + "data_offsets: [begin, end] was expected");
  CHECK(refusal_of(object(tensor("F32", "[1]", "[0]")), 4) == t + "data_offsets: [begin, end] was expected");
  CHECK(refusal_of(object(tensor("F32", "[1]", "[0,8]")), 8) ==
        t + "its shape takes 32 bits, its data_offsets 8 bytes");

  CHECK(refusal_of(object(tensor("F32", "[1]", "[0,4]")), 3) ==
        m + "the data end after 3 bytes, but tensor a needs 4; is the download complete?");
  CHECK(refusal_of(object(tensor("F32", "[1]", "[0,4]")), 5) == m + "1 bytes of data belong to no tensor");
  CHECK(refusal_of(object(tensor("F32", "[2]", "[0,8]") + "," + tensor("F32", "[2]", "[4,12]", "b")), 12) ==
        m + "the data of tensor b begin at 4, but those before it end at 8");
  CHECK(refusal_of(object(tensor("F32", "[1]", "[4,8]")), 8) ==
        m + "the data of tensor a begin at 4, but those before it end at 0");
  CHECK(refusal_of(object(tensor("F32", "[1]", "[0,4]") + "," + tensor("F32", "[1]", "[0,4]")), 4) ==
        m + "key \"a\" appears twice");
}

TEST_CASE("untrusted JSON is limited in depth and length; duplicates and LFS pointers are refused") {
  const auto json = [](const std::string& text) { return refusal([&] { read_json(text, "c.json"); }); };
  CHECK(json(std::string(64, '[') + std::string(64, ']')) == "accepted");
  CHECK(json(std::string(65, '[') + std::string(65, ']')) == "c.json: nested deeper than 64 levels");
  CHECK(json(std::string(1'000'000, '[')) == "c.json: nested deeper than 64 levels");
  CHECK(json(R"({"a":{"b":1,"b":2}})") == "c.json: key \"b\" appears twice");
  CHECK(json(R"([{"b":1},{"b":2}])") == "accepted");
  CHECK(json("version https://git-lfs.github.com/spec/v1\n") ==
        "c.json: this is a Git LFS pointer, not the file itself; run git lfs pull");
  CHECK(json("").starts_with("c.json: not valid JSON: line 1, column 1"));
  CHECK(refusal([] { read_json(memory_source("c.json", "[1,2,3]"), 4); }) ==
        "c.json: the file has 7 bytes; at most 4 are allowed");
  CHECK(without_python_numbers(R"({"a": [0.0, Infinity, -Infinity, NaN], "NaN": "\"NaN"})") ==
        R"({"a": [0.0, null, null, null], "NaN": "\"NaN"})");
}

TEST_CASE("a checkpoint in several files is checked against its index") {
  const std::string index =
      R"({"metadata":{"total_size":12},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}})";
  const SafetensorsIndex read_index = read_safetensors_index(memory_source("index.json", index));
  CHECK(read_index.files == std::vector<std::string>{"m-1.safetensors", "m-2.safetensors"});
  CHECK(read_index.total_size == Bytes(12));
  const ByteSource first = memory_source("m-1", file_of(object(tensor("F32", "[1]", "[0,4]")), 4));
  const ByteSource second = memory_source("m-2", file_of(object(tensor("BF16", "[2,2]", "[0,8]", "b")), 8));

  const StoredCheckpoint checkpoint = read_checkpoint(read_index, {first, second});
  CHECK(checkpoint.tensors.size() == 2);
  CHECK(checkpoint.elements == 5);
  CHECK(checkpoint.tensor_bytes == Bytes(12));
  CHECK(checkpoint.file_bytes == Bytes(first.size + second.size));
  CHECK(checkpoint.shares == std::vector<StoredCheckpoint::Share>{
                                 {"BF16", 4, Bytes(8)},
                                 {"F32",  1, Bytes(4)}
  });
  CHECK(read_checkpoint({first, second}).tensor_bytes == Bytes(12));

  CHECK(refusal([&] {
          read_checkpoint(read_index, {second, first});
        }) == "m-2: tensor b is not in this file, though the index says so");
  CHECK(refusal([&] { read_checkpoint(read_index, {first}); }) ==
        "m-1: the index lists 2 tensors, the files hold 1");
  CHECK(refusal([&] { read_checkpoint({first, first}); }) == "m-1: tensor a is in two files");

  const auto bad = [](const std::string& text) {
    return refusal([&] { read_safetensors_index(memory_source("i", text)); });
  };
  CHECK(bad("{}") == "i: no weight_map with tensors");
  CHECK(bad(R"({"weight_map":{"a":"../x.safetensors"}})") ==
        "i: \"../x.safetensors\" is not the name of a safetensors file in the same folder");
  CHECK(bad(R"({"weight_map":{"a":"x.bin"}})") ==
        "i: \"x.bin\" is not the name of a safetensors file in the same folder");
  CHECK(bad(R"({"weight_map":{"a":1}})") == "i: weight_map: \"a\": the name of a file was expected");
  CHECK(bad(R"({"weight_map":{"a":"x.safetensors","a":"x.safetensors"}})") == "i: key \"a\" appears twice");
}
