# Gatehouse as a container; docs/deploy/container.md tells how to run it.
#   docker build -t gatehouse .

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
# No package runs a script of its own on the way into the image: none that we use needs to.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src ./src
COPY workspaces/example ./workspaces/example
# dist holds the program and its dependencies, so the image needs no node_modules but what is native code: argon2.
# A checkout made under umask 077 would give files that only root can read.
RUN npm run build \
 && rm dist/*.map \
 && chmod 755 dist/main.js \
 && chmod -R a+rX package.json dist workspaces node_modules/@node-rs

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="A self-hosted gate for a local API: decides who may come in, and keeps the keys your code goes out with; used, never shown." \
      org.opencontainers.image.licenses="Apache-2.0"

# Package managers are for building. What they bundle is what scanners find in an image that never calls them.
# /run/gatehouse has mode 1777 because a tmpfs that Docker mounts on an existing folder takes over the folder's mode
# but not its owner (moby/moby#39466): with any other mode, `--tmpfs /run/gatehouse` could be written by root alone.
# Gatehouse makes the socket itself 0600.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* \
 && mkdir -p /app/workspaces \
 && chown 1000:1000 /app/workspaces \
 && mkdir -m 1777 /run/gatehouse \
 && ln -s /app/dist/main.js /usr/local/bin/gatehouse

WORKDIR /app
# Root's, and readable by all: the program cannot be changed by what runs it, and runs as any user.
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
COPY --from=build /app/node_modules/@node-rs ./node_modules/@node-rs
COPY --from=build --chown=1000:1000 /app/workspaces/example ./workspaces/example

# TMPDIR: with a read-only root there is no other place for the short-lived sockets of commands.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    WORKSPACES_DIR=/app/workspaces \
    SOCKET=/run/gatehouse/gatehouse.sock \
    TMPDIR=/run/gatehouse \
    GATEHOUSE_IMAGE=1

VOLUME ["/app/workspaces"]
# The second one is the gateway's, where UPSTREAM_URL asks for it.
EXPOSE 3000 3001
# By number, so that "must not run as root" rules can see it. The base image calls this user `node`.
USER 1000:1000
# Requests that run have 25 s to end, so give `docker stop` 30: --stop-timeout, or stop_grace_period in compose.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["gatehouse", "healthcheck"]
# node itself is process 1, so signals reach it.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
