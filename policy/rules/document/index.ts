/** All document rules, in the order of their findings. */
import type { DocumentRule } from "../rule.ts";
import { actionResourceMismatch } from "./actionResourceMismatch.ts";
import { allowNotAction } from "./allowNotAction.ts";
import { allowNotPrincipal } from "./allowNotPrincipal.ts";
import { allowNotResource } from "./allowNotResource.ts";
import { confusedDeputy } from "./confusedDeputy.ts";
import { credentialsExposure } from "./credentialsExposure.ts";
import { dataExfiltration } from "./dataExfiltration.ts";
import { duplicateSid } from "./duplicateSid.ts";
import { failsOpenCondition } from "./failsOpenCondition.ts";
import { foreignAccount } from "./foreignAccount.ts";
import { missingVersion } from "./missingVersion.ts";
import { neverApplies } from "./neverApplies.ts";
import { partialWildcardAction } from "./partialWildcardAction.ts";
import { passRole } from "./passRole.ts";
import { permissionsManagement } from "./permissionsManagement.ts";
import { privilegeEscalation } from "./privilegeEscalation.ts";
import { publicPrincipal } from "./publicPrincipal.ts";
import { unknownAction } from "./unknownAction.ts";
import { unknownConditionKey } from "./unknownConditionKey.ts";
import { wideResource } from "./wideResource.ts";
import { wildcardAction } from "./wildcardAction.ts";
import { wildcardResource } from "./wildcardResource.ts";

export const DOCUMENT_RULES: DocumentRule[] = [
  wildcardAction,
  partialWildcardAction,
  wildcardResource,
  wideResource,
  privilegeEscalation,
  passRole,
  dataExfiltration,
  credentialsExposure,
  permissionsManagement,
  allowNotAction,
  allowNotResource,
  allowNotPrincipal,
  publicPrincipal,
  foreignAccount,
  confusedDeputy,
  failsOpenCondition,
  unknownAction,
  unknownConditionKey,
  neverApplies,
  actionResourceMismatch,
  missingVersion,
  duplicateSid,
];
