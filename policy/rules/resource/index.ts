import type { ResourceRule } from "../rule.ts";
import { fullAccessManagedPolicy } from "./fullAccessManagedPolicy.ts";
import { lambdaPermission } from "./lambdaPermission.ts";

export const RESOURCE_RULES: ResourceRule[] = [fullAccessManagedPolicy, lambdaPermission];
