# syntax=docker/dockerfile:1
# The package, installed as `npm pack` makes it, on an image with Node.js and nothing else.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm pack && mkdir /app /data \
  && tar -xzf rolling-portfolio-metrics-*.tgz --strip-components=1 -C /app
WORKDIR /app
RUN npm ci --omit=dev

FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build /app /app
# The embedded database; a server in DATABASE_URL leaves it empty. All else can be read-only.
COPY --from=build --chown=nonroot:nonroot /data /data
ENV HOST=0.0.0.0 DATA_DIR=/data
USER nonroot
WORKDIR /data
EXPOSE 4000
VOLUME ["/data"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s \
  CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT ?? 4000) + '/health/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=8", "/app/dist/src/cli.js"]
CMD ["serve"]
