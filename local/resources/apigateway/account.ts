/** API Gateway's log role is a setting of the account; its logs need nothing here. */
import type { Made } from "../model.ts";

export function outputs(): Made {
  return { id: "api-gateway-account", apiKeyVersion: "4", features: [], throttleSettings: [] };
}
