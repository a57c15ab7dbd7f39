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
}

export interface WorkerData {
  settings: FunctionSettings;
  logStream: string;
  /** Folder of compiled code, which makes the next start of the same function faster. */
  compileCache: string;
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
  trace: string[];
}

export type FromEnvironment =
  | { kind: "ready" }
  | { kind: "initFailed"; failure: Failure }
  | { kind: "log"; line: string }
  | { kind: "result"; payload: string; heapMb: number }
  | { kind: "failed"; failure: Failure; heapMb: number }
  | { kind: "exit"; code: number };
