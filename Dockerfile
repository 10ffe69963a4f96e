# syntax=docker/dockerfile:1
FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# pg-tls: connections to PostgreSQL may be encrypted.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build --release --locked --features pg-tls --bin fasttrack && cp target/release/fasttrack /fasttrack

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libssl3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/fasttrack --create-home fasttrack
COPY --from=build /fasttrack /usr/local/bin/fasttrack
USER fasttrack
WORKDIR /srv/fasttrack
ENV FASTTRACK__SERVER__LISTEN=0.0.0.0:8080 FASTTRACK__LOG__FORMAT=json
EXPOSE 8080
VOLUME /srv/fasttrack/var
HEALTHCHECK --interval=10s --timeout=8s --start-period=20s CMD curl --fail --silent http://127.0.0.1:8080/health/ready
ENTRYPOINT ["fasttrack"]
CMD ["serve"]
