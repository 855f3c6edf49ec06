{
  description = "VRAM estimator and GPU fit checker for language models";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      forAll = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      # CMakeLists.txt has the version.
      version = builtins.head (builtins.match ".*project\\(vramcalc VERSION ([0-9.]+).*"
        (builtins.readFile ./CMakeLists.txt));
    in
    {
      packages = forAll (pkgs: {
        default = pkgs.stdenv.mkDerivation {
          pname = "vramcalc";
          inherit version;
          src = self;
          nativeBuildInputs = [ pkgs.cmake pkgs.ninja ];
          buildInputs = [ pkgs.cli11 pkgs.curl pkgs.nlohmann_json ];
          # Those that a program linked with the installed library needs too.
          propagatedBuildInputs = [ pkgs.fmt pkgs.yaml-cpp ];
          cmakeFlags = [
            "-DVRAMCALC_TESTS=OFF"
            "-DVRAMCALC_FIGURES=ON"
            "-DFETCHCONTENT_FULLY_DISCONNECTED=ON"
          ];
          doInstallCheck = true;
          installCheckPhase = ''
            $out/bin/vramcalc check qwen3-8b -c 8K --gpu rtx-4090
            $out/bin/vramcalc complete check qw | grep -q qwen3-8b
          '';
          meta = {
            description = "VRAM estimator and GPU fit checker for language models";
            license = pkgs.lib.licenses.mit;
            mainProgram = "vramcalc";
            platforms = systems;
          };
        };
      });

      devShells = forAll (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ self.packages.${pkgs.system}.default ];
          packages = [ pkgs.catch2_3 pkgs.clang-tools pkgs.nginx (pkgs.python3.withPackages (p: [ p.jsonschema ])) ];
        };
      });
    };
}
