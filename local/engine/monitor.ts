/**
 * Acts as the Pulumi engine for one program: answers the `pulumi.ResourceMonitor` and `pulumi.Engine` calls with which
 * the program registers its resources.
 */
import { createRequire } from "node:module";
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { hasSecret, plain, shown } from "./values.ts";

// Pulumi's own copies of gRPC and protobuf, because its generated code doesn't work with others.
const requireByPulumi = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));

export interface Registration {
  urn: string;
  /** Type, such as `aws:dynamodb/table:Table`. */
  type: string;
  name: string;
  /** False for a component, which only groups resources. */
  custom: boolean;
  inputs: Record<string, unknown>;
  /** URNs of the resources whose outputs are among the inputs. */
  dependencies: string[];
}

/** A resource that the program doesn't make, but looks up by its id. */
export interface Lookup {
  type: string;
  name: string;
  id: string;
  urn: string;
  /** Inputs that the program passes to the lookup. */
  inputs: Record<string, unknown>;
}

export interface Registered {
  id: string;
  /** Outputs that the inputs don't already give. For any other property, the program uses the input. */
  outputs: Record<string, unknown>;
}

/** The engine's calls to the cloud that it deploys to. */
export interface Provider {
  /** @throws Error with AWS's message about the inputs, which then fails the program */
  create(registration: Registration): Promise<Registered>;
  /** @returns the resource's known outputs */
  read(lookup: Lookup): Promise<Record<string, unknown>>;
  invoke(token: string, args: Record<string, unknown>): Promise<Record<string, unknown>>;
}

export interface Log {
  severity: "debug" | "info" | "warning" | "error";
  message: string;
}

export interface Monitor {
  address: string;
  /** The stack's outputs, with secrets hidden; complete once the program has ended. */
  outputs: Record<string, unknown>;
  /** Whether the program has passed a secret to the engine so far. */
  readonly hasSecrets: boolean;
  close(): void;
}

const SEVERITIES = ["debug", "info", "warning", "error"] as const;
const FEATURES = new Set(["secrets", "resourceReferences", "aliasSpecs", "transforms", "invokeTransforms"]);

export async function startMonitor(
  project: string,
  stack: string,
  provider: Provider,
  log: (log: Log) => void,
): Promise<Monitor> {
  const grpc = requireByPulumi("@grpc/grpc-js");
  const resourceServices = requireByPulumi("./proto/resource_grpc_pb.js");
  const engineServices = requireByPulumi("./proto/engine_grpc_pb.js");
  const { Struct } = requireByPulumi("google-protobuf/google/protobuf/struct_pb.js");
  const resourceService = resourceServices.ResourceMonitorService;
  const engineService = engineServices.EngineService;

  const outputs: Record<string, unknown> = {};
  const types = new Map<string, string>();
  /** Resources by URN, to resolve references. */
  const states = new Map<string, Record<string, unknown>>();
  let rootUrn = "";
  let hasSecrets = false;
  const plainArgs = (message: Message) => {
    const args = message?.toJavaScript() ?? {};
    hasSecrets ||= hasSecret(args);
    return plain(args) as Record<string, unknown>;
  };

  /** Builds `urn:pulumi:stack::project::type of the parents$type::name`. */
  const urnOf = (type: string, name: string, parent: string): string => {
    const parentType = types.get(parent);
    const qualified = parentType === undefined || parentType === STACK_TYPE ? type : `${parentType}$${type}`;
    const urn = `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
    types.set(urn, qualified);
    return urn;
  };

  const monitor = {
    supportsFeature: async (request: Message) => ({ hassupport: FEATURES.has(request.getId()) }),
    registerResource: async (request: Message) => {
      const [type, name] = [request.getType(), request.getName()];
      const urn = urnOf(type, name, request.getParent());
      if (type === STACK_TYPE) rootUrn = urn;
      const custom: boolean = request.getCustom() && !type.startsWith("pulumi:providers:");
      const inputs = plainArgs(request.getObject());
      const dependencies: string[] = request.getDependenciesList();
      const { id, outputs } = await provider.create({ urn, type, name, custom, inputs, dependencies });
      states.set(urn, { urn, id, state: { ...inputs, ...outputs, id, urn } });
      return { urn, id, object: Struct.fromJavaScript(withoutUndefined(outputs)) };
    },
    readResource: async (request: Message) => {
      const [type, name, id] = [request.getType(), request.getName(), request.getId()];
      const urn = urnOf(type, name, request.getParent());
      const inputs = plainArgs(request.getProperties());
      const state = { ...inputs, ...(await provider.read({ urn, type, name, id, inputs })) };
      states.set(urn, { urn, id, state: { ...state, id, urn } });
      return { urn, properties: Struct.fromJavaScript(withoutUndefined(state)) };
    },
    registerResourceOutputs: async (request: Message) => {
      if (request.getUrn() !== rootUrn) return {};
      const value = request.getOutputs()?.toJavaScript() ?? {};
      Object.assign(outputs, shown(value));
      return {};
    },
    invoke: async (request: Message) => {
      const args = plainArgs(request.getArgs());
      const token = request.getTok();
      const result = token === GET_RESOURCE ? states.get(`${args.urn}`) : await provider.invoke(token, args);
      if (result === undefined) throw new Error(`there is no resource ${args.urn}`);
      return { pb_return: Struct.fromJavaScript(withoutUndefined(result)) };
    },
    registerPackage: async (request: Message) => ({ ref: request.getName() }),
    registerStackTransform: async () => ({}),
    registerStackInvokeTransform: async () => ({}),
    registerResourceHook: async () => ({}),
    registerErrorHook: async () => ({}),
    signalAndWaitForShutdown: async () => ({}),
  };
  const engine = {
    log: async (request: Message) => {
      log({ severity: SEVERITIES[request.getSeverity()] ?? "info", message: request.getMessage() });
      return {};
    },
    getRootResource: async () => ({ urn: rootUrn }),
    setRootResource: async () => ({}),
    requirePulumiVersion: async () => ({}),
    startDebugging: async () => ({}),
  };

  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(resourceService, serve(grpc, resourceService, monitor));
  server.addService(engineService, serve(grpc, engineService, engine));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error: Error | null, bound: number) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    outputs,
    get hasSecrets() {
      return hasSecrets;
    },
    close: () => server.forceShutdown(),
  };
}

/** The only function that the engine itself provides. */
const GET_RESOURCE = "pulumi:pulumi:getResource";

const STACK_TYPE = "pulumi:pulumi:Stack";

// biome-ignore lint/suspicious/noExplicitAny: generated messages have no common type
type Message = any;
type Handlers = Record<string, (request: Message) => Promise<Record<string, unknown>>>;

/**
 * Makes service handlers from functions that take a request and return the fields of the response. A thrown error
 * becomes the call's error.
 */
function serve(grpc: Message, service: Message, handlers: Handlers): Handlers {
  return Object.fromEntries(
    Object.keys(handlers).map((method) => [
      method,
      async (call: ServerUnaryCall<Message, Message>, done: sendUnaryData<Message>) => {
        try {
          const fields = await (handlers[method] as Handlers[string])(call.request);
          const response = new service[method].responseType();
          for (const [field, value] of Object.entries(fields)) response[setterOf(field)](value);
          done(null, response);
        } catch (error) {
          done({ code: grpc.status.UNKNOWN, details: (error as Error).message });
        }
      },
    ]),
  ) as unknown as Handlers;
}

function setterOf(field: string): string {
  const name = field.replace("pb_", "");
  return `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** A Struct cannot hold `undefined`. */
function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value));
}
