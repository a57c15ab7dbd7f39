/** The account setting for API Gateway's log role, which local logs don't need. */
import type { Made } from "../model.ts";

export function outputs(): Made {
  return { id: "api-gateway-account", apiKeyVersion: "4", features: [], throttleSettings: [] };
}
