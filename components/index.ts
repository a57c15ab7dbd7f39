/** Exports of `@serverless-chat/components`. */
export { ApiGatewayLogging, type ApiGatewayLoggingArgs } from "./ApiGatewayLogging";
export { AuditTrail, type AuditTrailArgs } from "./AuditTrail";
export {
  type Asynchronous,
  type Callback,
  CallbackFunction,
  type CallbackFunctionArgs,
  grantInvoke,
} from "./CallbackFunction";
export { CustomDomain, type CustomDomainArgs } from "./CustomDomain";
export type { Grant, GrantsFor, Statement, Uses } from "./grant";
export { resourceName } from "./names";
export { type Place, placeOf } from "./place";
export { Queue } from "./Queue";
export { Schedule, type ScheduleArgs } from "./Schedule";
export { type SiteFile, StaticSite, type StaticSiteArgs } from "./StaticSite";
export { setting } from "./setting";
export { Table, type TableArgs, type TableOperation } from "./Table";
export type { TaggedArgs, Tags } from "./tags";
export { UserPool, type UserPoolArgs, type UserPoolClientArgs } from "./UserPool";
export {
  type Connections,
  type ConnectionsOperation,
  type Throttle,
  WebSocketApi,
  type WebSocketApiArgs,
  type WebSocketDeploymentArgs,
} from "./WebSocketApi";
export type { WebSocketAuthorizer } from "./webSocketAuthorizer";
export type { Routes } from "./webSocketRoute";
