/**
 * Account and Region of a component's resources, known at preview so that policy documents can be checked before
 * anything exists.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "./names";

/** Account and Region in which a component's provider creates resources. */
export class Place {
  /** A string if the stack's `aws:region` sets it; an output if the component has its own provider. */
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Output<string>;

  constructor(region: pulumi.Input<string>, accountId: pulumi.Output<string>) {
    this.region = region;
    this.accountId = accountId;
  }

  /** `arn:aws:service:region:account:resource` */
  arn(service: string, resource: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi
      .all([this.region, this.accountId, resource])
      .apply(([region, accountId, suffix]) => `arn:${partitionOf(region)}:${service}:${region}:${accountId}:${suffix}`);
  }

  /** Name of a resource whose names are shared by all Regions of the account, such as a role. */
  nameWithRegion(thing: string): pulumi.Input<string> {
    return typeof this.region === "string"
      ? resourceName(thing, this.region)
      : pulumi.output(this.region).apply((region) => resourceName(thing, region));
  }
}

let ofStack: Place | undefined;
const ofProviders = new WeakMap<pulumi.ProviderResource, Place>();

/**
 * Account and Region of a component's resources.
 *
 * @param opts options of the component. Its provider decides, otherwise its parent's, otherwise the stack's
 */
export function placeOf(opts: pulumi.ComponentResourceOptions = {}): Place {
  const provider = providerIn(opts) ?? opts.parent?.getProvider("aws:index/place:Place");
  if (provider === undefined) {
    ofStack ??= new Place(aws.config.requireRegion(), aws.getCallerIdentityOutput().accountId);
    return ofStack;
  }
  const known = ofProviders.get(provider);
  if (known !== undefined) return known;
  const { region } = aws.getRegionOutput({}, { provider });
  const place = new Place(region, aws.getCallerIdentityOutput({}, { provider }).accountId);
  ofProviders.set(provider, place);
  return place;
}

/** The AWS provider among a component's options, which may name several providers. */
function providerIn({
  provider,
  providers = [],
}: pulumi.ComponentResourceOptions): pulumi.ProviderResource | undefined {
  const all = [...(provider === undefined ? [] : [provider]), ...Object.values(providers)];
  return all.find((one) => aws.Provider.isInstance(one));
}

/** Derives the partition from the Region, without a call to AWS. */
function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
