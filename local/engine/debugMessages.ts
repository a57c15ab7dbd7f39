/**
 * Pulumi sends the engine four debug messages per resource and waits for each answer. The local cloud shows none of
 * them, so this process answers them itself, which saves the round trips.
 */

/** The generated `pulumirpc.Engine` client. */
interface EngineClient {
  log(request: { getSeverity(): number }, done: () => void): unknown;
}

export function dropDebugMessages(requireByPulumi: NodeJS.Require): void {
  const { LogSeverity } = requireByPulumi("./proto/engine_pb.js");
  const { EngineClient } = requireByPulumi("./proto/engine_grpc_pb.js");
  const prototype: EngineClient = EngineClient.prototype;
  const send = prototype.log;
  prototype.log = function (request, done) {
    if (request.getSeverity() === LogSeverity.DEBUG) return done();
    return send.call(this, request, done);
  };
}
