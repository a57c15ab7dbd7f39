/** Tests a stack's custom domain: certificate, name, mapping, and everything that is configured with it. */
import { expect, test } from "vitest";
import { type Inputs, ofType, previewStack } from "./stack.ts";

const DOMAIN = "ws.example.com";
const ZONE = "Z0123456789ABC";
const CERTIFICATE = "arn:aws:acm:eu-central-1:000000000000:certificate/1234-abcd";

const only = (registered: Map<string, Inputs>) => {
  expect(registered.size).toBe(1);
  return [...registered.values()][0] as Inputs;
};

test("in a zone: a certificate validated by DNS, API Gateway's domain name, and a record for it", async () => {
  const { registrations, outputs } = await previewStack("dev", { "chat:domain": DOMAIN, "chat:zone": ZONE });
  const one = (type: string) => only(ofType(registrations, type));
  expect(outputs).toMatchObject({ webSocketUrl: `wss://${DOMAIN}` });
  expect(outputs).not.toHaveProperty("domainTarget");

  expect(one("aws:acm/certificate:Certificate")).toMatchObject({ domainName: DOMAIN, validationMethod: "DNS" });
  const records = ofType(registrations, "aws:route53/record:Record");
  expect(records.get("domain-proof")).toMatchObject({ zoneId: ZONE, type: "CNAME", name: `_proof.${DOMAIN}.` });
  const { certificateArn, validationRecordFqdns } = one("aws:acm/certificateValidation:CertificateValidation");
  expect(validationRecordFqdns).toEqual([`_proof.${DOMAIN}`]);
  expect(one("aws:apigatewayv2/domainName:DomainName")).toMatchObject({
    domainName: DOMAIN,
    domainNameConfiguration: { certificateArn, endpointType: "REGIONAL", securityPolicy: "TLS_1_2" },
  });
  expect(records.get("domain")).toMatchObject({
    zoneId: ZONE,
    name: DOMAIN,
    type: "A",
    aliases: [{ name: expect.stringMatching(/^d-.*\.execute-api\.eu-central-1\.amazonaws\.com$/) }],
  });

  // The mapping has no key, so it covers the whole domain, and points at this API's stage.
  const stage = one("aws:apigatewayv2/stage:Stage");
  const mapping = one("aws:apigatewayv2/apiMapping:ApiMapping");
  expect(mapping).toEqual({ apiId: stage.apiId, domainName: DOMAIN, stage: stage.name });

  // The page may connect to the domain and is configured with it; functions post to the API's own address.
  const headers = one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy");
  const { contentSecurityPolicy } = headers.securityHeadersConfig.contentSecurityPolicy;
  expect(contentSecurityPolicy).toMatch(/connect-src 'self' wss:\/\/ws\.example\.com https:/);
  const config = ofType(registrations, "aws:s3/bucketObjectv2:BucketObjectv2").get("page/config.json");
  expect(JSON.parse(Buffer.from(config?.contentBase64, "base64").toString())).toMatchObject({
    webSocketUrl: `wss://${DOMAIN}`,
  });
  const { variables } = ofType(registrations, "aws:lambda/function:Function").get("sendMessage")?.environment ?? {};
  expect(variables.CONNECTIONS_URL).toMatch(/^https:\/\/\w+\.execute-api\.eu-central-1\.amazonaws\.com\/dev$/);
  expect(one("aws:apigatewayv2/api:Api")).not.toHaveProperty("disableExecuteApiEndpoint");
});

test("with an existing certificate: no DNS records are created, and an output says where the name must point", async () => {
  const config = { "chat:domain": DOMAIN, "chat:certificateArn": CERTIFICATE, "chat:page": "false" };
  const { registrations, outputs } = await previewStack("dev", config);
  expect(outputs).toMatchObject({
    webSocketUrl: `wss://${DOMAIN}`,
    domainTarget: expect.stringMatching(/^d-.*\.execute-api\./),
  });
  const { domainNameConfiguration } = only(ofType(registrations, "aws:apigatewayv2/domainName:DomainName"));
  expect(domainNameConfiguration.certificateArn).toBe(CERTIFICATE);
  expect(registrations.filter(({ type }) => /^aws:(acm|route53)/.test(type))).toEqual([]);
});
