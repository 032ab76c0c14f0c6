# The images of mlpserve. The default one holds mlp-server, mlp-client and the shared libraries that
# they load, without a shell or any other program; `--target slim` is the same on Debian 12 with its
# shell and packages, to look around in. deploy/build-image.sh builds either with its labels filled
# in; docs/use/container.md tells more. Nothing here needs BuildKit, so that Debian's own docker.io builds
# it as well.

# All stages but the last start here, so that the programs run with the libraries they were linked
# against.
ARG BASE_IMAGE=debian:bookworm-slim
# As in CMakeLists.txt; tests/e2e/image_checks.sh compares the two.
ARG VERSION=0.1.0

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
RUN cmake --preset release -DCMAKE_UNITY_BUILD=ON -DMLP_BUILD_TESTS=OFF -DMLP_INSTALL=OFF \
      -DMLP_GIT_REVISION="${REVISION}" \
 && cmake --build --preset release --parallel "${BUILD_JOBS:-$(nproc)}" \
      --target mlp_image_program \
 && strip build/release/bin/mlp-programs \
 && deploy/image/compiled-in.sh build/release >build/release/compiled-in


FROM ${BASE_IMAGE} AS slim

COPY deploy/install-packages.sh deploy/packages.txt /tmp/deploy/
RUN /tmp/deploy/install-packages.sh runtime \
 && apt-get clean \
 && rm -rf /tmp/deploy /var/lib/apt/lists/*

# Both programs are one file, which is the one that it is called by.
COPY --from=build /source/build/release/bin/mlp-programs /usr/bin/mlp-server
RUN ln -s mlp-server /usr/bin/mlp-client

# The labels, of which deploy/build-image.sh knows the values.
ARG VERSION
ARG REVISION=""
ARG CREATED=""
ARG SOURCE_URL=""
ARG DOCUMENTATION_URL=""
LABEL org.opencontainers.image.title="mlpserve" \
      org.opencontainers.image.description="Serves trained multi-layer perceptrons over gRPC" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE_URL}" \
      org.opencontainers.image.documentation="${DOCUMENTATION_URL}"

# A number, as Kubernetes' runAsNonRoot can judge no name. It needs no line in /etc/passwd.
USER 65532:65532
# All interfaces, as a port of loopback cannot be published. By itself the server opens loopback alone.
ENV MLP_MODEL_REPOSITORY=/models MLP_GRPC_ADDRESS=0.0.0.0:8001 MLP_HTTP_ADDRESS=0.0.0.0:8002
# gRPC, and HTTP with the status page, /live, /ready and /metrics. MLP_REST_ADDRESS opens a third, which is off by itself.
EXPOSE 8001 8002
STOPSIGNAL SIGTERM
# A real call over gRPC: an open port alone says little. Where --grpc-address names another port,
# set MLP_ADDRESS to match.
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 \
  CMD ["/usr/bin/mlp-client", "health", "--timeout", "3"]
ENTRYPOINT ["/usr/bin/mlp-server"]


# The files of the default image.
FROM ${BASE_IMAGE} AS files

COPY deploy/install-packages.sh deploy/packages.txt /tmp/deploy/
RUN /tmp/deploy/install-packages.sh runtime image-files

COPY deploy/image/collect.sh deploy/image/sbom.sh /programs/
COPY --from=build /source/build/release/bin/mlp-programs /source/build/release/compiled-in /programs/
ARG VERSION
ARG REVISION=""
# Seconds since 1970: the time of every file, and of the bill of materials.
ARG SOURCE_DATE_EPOCH=0
RUN VERSION="${VERSION}" REVISION="${REVISION}" SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH}" \
  /programs/collect.sh /root-of-image /programs/compiled-in /programs/mlp-programs


FROM scratch

COPY --from=files /root-of-image/ /

# What follows is as in slim; tests/e2e/image_checks.sh compares the two.
ARG VERSION
ARG REVISION=""
ARG CREATED=""
ARG SOURCE_URL=""
ARG DOCUMENTATION_URL=""
LABEL org.opencontainers.image.title="mlpserve" \
      org.opencontainers.image.description="Serves trained multi-layer perceptrons over gRPC" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE_URL}" \
      org.opencontainers.image.documentation="${DOCUMENTATION_URL}"

# A number, as Kubernetes' runAsNonRoot can judge no name. It needs no line in /etc/passwd.
USER 65532:65532
# All interfaces, as a port of loopback cannot be published. By itself the server opens loopback alone.
ENV MLP_MODEL_REPOSITORY=/models MLP_GRPC_ADDRESS=0.0.0.0:8001 MLP_HTTP_ADDRESS=0.0.0.0:8002
# gRPC, and HTTP with the status page, /live, /ready and /metrics. MLP_REST_ADDRESS opens a third, which is off by itself.
EXPOSE 8001 8002
STOPSIGNAL SIGTERM
# A real call over gRPC: an open port alone says little. Where --grpc-address names another port,
# set MLP_ADDRESS to match.
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 \
  CMD ["/usr/bin/mlp-client", "health", "--timeout", "3"]
ENTRYPOINT ["/usr/bin/mlp-server"]
