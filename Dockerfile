# One image for ingress, board and worker; the command chooses. It carries the demo agent: whoever runs another one builds
# upon it (docs/operations.md).
FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json ./
COPY apps apps
COPY packages packages
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force && mkdir -p /data && chown node:node /data
USER node
ENV PILOTLIGHT_DATA_DIR=/data
CMD ["node", "apps/worker/src/warden-main.ts"]
