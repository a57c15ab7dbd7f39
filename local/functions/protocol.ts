/** Messages between the main thread and an execution environment. */

export interface FunctionSettings {
  name: string;
  handler: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** Folder with the unpacked archive. */
  folder: string;
  arn: string;
  logGroup: string;
  /** Runtime, such as `nodejs24.x`, which decides how handlers answer. */
  runtime: string;
}

export interface WorkerData {
  settings: FunctionSettings;
  logStream: string;
  /** Folder of the code cache, which speeds up the function's next start. */
  compileCache: string;
  /** Hosts of the local cloud's APIs, which use plain HTTP. */
  apiHosts: string[];
  /** Files to resolve the AWS SDK from, for code that doesn't contain it. */
  sdkFrom: string[];
  /** Counts the messages sent. The environment sleeps on it between two events. */
  signal: Int32Array;
}

export interface Invocation {
  requestId: string;
  /** The event, as JSON. */
  payload: string;
  /** Milliseconds since 1970. */
  deadline: number;
}

export interface Failure {
  errorType: string;
  errorMessage: string;
  /** Undefined if the failure is in the environment instead of the code. */
  trace?: string[];
}

export type FromEnvironment =
  | { kind: "ready" }
  | { kind: "initFailed"; failure: Failure }
  | { kind: "log"; line: string }
  /** A connection attempt of the code that failed. */
  | { kind: "unreachable"; host: string; why: string }
  | { kind: "result"; payload: string; heapMb: number }
  | { kind: "failed"; failure: Failure; heapMb: number }
  | { kind: "exit"; code: number };
