/**
 * Finds an operator function: in a stack, to be invoked with this machine's AWS credentials, or in the local cloud, to
 * be invoked with credentials that the local cloud issues.
 */
import { Lambda } from "@aws-sdk/client-lambda";
import { OPERATOR_PATH, type Operator } from "../local/identity/operator.ts";
import { readProject, readStackConfig } from "../stack/stackFiles.ts";

/**
 * @param name name in the program, such as `admin`
 * @param stack undefined for the local cloud
 * @throws Error that says what is missing
 */
export async function operatorFunction(
  name: string,
  { stack, port }: { stack?: string | undefined; port: string },
): Promise<{ lambda: Lambda; functionName: string }> {
  return stack === undefined ? localFunction(name, port) : awsFunction(name, stack);
}

async function awsFunction(name: string, stack: string) {
  const project = await readProject(".");
  const region = (await readStackConfig(".", project.name, stack)).values["aws:region"];
  if (region === undefined) throw new Error(`"aws:region" is not set in Pulumi.${stack}.yaml`);
  return { lambda: new Lambda({ region }), functionName: `${project.name}-${stack}-${name}` };
}

async function localFunction(name: string, port: string) {
  const url = `http://127.0.0.1:${port}`;
  const response = await fetch(`${url}${OPERATOR_PATH}`, { method: "POST" }).catch(() => {
    throw new Error(`no local cloud listens at ${url}: start one with "npm start", name its port, or name a --stack`);
  });
  const { endpoint, region, credentials, functions } = (await response.json()) as Operator;
  const functionName = functions.find((one) => one.endsWith(`-${name}`));
  if (functionName === undefined) throw new Error(`the local cloud at ${url} has no function "${name}"`);
  return { lambda: new Lambda({ endpoint, region, credentials }), functionName };
}
