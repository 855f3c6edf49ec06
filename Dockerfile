# docker build -t vramcalc . && docker run --rm vramcalc qwen3-8b --gpu rtx-4090
# Files are read from the current folder: docker run --rm -v "$PWD:/work" vramcalc check compose.yaml --gpu rtx-4090
FROM debian:12-slim AS build
COPY setup.sh /source/
RUN /source/setup.sh && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
RUN cmake --workflow --preset release \
 && cmake --install build/release --prefix /usr --component program --strip

# The program is static; vramcalc-fetch, which reads from the hub, needs libcurl and certificates.
FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libcurl4 ca-certificates \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/bin/vramcalc /usr/bin/vramcalc-fetch /usr/bin/
COPY --from=build /usr/share/vramcalc /usr/share/vramcalc
COPY --from=build /usr/share/doc/vramcalc/LICENSE /usr/share/doc/vramcalc/LICENSE
USER nobody
WORKDIR /work
ENTRYPOINT ["vramcalc"]
CMD ["--help"]
