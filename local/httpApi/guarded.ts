import type { HttpPlace, HttpRequest, Identity } from "./events.ts";
import type { Matched } from "./matching.ts";
import type { HttpResponse } from "./response.ts";

/** The identity behind an admitted request, if known, or the refusal with the reason to report. */
export type Admission = { identity?: Identity } | { refusal: HttpResponse; why: string };

/** A request for a route that requires authorization. */
export interface Guarded {
  http: HttpRequest;
  matched: Matched;
  place: HttpPlace;
  /**
   * `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`, with the method and path of the request, not of the
   * route.
   */
  methodArn: string;
}
