/**
 * Pulumi sends the engine four debug messages for each resource, each after the answer to the one before. The local cloud
 * shows none of them: they are answered here, which saves as many round trips.
 */

/** The generated client of `pulumirpc.Engine`. */
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
