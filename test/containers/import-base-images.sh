#!/usr/bin/env bash
# Makes node:24-slim and redis:7 for a Docker engine that reaches no image registry: a minimal Debian tree, with the Node of
# this repository's devDependencies and with Debian's redis-server. Stand-ins, good enough to build and run ours on.
# Needs root, debootstrap, docker, npm, and `npm ci` done before. How this machine reaches npm goes into the images, and
# nowhere else.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

debootstrap --variant=minbase --include=ca-certificates bookworm "$work/node" >"$work/log" || { tail "$work/log" >&2; exit 1; }
rm -rf "$work"/node/var/cache/apt/archives/*.deb "$work"/node/var/lib/apt/lists/*
cp -a "$work/node" "$work/redis"

npm_dir=$(npm root -g)/npm
mkdir -p "$work/node/usr/local/lib/node_modules"
install -m 755 node_modules/node/bin/node "$work/node/usr/local/bin/node"
cp -aL "$npm_dir" "$work/node/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/node/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/node/usr/local/bin/npx"
cp /etc/ssl/certs/ca-certificates.crt "$work/node/etc/ssl/certs/ca-certificates.crt"
chroot "$work/node" useradd --create-home --uid 1000 --shell /bin/bash node
tar -C "$work/node" -c . | docker import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' \
  --change "ENV npm_config_registry=$(npm config get registry)" \
  --change 'CMD ["node"]' - node:24-slim

mount --bind /proc "$work/redis/proc"
trap 'umount "$work/redis/proc" 2>/dev/null || true; rm -rf "$work"' EXIT
printf '#!/bin/sh\nexit 101\n' >"$work/redis/usr/sbin/policy-rc.d"
chmod +x "$work/redis/usr/sbin/policy-rc.d"
for file in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/trusted.gpg.d; do
  if [[ -e $file ]]; then
    rm -rf "${work:?}/redis$file"
    cp -a "$file" "$work/redis$file"
  fi
done
cp /etc/resolv.conf "$work/redis/etc/resolv.conf"
chroot "$work/redis" sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server' >"$work/log" 2>&1 ||
  { tail "$work/log" >&2; exit 1; }
umount "$work/redis/proc"
rm -rf "$work"/redis/var/cache/apt/archives/*.deb "$work"/redis/var/lib/apt/lists/*
mkdir -p "$work/redis/data"
chroot "$work/redis" chown redis:redis /data
tar -C "$work/redis" -c . | docker import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change 'WORKDIR /data' --change 'VOLUME /data' --change 'USER redis' --change 'EXPOSE 6379' \
  --change 'CMD ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no"]' - redis:7
docker image ls
