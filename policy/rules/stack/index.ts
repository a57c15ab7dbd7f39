import type { StackRule } from "../rule.ts";
import { boundaryRequired } from "./boundaryRequired.ts";
import { grantsAgainstCode } from "./grantsAgainstCode.ts";
import { policiesManagedTwice } from "./policiesManagedTwice.ts";
import { sharedRole } from "./sharedRole.ts";

export const STACK_RULES: StackRule[] = [sharedRole, boundaryRequired, policiesManagedTwice, ...grantsAgainstCode];
