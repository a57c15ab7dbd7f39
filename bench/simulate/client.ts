/** One person's connection to the simulated cloud, which sends frames and receives their answers. */
import type { SimulatedCloud } from "./cloud.ts";
import { connectionIdBy, userIdBy } from "./identities.ts";

const TOKEN_MS = 24 * 3_600_000;

const ARN = "arn:aws:execute-api:eu-central-1:123456789012:simulated/prod/$connect";

interface Frame {
  type?: string;
  id?: string;
  code?: string;
  seq?: number;
}

export class Client {
  readonly id: string;
  readonly userId: string;
  readonly #cloud: SimulatedCloud;
  readonly #connectedAt: number;
  readonly #waiting = new Map<string, (answer: Frame) => void>();
  #authorizer: Record<string, string> = {};
  #count = 0;
  #isOpen = true;

  private constructor(cloud: SimulatedCloud) {
    this.#cloud = cloud;
    this.#connectedAt = cloud.clock.now();
    this.id = connectionIdBy(cloud.dice);
    this.userId = userIdBy(cloud.dice);
    cloud.listeners.set(this.id, (text) => this.#hear(text));
  }

  /** @throws Error if its handshake is refused */
  static async connect(cloud: SimulatedCloud): Promise<Client> {
    const client = new Client(cloud);
    const { usage, issuer, clock } = cloud;
    usage.handshakes += 1;
    cloud.admits();
    const protocols = `chat.v1, bearer.${issuer.token(client.userId, clock.now() + TOKEN_MS)}`;
    const headers = { "Sec-WebSocket-Protocol": protocols };
    const authorized = await cloud.call("authorizer", { ...client.#event("$connect"), headers, methodArn: ARN });
    const { principalId, context } = resultOf(authorized) as {
      principalId: string;
      context: Record<string, unknown>;
    };
    const flat = Object.entries(context).map(([name, value]) => [name, String(value)] as const);
    client.#authorizer = { principalId, ...Object.fromEntries(flat) };
    const connected = resultOf(await cloud.call("connect", { ...client.#event("$connect"), headers }));
    const { statusCode } = connected as { statusCode: number };
    if (statusCode !== 200) throw new Error(`a handshake was answered with ${statusCode}`);
    return client;
  }

  /**
   * Sends a frame.
   *
   * @param onPosted called when an answer is posted, which is before the function has ended
   * @returns its answer; undefined if there is none
   */
  async ask(
    action: string,
    fields: object = {},
    onPosted: (answer: Frame) => void = () => {},
  ): Promise<Frame | undefined> {
    const id = `${this.id}${++this.#count}`;
    let posted: Frame | undefined;
    this.#waiting.set(id, (answer) => {
      posted = answer;
      onPosted(answer);
    });
    const answered = await this.#send({ id, action, ...fields });
    this.#waiting.delete(id);
    return answered ?? posted;
  }

  /** Sends a frame that isn't answered. */
  async tell(action: string, fields: object): Promise<void> {
    await this.#send({ action, ...fields });
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cloud.close(this.id);
    resultOf(await this.#cloud.call("disconnect", this.#event("$disconnect")));
  }

  async #send(frame: { action: string; id?: string }): Promise<Frame | undefined> {
    const { usage } = this.#cloud;
    usage.frames += 1;
    if (!this.#cloud.admits()) return { type: "error", code: "Too Many Requests" };
    const body = JSON.stringify(frame);
    const invoked = await this.#cloud.call(frame.action, { ...this.#event(frame.action), body });
    const { body: answer } = resultOf(invoked) as { body?: string };
    if (answer === undefined) return undefined;
    this.#cloud.usage.delivered += 1;
    return JSON.parse(answer);
  }

  #event(routeKey: string): object {
    const eventType = { $connect: "CONNECT", $disconnect: "DISCONNECT" }[routeKey] ?? "MESSAGE";
    const requestContext = {
      routeKey,
      eventType,
      requestId: userIdBy(this.#cloud.dice),
      connectionId: this.id,
      connectedAt: this.#connectedAt,
      authorizer: this.#authorizer,
      stage: "prod",
    };
    return { requestContext, isBase64Encoded: false };
  }

  #hear(text: string): void {
    // Events are skipped before parsing, because there are many and nothing waits for them.
    if (text.startsWith('{"type":"event"')) return;
    const frame = JSON.parse(text) as Frame;
    if (frame.id !== undefined) this.#waiting.get(frame.id)?.(frame);
  }
}

function resultOf(invoked: { result: unknown } | { error: string }): unknown {
  if ("error" in invoked) throw new Error(`a function failed: ${invoked.error}`);
  return invoked.result ?? {};
}
