# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
WORKDIR /taller
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# Half of what is left would be node-pty's programs for Windows.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/node-pty/prebuilds/win32-* node_modules/node-pty/third_party

FROM node:24-bookworm-slim
# tini reaps what shells leave behind; curl is what lessons call beside kubectl, and vi what `kubectl edit` opens.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini curl ca-certificates less nano vim-tiny procps \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /taller
COPY --from=build /taller/package.json /taller/LICENSE ./
COPY --from=build /taller/node_modules node_modules
COPY --from=build /taller/dist dist
COPY --from=build /taller/lessons lessons
COPY --from=build /taller/server/launch.mjs server/launch.mjs
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "server/launch.mjs"]
# All that is written goes to /tmp, and programs are started from there: with --read-only add --tmpfs /tmp:exec.
# Beyond loopback, because a container's loopback is nobody's: publish the port on 127.0.0.1 of the host.
CMD ["serve", "--host", "0.0.0.0"]
