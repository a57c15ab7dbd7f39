/** What the main thread and an execution environment tell each other. */

export interface FunctionSettings {
  name: string;
  handler: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** Folder with the unpacked archive. */
  folder: string;
  arn: string;
  logGroup: string;
  /** `nodejs24.x`; how handlers answer depends on it. */
  runtime: string;
}

export interface WorkerData {
  settings: FunctionSettings;
  logStream: string;
  /** Folder of compiled code, which makes the next start of the same function faster. */
  compileCache: string;
  /** Hosts of the local cloud's APIs, which answer by plain HTTP. */
  apiHosts: string[];
  /** Files from which the AWS SDK is found for code that doesn't bring it along. */
  sdkFrom: string[];
  /** Counts the messages that were sent: the environment sleeps on it between two events. */
  signal: Int32Array;
}

export interface Invocation {
  requestId: string;
  /** JSON. */
  payload: string;
  /** Milliseconds since 1970. */
  deadline: number;
}

export interface Failure {
  errorType: string;
  errorMessage: string;
  /** None when not the code failed, but what runs it. */
  trace?: string[];
}

export type FromEnvironment =
  | { kind: "ready" }
  | { kind: "initFailed"; failure: Failure }
  | { kind: "log"; line: string }
  /** A connection that the code tried to make. */
  | { kind: "unreachable"; host: string; why: string }
  | { kind: "result"; payload: string; heapMb: number }
  | { kind: "failed"; failure: Failure; heapMb: number }
  | { kind: "exit"; code: number };
