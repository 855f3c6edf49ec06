#include "deployment/accelerators.hpp"

#include "catch.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

std::string hardware_of(std::string_view label, std::string_view value) {
  const auto gpus = gpus_of_label(label, value);
  return gpus ? gpus->hardware : "";
}

}  // namespace

TEST_CASE("labels of nodes tell the GPU") {
  struct Row {
    std::string_view label, value, hardware;
  };
  const auto [label, value, hardware] = GENERATE(
      Row{"cloud.google.com/gke-accelerator", "nvidia-tesla-t4", "t4"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-tesla-p4", "p4"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-tesla-v100", "v100-sxm2-16gb"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-tesla-a100", "a100-sxm-40gb"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-a100-80gb", "a100-sxm-80gb"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-l4", "l4"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-h100-80gb", "h100-sxm-80gb"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-h100-mega-80gb", "h100-sxm-80gb"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-h200-141gb", "h200-sxm-141gb"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-b200", "b200"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-gb200", "gb200"},
      Row{"cloud.google.com/gke-accelerator", "nvidia-rtx-pro-6000", "rtx-pro-6000-blackwell-server"},
      Row{"nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3", "h100-sxm-80gb"},
      Row{"nvidia.com/gpu.product", "NVIDIA-H100-PCIe", "h100-pcie-80gb"},
      Row{"nvidia.com/gpu.product", "NVIDIA-H100-NVL", "h100-nvl-94gb"},
      Row{"nvidia.com/gpu.product", "NVIDIA-H200", "h200-sxm-141gb"},
      Row{"nvidia.com/gpu.product", "NVIDIA-A100-SXM4-40GB", "a100-sxm-40gb"},
      Row{"nvidia.com/gpu.product", "NVIDIA-A100-SXM4-80GB", "a100-sxm-80gb"},
      Row{"nvidia.com/gpu.product", "NVIDIA-A100-80GB-PCIe", "a100-pcie-80gb"},
      Row{"nvidia.com/gpu.product", "A100-PCIE-40GB", "a100-pcie-40gb"},
      Row{"nvidia.com/gpu.product", "Tesla-V100-SXM2-32GB", "v100-sxm2-32gb"},
      Row{"nvidia.com/gpu.product", "Tesla-V100-PCIE-16GB", "v100-pcie-16gb"},
      Row{"nvidia.com/gpu.product", "Tesla-T4", "t4"}, Row{"nvidia.com/gpu.product", "NVIDIA-A10G", "a10g"},
      Row{"nvidia.com/gpu.product", "NVIDIA-A10", "a10"},
      Row{"nvidia.com/gpu.product", "NVIDIA-L40S", "l40s"},
      Row{"nvidia.com/gpu.product", "NVIDIA-GeForce-RTX-4090", "rtx-4090"},
      Row{"nvidia.com/gpu.product", "NVIDIA-RTX-A6000", "rtx-a6000"},
      Row{"nvidia.com/gpu.product", "NVIDIA-RTX-6000-Ada-Generation", "rtx-6000-ada"},
      Row{"nvidia.com/gpu.product", "NVIDIA-GH200-480GB", "gh200-96gb"},
      Row{"nvidia.com/gpu.product", "NVIDIA-A10G-SHARED", "a10g"},
      Row{"amd.com/gpu.product-name", "AMD_Instinct_MI300X_OAM", "mi300x"},
      Row{"karpenter.k8s.aws/instance-gpu-name", "h100", "h100-sxm-80gb"},
      Row{"karpenter.k8s.aws/instance-gpu-name", "a10g", "a10g"},
      Row{"eks.amazonaws.com/instance-gpu-name", "l40s", "l40s"},
      Row{"k8s.amazonaws.com/accelerator", "nvidia-l4", "l4"}, Row{"accelerator", "nvidia-l40s", "l40s"},
      Row{"gpu.nvidia.com/class", "A100_PCIE_80GB", "a100-pcie-80gb"},
      Row{"gpu.nvidia.com/class", "H100_NVLINK_80GB", "h100-sxm-80gb"},
      // with 40 and with 80 GB
      Row{"karpenter.k8s.aws/instance-gpu-name", "a100", ""}, Row{"accelerator", "nvidia", ""},
      Row{"accelerator", "gpu", ""}, Row{"nvidia.com/gpu.product", "NVIDIA-Z999", ""},
      Row{"kubernetes.io/hostname", "h100", ""});
  CAPTURE(label, value);
  CHECK(hardware_of(label, value) == hardware);
  if (!hardware.empty()) CHECK(Catalog().hardware(hardware).gpu != nullptr);
}

TEST_CASE("instance types tell the GPU and how many of them") {
  struct Row {
    std::string_view type, hardware;
    std::uint32_t count;
  };
  const auto [type, hardware, count] =
      GENERATE(Row{"p5.48xlarge", "h100-sxm-80gb", 8}, Row{"g5.xlarge", "a10g", 1},
               Row{"g6e.12xlarge", "l40s", 4}, Row{"p4d.24xlarge", "a100-sxm-40gb", 8},
               Row{"a2-highgpu-1g", "a100-sxm-40gb", 1}, Row{"a3-highgpu-8g", "h100-sxm-80gb", 8},
               Row{"g2-standard-24", "l4", 2}, Row{"Standard_NC24ads_A100_v4", "a100-pcie-80gb", 1},
               Row{"standard_nc4as_t4_v3", "t4", 1}, Row{"Standard_ND96isr_H100_v5", "h100-sxm-80gb", 8},
               Row{"BM.GPU.H100.8", "h100-sxm-80gb", 8}, Row{"VM.GPU.A10.2", "a10", 2},
               // the catalog has a part of a card as a system of its own
               Row{"g6f.large", "aws-g6f-large", 1});
  CAPTURE(type);
  const auto gpus = gpus_of_label("node.kubernetes.io/instance-type", type);
  REQUIRE(gpus);
  CHECK(gpus->hardware == hardware);
  CHECK(gpus->count == count);
}

TEST_CASE("instance types without a GPU of the catalog tell none") {
  const std::string_view type = GENERATE("m5.large", "n2-standard-8", "dgx-spark", "", "../../etc/passwd");
  CHECK_FALSE(gpus_of_instance(type));
}
