/** API Gateway's log role is an account setting; local logs don't need it. */
import type { Made } from "../model.ts";

export function outputs(): Made {
  return { id: "api-gateway-account", apiKeyVersion: "4", features: [], throttleSettings: [] };
}
