/** Events that API Gateway sends to the routes' functions, and the functions' answers. */
import type { APIGatewayEventWebsocketRequestContextV2 } from "aws-lambda";

export type RequestContext = APIGatewayEventWebsocketRequestContextV2 & {
  /** The authorizer's answer when the connection was opened. */
  authorizer?: Record<string, unknown>;
};

export interface ConnectEvent {
  requestContext: RequestContext;
  headers?: Record<string, string | undefined>;
}

export interface MessageEvent {
  requestContext: RequestContext;
  body?: string;
}

/** Answer of a Lambda proxy integration; the body becomes the answer to a frame. */
export interface RouteResponse {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string;
}
