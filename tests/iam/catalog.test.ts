/** Tests the catalog's actions and resources. */
import { Catalog, canMatch } from "@serverless-chat/iam";
import { describe, expect, test } from "vitest";

const catalog = new Catalog(new URL("../../iam/catalog.jsonl", import.meta.url));
const ACCOUNT = "111122223333";

test("each template of the catalog is a single ARN", () => {
  const templates = catalog.services.flatMap((service) => catalog.templatesOf(service));
  expect(templates.length).toBeGreaterThan(1_500);
  expect(templates.filter((template) => /[,\s]/.test(template) || template.split("arn:").length !== 2)).toEqual([]);
});

describe("actions that two services share", () => {
  const applies = (name: string, arn: string) =>
    catalog.action(name)?.resources.some((type) => canMatch(type.arn, arn));
  const BALANCERS = `arn:aws:elasticloadbalancing:eu-central-1:${ACCOUNT}`;

  test.each([
    ["elasticloadbalancing:CreateLoadBalancer", `${BALANCERS}:loadbalancer/app/web/50dc6c495c0c9188`],
    ["elasticloadbalancing:DeleteLoadBalancer", `${BALANCERS}:loadbalancer/net/web/50dc6c495c0c9188`],
    ["elasticloadbalancing:DeleteLoadBalancer", `${BALANCERS}:loadbalancer/web`],
    ["elasticloadbalancing:AddTags", `${BALANCERS}:targetgroup/web/6d0ecf831eec9f09`],
    ["apigateway:POST", "arn:aws:apigateway:eu-central-1::/restapis/x/deployments"],
    ["apigateway:POST", "arn:aws:apigateway:eu-central-1::/apis/x/routes"],
    ["lex:DeleteBot", `arn:aws:lex:eu-central-1:${ACCOUNT}:bot/A1B2C3D4E5`],
    ["lex:DeleteBot", `arn:aws:lex:eu-central-1:${ACCOUNT}:bot:orders`],
  ])("%s applies to %s", (name, arn) => {
    expect(applies(name, arn)).toBe(true);
  });

  test.each([
    ["elasticloadbalancing:RegisterTargets", `${BALANCERS}:loadbalancer/app/web/50dc6c495c0c9188`],
    ["apigateway:POST", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`],
  ])("%s doesn't apply to %s", (name, arn) => {
    expect(applies(name, arn)).toBe(false);
  });
});
