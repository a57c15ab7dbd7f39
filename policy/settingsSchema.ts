/** The schema of the settings, for the command line and for Pulumi. */

/** The part of JSON Schema that the settings use. Pulumi's configuration supports it, too. */
export interface Schema {
  type?: "string" | "object" | "array";
  /** What a value must be, in words that continue "it must be". */
  description?: string;
  enum?: string[];
  pattern?: string;
  minLength?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
}

const NAME = { type: "string", minLength: 1, description: "text that isn't empty" } as const;
const ACCOUNT = { type: "string", pattern: "^\\d{12}$", description: "text of 12 digits" } as const;
const DAY = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "a day such as 2027-01-31" } as const;

export const SETTINGS_SCHEMA = {
  properties: {
    preset: { type: "string", enum: ["recommended", "strict", "audit"] },
    levels: { type: "object", description: "an object with a level for each rule" },
    accessLevels: { type: "object", description: "an object with a level for each access level" },
    account: ACCOUNT,
    region: { type: "string", description: "the name of a Region" },
    trustedAccounts: { type: "array", items: ACCOUNT, description: "a list of accounts" },
    organizationId: {
      ...{ type: "string", pattern: "^o-[a-z0-9]{10,32}$" },
      description: "the id of an organization, such as o-a1b2c3d4e5",
    },
    allowedManagedPolicies: { type: "array", items: NAME, description: "a list of names or ARNs" },
    permissionsBoundary: { type: "string", pattern: "^arn:", description: "the ARN of a managed policy" },
    exceptions: {
      type: "array",
      description: "a list of exceptions",
      items: {
        type: "object",
        description: "an object with rule, reason and until",
        required: ["rule", "reason", "until"],
        additionalProperties: false,
        properties: {
          ...{ rule: NAME, resource: NAME, type: NAME, parent: NAME, statement: NAME, reason: NAME },
          until: DAY,
        },
      },
    },
    baseline: {
      type: "array",
      description: "a list that the command baseline has written",
      items: {
        type: "object",
        description: "an object with rule, resource, statement and since",
        required: ["rule", "resource", "statement", "since"],
        additionalProperties: false,
        properties: {
          rule: { type: "string" },
          resource: { type: "string" },
          statement: { type: "string" },
          since: DAY,
        },
      },
    },
    reports: {
      type: "object",
      description: "an object with the files json, sarif and junit",
      additionalProperties: false,
      properties: { json: NAME, sarif: NAME, junit: NAME },
    },
  },
} satisfies Schema;
