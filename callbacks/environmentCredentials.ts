/**
 * Replaces `@aws-sdk/credential-provider-node` in bundles, because Lambda passes credentials in environment variables.
 */
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = () => fromEnv();
