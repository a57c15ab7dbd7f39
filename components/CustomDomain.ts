import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `CustomDomain`: its certificate, or the zone in which one can be made. */
export type CustomDomainArgs = TaggedArgs & {
  /** The domain, without `wss://`. @example "live.example.com" */
  domainName: pulumi.Input<string>;
} & (
    | {
        /** Id of the Route 53 hosted zone of the domain, in which certificate validation and record are created. */
        zoneId: pulumi.Input<string>;
      }
    | {
        /** A certificate of ACM in the API's Region, where the domain's DNS is elsewhere. */
        certificateArn: pulumi.Input<string>;
      }
  );

/** What a name in the DNS has to point to. */
interface Target {
  domainName: pulumi.Output<string>;
  zoneId: pulumi.Output<string>;
}

/**
 * A domain of one's own for a WebSocket API (`WebSocketApi.deploy`), which can't share it with HTTP or REST APIs. The API's own
 * address stays: `@connections` is called there.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-custom-domain-names.html
 */
export class CustomDomain extends pulumi.ComponentResource {
  /** Known once API Gateway serves it. */
  readonly domainName: pulumi.Output<string>;
  /** The CNAME of the domain, where its DNS is elsewhere. */
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
 * Makes a certificate, and the record that proves to ACM whose the domain is.
 *
 * @returns its ARN once ACM has issued it
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
    if (first === undefined)
      throw new pulumi.RunError(`ACM names no record that proves whose the domain of "${name}" is`);
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
      // A renewed or second certificate of the same domain has the same record.
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
