import type { ResourceRule } from "../rule.ts";
import { fullAccessManagedPolicy } from "./fullAccessManagedPolicy.ts";
import { lambdaPermission } from "./lambdaPermission.ts";
import { publicResource } from "./publicResource.ts";
import { sharedGrant } from "./sharedGrant.ts";

export const RESOURCE_RULES: ResourceRule[] = [fullAccessManagedPolicy, lambdaPermission, publicResource, sharedGrant];
