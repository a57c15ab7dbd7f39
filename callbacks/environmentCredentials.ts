/** Takes the place of `@aws-sdk/credential-provider-node` in a bundle: Lambda hands credentials over in the environment. */
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = () => fromEnv();
