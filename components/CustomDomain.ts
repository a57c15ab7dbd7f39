import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `CustomDomain`: either the domain's certificate, or its hosted zone, with which to create one. */
export type CustomDomainArgs = TaggedArgs & {
  /** Domain name, without `wss://`. @example "live.example.com" */
  domainName: pulumi.Input<string>;
} & (
    | {
        /**
         * Id of the domain's Route 53 hosted zone. The validation record and the domain's own record are created there.
         */
        zoneId: pulumi.Input<string>;
      }
    | {
        /** ARN of an ACM certificate in the API's Region, for a domain whose DNS is hosted elsewhere. */
        certificateArn: pulumi.Input<string>;
      }
  );

/** The target of the domain's DNS record. */
interface Target {
  domainName: pulumi.Output<string>;
  zoneId: pulumi.Output<string>;
}

/**
 * A custom domain for a WebSocket API (`WebSocketApi.deploy`). HTTP and REST APIs can't share it. The API's own address
 * still works, and calls to `@connections` still use it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-custom-domain-names.html
 */
export class CustomDomain extends pulumi.ComponentResource {
  /** Name of the domain, known once API Gateway serves it. */
  readonly domainName: pulumi.Output<string>;
  /** Target of the CNAME record to create if the domain's DNS is hosted elsewhere. */
  readonly target: pulumi.Output<string>;

  constructor(name: string, args: CustomDomainArgs, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:CustomDomain", name, {}, opts);
    const { domainName } = args;
    const tags = tagsOf(args);
    const domain = new aws.apigatewayv2.DomainName(
      name,
      {
        domainName,
        domainNameConfiguration: {
          certificateArn: "zoneId" in args ? createCertificate(this, name, args, tags) : args.certificateArn,
          endpointType: "REGIONAL",
          securityPolicy: "TLS_1_2",
        },
        tags,
      },
      { parent: this },
    );
    const target: Target = {
      domainName: domain.domainNameConfiguration.targetDomainName,
      zoneId: domain.domainNameConfiguration.hostedZoneId,
    };
    if ("zoneId" in args) {
      const alias = { name: target.domainName, zoneId: target.zoneId, evaluateTargetHealth: false };
      new aws.route53.Record(
        name,
        { zoneId: args.zoneId, name: domainName, type: "A", aliases: [alias] },
        { parent: this },
      );
    }
    this.domainName = domain.domainName;
    this.target = target.domainName;
    this.registerOutputs({ domainName: this.domainName, target: this.target });
  }
}

/**
 * Creates a certificate and the record that proves ownership of the domain to ACM.
 *
 * @returns the certificate's ARN, once ACM has issued it
 */
function createCertificate(
  parent: CustomDomain,
  name: string,
  { domainName, zoneId }: { domainName: pulumi.Input<string>; zoneId: pulumi.Input<string> },
  tags: TaggedArgs["tags"],
): pulumi.Output<string> {
  const certificate = new aws.acm.Certificate(
    name,
    { domainName, validationMethod: "DNS", ...(tags === undefined ? {} : { tags }) },
    { parent },
  );
  const option = certificate.domainValidationOptions.apply(([first]) => {
    if (first === undefined) throw new pulumi.RunError(`ACM returned no validation record for the domain of "${name}"`);
    return first;
  });
  const proof = new aws.route53.Record(
    `${name}-proof`,
    {
      zoneId,
      name: option.resourceRecordName,
      type: option.resourceRecordType,
      records: [option.resourceRecordValue],
      ttl: 300,
      // A renewed or second certificate of the same domain needs the same record.
      allowOverwrite: true,
    },
    { parent },
  );
  return new aws.acm.CertificateValidation(
    name,
    { certificateArn: certificate.arn, validationRecordFqdns: [proof.fqdn] },
    { parent },
  ).certificateArn;
}
