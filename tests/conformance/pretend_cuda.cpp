// A CUDA runtime, driver and cuBLAS without a GPU behind them, for llama.cpp's real CUDA backend: it asks
// what devices there are and reserves memory, which are addresses only. Nothing is computed. PRETEND_GPUS
// (1), PRETEND_MIB of memory each (196608), PRETEND_CC compute capability × 10 (89).
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

// The interface is C's: whoever calls a function knows what its arguments are.
#define SUCCEEDS(name) \
  int name() { return 0; }
#define FAILS(name) \
  int name() { return 1; }

namespace {

constexpr int success = 0, out_of_memory = 2;

std::size_t setting(const char* name, std::size_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

std::size_t bytes_of_device() { return setting("PRETEND_MIB", 196608) << 20; }

struct Reservation {
  std::size_t bytes = 0;
  int device = 0;
};

struct Devices {
  int current = 0;
  std::map<int, std::size_t> used;
  std::map<void*, Reservation> reservations;
};

Devices& devices() {
  static Devices all;
  return all;
}

void* addresses(std::size_t bytes, int protection) {
  return mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

// `int` fields of cudaDeviceProp (CUDA 13, driver_types.h) by offset; the rest is zero.
struct Property {
  std::size_t offset = 0;
  int value = 0;
};

constexpr std::size_t bytes_of_properties = 1008, offset_of_memory = 288;
constexpr Property properties[] = {
    {296, 48 << 10 }, // sharedMemPerBlock
    {304, 64 << 10 }, // regsPerBlock
    {308, 32       }, // warpSize
    {320, 1024     }, // maxThreadsPerBlock
    {384, 128      }, // multiProcessorCount
    {560, 1        }, // concurrentKernels
    {596, 64 << 20 }, // l2CacheSize
    {604, 1536     }, // maxThreadsPerMultiProcessor
    {624, 100 << 10}, // sharedMemPerMultiprocessor
    {632, 64 << 10 }, // regsPerMultiprocessor
    {672, 99 << 10 }, // sharedMemPerBlockOptin
};
constexpr std::size_t offset_of_major = 360, offset_of_minor = 364;

void put(char* at, int value) { std::memcpy(at, &value, sizeof value); }

}  // namespace

extern "C" {

int cudaGetDeviceCount(int* count) {
  *count = static_cast<int>(setting("PRETEND_GPUS", 1));
  return success;
}
int cudaGetDevice(int* device) {
  *device = devices().current;
  return success;
}
int cudaSetDevice(int device) {
  devices().current = device;
  return success;
}
int cudaGetDeviceProperties(char* all, int device) {
  std::memset(all, 0, bytes_of_properties);
  std::snprintf(all, 256, "Pretend %d", device);
  for (const Property& each : properties) put(all + each.offset, each.value);
  const int capability = static_cast<int>(setting("PRETEND_CC", 89));
  put(all + offset_of_major, capability / 10);
  put(all + offset_of_minor, capability % 10);
  const std::size_t memory = bytes_of_device();
  std::memcpy(all + offset_of_memory, &memory, sizeof memory);
  return success;
}
int cudaDeviceGetPCIBusId(char* id, int bytes, int device) {
  std::snprintf(id, static_cast<std::size_t>(bytes), "0000:%02x:00.0", device);
  return success;
}
int cudaDeviceGetAttribute(int* value, int, int) {
  *value = 0;
  return success;
}
int cudaDeviceCanAccessPeer(int* can, int, int) {
  *can = 0;
  return success;
}
int cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *total = bytes_of_device();
  *free = *total - devices().used[devices().current];
  return success;
}

int cudaMalloc(void** memory, std::size_t bytes) {
  Devices& all = devices();
  if (all.used[all.current] + bytes > bytes_of_device()) return out_of_memory;
  bytes = bytes == 0 ? 1 : bytes;
  *memory = addresses(bytes, PROT_NONE);
  if (*memory == MAP_FAILED) return out_of_memory;
  all.used[all.current] += bytes;
  all.reservations[*memory] = {bytes, all.current};
  return success;
}
int cudaMallocManaged(void** memory, std::size_t bytes, unsigned) { return cudaMalloc(memory, bytes); }
int cudaFree(void* memory) {
  Devices& all = devices();
  const auto found = all.reservations.find(memory);
  if (found == all.reservations.end()) return success;
  all.used[found->second.device] -= found->second.bytes;
  munmap(memory, found->second.bytes);
  all.reservations.erase(found);
  return success;
}
int cudaMallocHost(void** memory, std::size_t bytes) {
  bytes = bytes == 0 ? 1 : bytes;
  *memory = addresses(bytes, PROT_READ | PROT_WRITE);
  if (*memory == MAP_FAILED) return out_of_memory;
  devices().reservations[*memory] = {bytes, -1};
  return success;
}
int cudaHostAlloc(void** memory, std::size_t bytes, unsigned) { return cudaMallocHost(memory, bytes); }
int cudaFreeHost(void* memory) { return cudaFree(memory); }
int cudaHostGetDevicePointer(void** there, void* here, unsigned) {
  *there = here;
  return success;
}

// Handles that are only passed on.
int cudaStreamCreateWithFlags(void** stream, unsigned) {
  *stream = std::malloc(1);
  return success;
}
int cudaEventCreateWithFlags(void** event, unsigned) {
  *event = std::malloc(1);
  return success;
}
int cudaStreamIsCapturing(void*, int* status) {
  *status = 0;
  return success;
}
int cudaStreamEndCapture(void*, void** graph) {
  *graph = nullptr;
  return success;
}
int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void*, int, std::size_t,
                                                           unsigned) {
  *blocks = 1;
  return success;
}
// struct cudaFuncAttributes: maxThreadsPerBlock, numRegs, ptxVersion, binaryVersion.
int cudaFuncGetAttributes(char* attributes, const void*) {
  std::memset(attributes, 0, 144);
  const int capability = static_cast<int>(setting("PRETEND_CC", 89));
  const Property values[] = {
      {24, 1024      },
      {28, 64        },
      {32, capability},
      {36, capability}
  };
  for (const Property& each : values) put(attributes + each.offset, each.value);
  return success;
}
int __cudaGetKernel(void** kernel, const void*) {
  *kernel = nullptr;
  return success;
}
void** __cudaRegisterFatBinary(void*) {
  static void* handle[1];
  return handle;
}
const char* cudaGetErrorString(int error) { return error == success ? "no error" : "out of memory"; }
const char* cublasGetStatusString(int) { return "no cuBLAS"; }
int cuGetErrorString(int, const char** text) {
  *text = "no driver";
  return success;
}
int cuDeviceGet(int* device, int number) {
  *device = number;
  return success;
}
int cuDeviceGetAttribute(int* value, int, int) {
  *value = 0;  // no virtual memory management either
  return success;
}

SUCCEEDS(cudaSetDeviceFlags)
SUCCEEDS(cudaDeviceSynchronize)
SUCCEEDS(cudaDeviceEnablePeerAccess)
SUCCEEDS(cudaGetLastError)
SUCCEEDS(cudaPeekAtLastError)
SUCCEEDS(cudaHostRegister)
SUCCEEDS(cudaHostUnregister)
SUCCEEDS(cudaMemcpyAsync)
SUCCEEDS(cudaMemcpy2DAsync)
SUCCEEDS(cudaMemcpyPeerAsync)
SUCCEEDS(cudaMemset)
SUCCEEDS(cudaMemsetAsync)
SUCCEEDS(cudaStreamDestroy)
SUCCEEDS(cudaStreamSynchronize)
SUCCEEDS(cudaStreamWaitEvent)
SUCCEEDS(cudaStreamBeginCapture)
SUCCEEDS(cudaEventDestroy)
SUCCEEDS(cudaEventRecord)
SUCCEEDS(cudaEventSynchronize)
SUCCEEDS(cudaFuncSetAttribute)
SUCCEEDS(cudaGraphDestroy)
SUCCEEDS(cudaGraphExecDestroy)
SUCCEEDS(cudaGraphExecUpdate)
SUCCEEDS(cudaGraphInstantiate)
SUCCEEDS(cudaGraphLaunch)
SUCCEEDS(cudaLaunchCooperativeKernel)
SUCCEEDS(cudaLaunchKernelExC)
SUCCEEDS(__cudaLaunchKernel)
SUCCEEDS(__cudaPopCallConfiguration)
SUCCEEDS(__cudaPushCallConfiguration)
SUCCEEDS(__cudaRegisterFatBinaryEnd)
SUCCEEDS(__cudaUnregisterFatBinary)
SUCCEEDS(__cudaRegisterFunction)
SUCCEEDS(__cudaRegisterVar)
SUCCEEDS(cublasCreate_v2)
SUCCEEDS(cublasDestroy_v2)
SUCCEEDS(cublasGemmBatchedEx)
SUCCEEDS(cublasGemmEx)
SUCCEEDS(cublasGemmStridedBatchedEx)
SUCCEEDS(cublasSetMathMode)
SUCCEEDS(cublasSetStream_v2)
SUCCEEDS(cublasSetWorkspace_v2)
SUCCEEDS(cublasSgemmBatched)
SUCCEEDS(cublasSgemmStridedBatched)
SUCCEEDS(cublasSgemm_v2)
SUCCEEDS(cublasStrsmBatched)
FAILS(cuMemAddressFree)
FAILS(cuMemAddressReserve)
FAILS(cuMemCreate)
FAILS(cuMemGetAllocationGranularity)
FAILS(cuMemMap)
FAILS(cuMemRelease)
FAILS(cuMemSetAccess)
FAILS(cuMemUnmap)

}  // extern "C"
