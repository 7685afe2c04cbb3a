import { randomUUID } from "node:crypto";
import { createClient, type PilotlightClient } from "@pilotlight/client";
import { newApiKey, type Prompt } from "@pilotlight/contracts";
import {
  type ContainerRuntimeClient,
  DockerComposeEnvironment,
  getContainerRuntimeClient,
  type StartedDockerComposeEnvironment,
} from "testcontainers";

const ROOT = new URL("../../", import.meta.url).pathname;
const ANSWERED_WITHIN_MS = 90_000;
/** What the compose file gives a worker to end in. */
const GRACE_SECS = 90;
/** A busy machine takes its time with a dozen processes and their health checks. */
const HEALTHY_WITHIN_MS = 180_000;

/** The compose file of this repository, running under a project name of its own. */
export interface ComposeSystem {
  readonly client: PilotlightClient;
  readonly project: string;
  readonly redisUrl: string;
  /** Sends a prompt and waits for its end. */
  ask(channel: string, prompt: string): Promise<Prompt>;
  answered(id: string): Promise<Prompt>;
  /** Starts what does not run, or ends what is too many; resolves when all that runs is healthy. */
  scale(workers: number): Promise<void>;
  /** Ids of the running containers of a service. */
  containers(service: string): Promise<string[]>;
  /** The container whose worker runs a turn or holds a session of the channel. */
  containerOf(channel: string): Promise<string>;
  run(container: string, command: readonly string[]): Promise<{ exitCode: number; output: string }>;
  /** SIGKILL for everything in it. */
  kill(container: string): Promise<void>;
  /** SIGTERM, and time to drain; the exit code. */
  stop(container: string): Promise<number>;
  remove(container: string): Promise<void>;
  /** Ends everything, its volumes too. */
  down(): Promise<void>;
}

export async function startComposeSystem(image: string, workers: number): Promise<ComposeSystem> {
  const project = `pilotlight-test-${randomUUID().slice(0, 8)}`;
  const apiKey = newApiKey();
  const runtime = await getContainerRuntimeClient();
  const host = runtime.info.containerRuntime.host;

  const up = (count: number) =>
    new DockerComposeEnvironment(ROOT, "docker-compose.yml")
      .withProjectName(project)
      .withEnvironment({
        PILOTLIGHT_IMAGE: image,
        PILOTLIGHT_API_KEY: apiKey,
        PILOTLIGHT_PORT: "0",
        PILOTLIGHT_ALLOWED_HOSTS: host,
      })
      .withClientOptions({ commandOptions: ["--scale", `worker=${count}`] })
      .withStartupTimeout(HEALTHY_WITHIN_MS)
      .up();

  const environment: StartedDockerComposeEnvironment = await up(workers);
  const ingress = environment.getContainer("ingress-1");
  const client = createClient({
    url: `http://${ingress.getHost()}:${ingress.getMappedPort(7400)}`,
    apiKey,
  });
  const answered = (id: string) => client.waitForPrompt(id, ANSWERED_WITHIN_MS);

  return {
    client,
    project,
    redisUrl: "redis://redis:6379",
    answered,
    ask: async (channel, prompt) => answered((await client.enqueue(channel, { prompt })).id),
    scale: async (count) => void (await up(count)),
    containers: (service) => idsOf(runtime, project, service),

    async containerOf(channel) {
      const [session] = await client.listSessions(channel);
      const worker = (await client.listWorkers()).find(({ id }) => id === session?.worker);
      const id = (await idsOf(runtime, project, "worker")).find(
        (container) => worker !== undefined && container.startsWith(worker.host),
      );
      if (id === undefined) {
        throw new Error(`no container has ${channel}`);
      }
      return id;
    },

    async run(container, command) {
      return runtime.container.exec(runtime.container.getById(container), [...command]);
    },

    kill: (container) => runtime.container.getById(container).kill(),

    async stop(id) {
      const container = runtime.container.getById(id);
      await container.stop({ t: GRACE_SECS });
      return (await container.inspect()).State.ExitCode;
    },

    remove: (container) => runtime.container.getById(container).remove({ force: true }),
    down: async () => void (await environment.down({ removeVolumes: true, timeout: 0 })),
  };
}

async function idsOf(
  runtime: ContainerRuntimeClient,
  project: string,
  service: string,
): Promise<string[]> {
  const running = await runtime.container.list();
  return running
    .filter(
      ({ Labels }) =>
        Labels["com.docker.compose.project"] === project &&
        Labels["com.docker.compose.service"] === service,
    )
    .map(({ Id }) => Id);
}
