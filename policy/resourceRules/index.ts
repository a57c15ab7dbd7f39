import { fullAccessManagedPolicy } from "./fullAccessManagedPolicy.ts";
import { lambdaPermission } from "./lambdaPermission.ts";
import type { ResourceRule } from "./rule.ts";

export const RESOURCE_RULES: ResourceRule[] = [fullAccessManagedPolicy, lambdaPermission];
