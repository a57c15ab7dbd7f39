import type { Access } from "../access.ts";
import type { Clock } from "../clock.ts";
import type { LambdaFunction } from "../functions/function.ts";
import type { Reporter } from "../report.ts";

/** The part of the cloud that HTTP APIs and REST APIs use. */
export interface HttpBackend {
  readonly accountId: string;
  readonly access: Access;
  readonly clock: Clock;
  readonly report: Reporter;
  /** Functions by name. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  /** Ids of the program's user pools, whose tokens come from the local issuer. */
  readonly userPools: ReadonlySet<string>;
  /** URL of the local issuer. */
  readonly issuerUrl: string;
  arnOf(service: string, resource: string): string;
}
