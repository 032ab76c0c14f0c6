# The images of mlpserve. The default image contains mlp-server, mlp-client and the shared libraries
# that they load, but no shell or other program. `--target slim` has the same on Debian 12, with its
# shell and packages, for debugging. deploy/build-image.sh builds either and fills in its labels.
# Documentation: docs/use/container.md. This file does not need BuildKit, so Debian's docker.io can
# build it too.

# All stages except the last start from this image, so that the programs run with the libraries they
# were linked against.
ARG BASE_IMAGE=debian:bookworm-slim
# The same as in CMakeLists.txt; tests/e2e/image_checks.sh compares them.
ARG VERSION=0.1.0

FROM ${BASE_IMAGE} AS build

# Install packages before copying the sources, so that a change of the code reuses this layer.
COPY deploy/install-packages.sh deploy/packages.txt /source/deploy/
RUN /source/deploy/install-packages.sh build \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*

COPY . /source
WORKDIR /source
# The build has no .git, so pass the revision. If empty, it is "unknown".
ARG REVISION=""
# How many compilers run at a time. If empty, one for each core.
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

# Both programs are one file, which acts as the program by whose name it is called.
COPY --from=build /source/build/release/bin/mlp-programs /usr/bin/mlp-server
RUN ln -s mlp-server /usr/bin/mlp-client

# deploy/build-image.sh passes the values of the labels.
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

# A number, because Kubernetes' runAsNonRoot cannot check a name. It needs no line in /etc/passwd.
USER 65532:65532
# All interfaces, because a port on loopback cannot be published. The server's own default is loopback.
ENV MLP_MODEL_REPOSITORY=/models MLP_GRPC_ADDRESS=0.0.0.0:8001 MLP_HTTP_ADDRESS=0.0.0.0:8002
# gRPC, and HTTP with the status page, /live, /ready and /metrics. MLP_REST_ADDRESS opens a third port,
# which is off by default.
EXPOSE 8001 8002
STOPSIGNAL SIGTERM
# A real call over gRPC, because an open port alone proves little. If you set another port in
# --grpc-address, set MLP_ADDRESS to match.
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
# Time of every file and of the bill of materials, in seconds since 1970.
ARG SOURCE_DATE_EPOCH=0
RUN VERSION="${VERSION}" REVISION="${REVISION}" SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH}" \
  /programs/collect.sh /root-of-image /programs/compiled-in /programs/mlp-programs


FROM scratch

COPY --from=files /root-of-image/ /

# The rest is the same as in slim; tests/e2e/image_checks.sh compares them.
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

# A number, because Kubernetes' runAsNonRoot cannot check a name. It needs no line in /etc/passwd.
USER 65532:65532
# All interfaces, because a port on loopback cannot be published. The server's own default is loopback.
ENV MLP_MODEL_REPOSITORY=/models MLP_GRPC_ADDRESS=0.0.0.0:8001 MLP_HTTP_ADDRESS=0.0.0.0:8002
# gRPC, and HTTP with the status page, /live, /ready and /metrics. MLP_REST_ADDRESS opens a third port,
# which is off by default.
EXPOSE 8001 8002
STOPSIGNAL SIGTERM
# A real call over gRPC, because an open port alone proves little. If you set another port in
# --grpc-address, set MLP_ADDRESS to match.
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 \
  CMD ["/usr/bin/mlp-client", "health", "--timeout", "3"]
ENTRYPOINT ["/usr/bin/mlp-server"]
