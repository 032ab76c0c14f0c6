# The image of mlpserve: mlp-server and mlp-client on Debian 12, with the libraries they link and no
# build tools. docs/container.md tells how it is built and run. It uses nothing that needs BuildKit,
# so that Debian's own docker.io builds it as well.

# Both stages start here, so that the programs run with the libraries they were linked against.
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BASE_IMAGE} AS build

# The packages before the sources: a change of the code then reuses this layer.
COPY deploy/install-packages.sh deploy/packages.txt /source/deploy/
RUN /source/deploy/install-packages.sh build \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*

COPY . /source
WORKDIR /source
# The checkout's .git stays out of the build, so the revision is told. Empty is "unknown".
ARG REVISION=""
# How many compilers run at a time. Empty is one for each core.
ARG BUILD_JOBS=""
RUN cmake --preset release -DCMAKE_UNITY_BUILD=ON -DMLP_BUILD_TESTS=OFF -DMLP_GIT_REVISION="${REVISION}" \
 && cmake --build --preset release --parallel "${BUILD_JOBS:-$(nproc)}" \
      --target mlp_server_program mlp_client_program \
 && strip build/release/bin/mlp-server build/release/bin/mlp-client


FROM ${BASE_IMAGE}

COPY deploy/install-packages.sh deploy/packages.txt /tmp/deploy/
RUN /tmp/deploy/install-packages.sh runtime \
 && apt-get clean \
 && rm -rf /tmp/deploy /var/lib/apt/lists/*

COPY --from=build /source/build/release/bin/mlp-server /source/build/release/bin/mlp-client \
  /usr/bin/

ARG REVISION=""
LABEL org.opencontainers.image.title="mlpserve" \
      org.opencontainers.image.description="Serves trained multi-layer perceptrons over gRPC" \
      org.opencontainers.image.revision="${REVISION}"

# A number, as Kubernetes' runAsNonRoot can judge no name. It needs no line in /etc/passwd.
USER 65532:65532
ENV MLP_MODEL_REPOSITORY=/models
# gRPC, and HTTP with /live, /ready and /metrics.
EXPOSE 8001 8002
STOPSIGNAL SIGTERM
# A real call over gRPC: an open port alone says little. Where --grpc-address names another port,
# set MLP_ADDRESS to match.
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 \
  CMD ["/usr/bin/mlp-client", "health", "--timeout", "3"]
ENTRYPOINT ["/usr/bin/mlp-server"]
