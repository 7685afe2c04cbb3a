export type { ModelScript } from "./fake-model/default-script.ts";
export { callTool, type ModelReply, type ReplyPart, say } from "./fake-model/model-reply.ts";
export {
  isTurnRequest,
  lastUserText,
  type ModelRequest,
  toolResults,
  userTexts,
} from "./fake-model/model-request.ts";
export { type FakeModel, startFakeModel } from "./fake-model/start-fake-model.ts";
export {
  answerWith,
  type OllamaChatRequest,
  type OllamaReply,
  type OllamaScript,
} from "./fake-ollama/ollama-reply.ts";
export { type FakeOllama, startFakeOllama } from "./fake-ollama/start-fake-ollama.ts";
export { freePort } from "./free-port.ts";
export { isAlive } from "./is-alive.ts";
export {
  type CallbackEndpoint,
  type SeenCallback,
  startCallbackEndpoint,
} from "./start-callback-endpoint.ts";
export { type RedisCluster, startRedisCluster } from "./start-redis-cluster.ts";
export {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from "./start-redis-server.ts";
export { startSentinel } from "./start-sentinel.ts";
export { startTcpProxy, type TcpProxy } from "./start-tcp-proxy.ts";
export { startTestServer } from "./start-test-server.ts";
export { type ReceivedEvent, readEvents } from "./system/read-events.ts";
export {
  type RunningPilotlight,
  type StartPilotlightOptions,
  startPilotlight,
} from "./system/start-pilotlight.ts";
export { waitUntil } from "./wait-until.ts";
