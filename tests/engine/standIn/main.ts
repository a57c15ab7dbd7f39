/**
 * `pulumi-resource-aws`: serves the stand-in to the Pulumi engine as a provider plugin. STAND_IN_ACCOUNT is the folder
 * of its account. STAND_IN_FAILING may name a resource that can't be created. STAND_IN_CREATING_MS is the time from a
 * request until the resource exists, and also the time from then until the engine is told.
 *
 * It implements `pulumirpc.ResourceProvider` itself, because `main` of `@pulumi/pulumi/provider` tells the engine that
 * its providers know nothing at preview. A preview of a changed function would then also show its ARN, and everything
 * that refers to it, as changed.
 */
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { plain } from "../../../local/engine/values.ts";
import type { Inputs } from "../../../local/resources/model.ts";
import { Account } from "./account.ts";
import { StandIn } from "./provider.ts";

const requireByPulumi = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const grpc = requireByPulumi("@grpc/grpc-js");
const { ResourceProviderService: service } = requireByPulumi("./proto/provider_grpc_pb.js");
const { Struct } = requireByPulumi("google-protobuf/google/protobuf/struct_pb.js");

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type
type Message = any;

const folder = process.env.STAND_IN_ACCOUNT;
if (folder === undefined) throw new Error("STAND_IN_ACCOUNT is not set: it names the folder of the stand-in's account");
/** `type name` of a resource that can't be created. */
const FAILING = process.env.STAND_IN_FAILING || "none";
const CREATING_MS = Number(process.env.STAND_IN_CREATING_MS || 0);
const standIn = new StandIn(new Account(folder));

/** Methods of the provider service, each of which returns the fields of its response. */
const methods: Record<string, (request: Message) => object | Promise<object>> = {
  getPluginInfo: () => ({ Version: "7.48.0" }),
  attach: () => ({}),
  cancel: () => ({}),
  checkConfig: (request) => ({ Inputs: request.getNews() }),
  diffConfig: () => ({}),
  configure(request) {
    standIn.configure(request.getVariablesMap().get("aws:config:region") ?? "us-east-1");
    return { Supportspreview: true };
  },
  invoke: (request) => ({ Return: struct(standIn.invoke(request.getTok(), inputs(request.getArgs()))) }),
  check: (request) => ({
    Inputs: struct(standIn.check(request.getUrn(), inputs(request.getOlds()), inputs(request.getNews()))),
  }),
  diff(request) {
    const [olds, news] = [inputs(request.getOldInputs()), inputs(request.getNews())];
    const { changed, replaces, deleteBeforeReplace } = standIn.diff(request.getUrn(), olds, news);
    const [none, some] = [1, 2];
    return {
      Changes: changed.length === 0 ? none : some,
      DiffsList: changed,
      ReplacesList: replaces,
      Deletebeforereplace: deleteBeforeReplace,
    };
  },
  async create(request) {
    const [urn, properties] = [request.getUrn(), inputs(request.getProperties())];
    if (request.getPreview()) return { Properties: struct(await standIn.previewCreate(urn, properties)) };
    if (urn.endsWith(`$${FAILING.replace(" ", "::")}`)) throw new Error("TooManyRequestsException: Rate exceeded");
    await delay(CREATING_MS);
    const { id, outputs } = await standIn.create(urn, properties);
    await delay(CREATING_MS);
    return { Id: id, Properties: struct(outputs) };
  },
  read(request) {
    const [urn, id, properties] = [request.getUrn(), request.getId(), inputs(request.getInputs())];
    if (!standIn.exists(urn, id, properties)) return { Id: "" };
    return { Id: id, Properties: request.getProperties(), Inputs: request.getInputs() };
  },
  update(request) {
    const [outputs, olds, news] = [request.getOlds(), request.getOldInputs(), request.getNews()].map(inputs) as [
      Inputs,
      Inputs,
      Inputs,
    ];
    if (request.getPreview()) return { Properties: struct(standIn.previewUpdate(outputs, olds, news)) };
    return { Properties: struct(standIn.update(request.getUrn(), request.getId(), outputs, olds, news)) };
  },
  delete(request) {
    standIn.delete(request.getUrn(), request.getId(), inputs(request.getProperties()));
    return {};
  },
};

/** The content of a request, as plain JSON. */
function inputs(struct: Message): Inputs {
  return plain(struct?.toJavaScript() ?? {}) as Inputs;
}

/** Converts a value to a Struct, which can't contain `undefined`. */
function struct(value: object): Message {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));
}

// A killed engine leaves its plugins running, so this one ends when its parent changes.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit();
}, 50).unref();

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(
  service,
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      async (call: Message, done: (error: object | null, response?: object) => void) => {
        try {
          const response = new service[name].responseType();
          for (const [field, value] of Object.entries(await method(call.request))) response[`set${field}`](value);
          done(null, response);
        } catch (error) {
          done({ code: grpc.status.UNKNOWN, details: (error as Error).message });
        }
      },
    ]),
  ),
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error: Error | null, port: number) => {
  if (error !== null) throw error;
  // The engine reads the port from the first line.
  console.log(String(port));
});
