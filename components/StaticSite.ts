import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "./names";
import { type Place, placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `StaticSite`. */
export interface StaticSiteArgs extends TaggedArgs {
  /** Content-Security-Policy header of every response. */
  contentSecurityPolicy: pulumi.Input<string>;
}

/** A file of a site. */
export interface SiteFile {
  /** Content: text or bytes. */
  body: pulumi.Input<string> | Uint8Array;
  /** Content-Type header. @example "text/html; charset=utf-8" */
  contentType: string;
  /** Whether the file's name changes with its content, so that the file may be cached forever. */
  isImmutable: boolean;
}

/**
 * Folder for files with hashed names. CloudFront caches and compresses these, and fetches all others from S3 on each
 * request.
 */
const IMMUTABLE_FOLDER = "/assets/";

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

const YEAR_SECONDS = 31_536_000;

/** Serves files over HTTPS from a private S3 bucket that only its CloudFront distribution can read. */
export class StaticSite extends pulumi.ComponentResource {
  /** Origin of the pages: `https://` and the host. */
  readonly url: pulumi.Output<string>;
  readonly #name: string;
  readonly #bucket: aws.s3.Bucket;
  readonly #privacy: aws.s3.BucketPublicAccessBlock;

  constructor(name: string, args: StaticSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:StaticSite", name, {}, opts);
    this.#name = name;
    const place = placeOf(opts);
    const tags = tagsOf(args);
    // Bucket names must be globally unique, so this one contains the account and the Region.
    const bucketName = pulumi.interpolate`${resourceName(name)}-${place.accountId}-${place.region}`;
    // Deleting the bucket also deletes its files, which the program can upload again.
    this.#bucket = new aws.s3.Bucket(name, { bucket: bucketName, forceDestroy: true, tags }, { parent: this });
    this.#privacy = new aws.s3.BucketPublicAccessBlock(
      name,
      {
        bucket: this.#bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { parent: this },
    );
    const accessControl = new aws.cloudfront.OriginAccessControl(
      name,
      {
        name: place.nameWithRegion(name),
        originAccessControlOriginType: "s3",
        signingBehavior: "always",
        signingProtocol: "sigv4",
      },
      { parent: this },
    );
    const headers = createHeaders(this, name, place, args.contentSecurityPolicy);
    const behavior = {
      targetOriginId: "bucket",
      viewerProtocolPolicy: "redirect-to-https",
      allowedMethods: ["GET", "HEAD"],
      cachedMethods: ["GET", "HEAD"],
      responseHeadersPolicyId: headers.id,
    };
    const distribution = new aws.cloudfront.Distribution(
      name,
      {
        comment: resourceName(name),
        enabled: true,
        isIpv6Enabled: true,
        httpVersion: "http2and3",
        defaultRootObject: "index.html",
        origins: [
          {
            originId: "bucket",
            domainName: this.#bucket.bucketRegionalDomainName,
            originAccessControlId: accessControl.id,
          },
        ],
        defaultCacheBehavior: { ...behavior, cachePolicyId: CACHING_DISABLED },
        orderedCacheBehaviors: [
          { ...behavior, pathPattern: `${IMMUTABLE_FOLDER}*`, cachePolicyId: CACHING_OPTIMIZED, compress: true },
        ],
        restrictions: { geoRestriction: { restrictionType: "none" } },
        viewerCertificate: { cloudfrontDefaultCertificate: true },
        tags,
      },
      { parent: this },
    );
    new aws.s3.BucketPolicy(
      name,
      { bucket: this.#bucket.bucket, policy: readableBy(distribution, this.#bucket) },
      { parent: this, dependsOn: [this.#privacy] },
    );
    this.url = pulumi.interpolate`https://${distribution.domainName}`;
    this.registerOutputs({ url: this.url });
  }

  /**
   * Uploads files. Files with hashed names come first, so that a page never refers to a missing file.
   *
   * @param files keyed by path, such as `/index.html`; if building them fails, the program fails with the reason
   */
  upload(files: ReadonlyMap<string, SiteFile> | Promise<ReadonlyMap<string, SiteFile>>): void {
    void Promise.resolve(files).then(
      (built) => this.#upload([...built]),
      ({ message }: Error) => {
        throw new pulumi.RunError(`the files of "${this.#name}" can't be built: ${message}`);
      },
    );
  }

  #upload(all: [string, SiteFile][]): void {
    const immutable = all.filter(([, { isImmutable }]) => isImmutable).map(([path, file]) => this.#put(path, file, []));
    for (const [path, file] of all) if (!file.isImmutable) this.#put(path, file, immutable);
  }

  #put(path: string, { body, contentType, isImmutable }: SiteFile, after: pulumi.Resource[]): pulumi.Resource {
    if (isImmutable && !path.startsWith(IMMUTABLE_FOLDER)) {
      throw new pulumi.RunError(`${path} is marked as immutable, but isn't in ${IMMUTABLE_FOLDER}: move it there`);
    }
    const encode = (content: string | Uint8Array) => Buffer.from(content).toString("base64");
    return new aws.s3.BucketObjectv2(
      `${this.#name}${path}`,
      {
        bucket: this.#bucket.bucket,
        key: path.slice(1),
        contentBase64: body instanceof Uint8Array ? encode(body) : pulumi.output(body).apply(encode),
        contentType,
        cacheControl: isImmutable ? `max-age=${YEAR_SECONDS}, immutable` : "no-cache",
      },
      { parent: this, dependsOn: [this.#privacy, ...after] },
    );
  }
}

/** Security headers: those of the local page, plus one that makes browsers use only HTTPS after the first visit. */
function createHeaders(
  parent: StaticSite,
  name: string,
  place: Place,
  contentSecurityPolicy: pulumi.Input<string>,
): aws.cloudfront.ResponseHeadersPolicy {
  const header = (header: string, value: string) => ({ header, value, override: true });
  return new aws.cloudfront.ResponseHeadersPolicy(
    name,
    {
      name: place.nameWithRegion(name),
      securityHeadersConfig: {
        contentSecurityPolicy: { contentSecurityPolicy, override: true },
        contentTypeOptions: { override: true },
        referrerPolicy: { referrerPolicy: "no-referrer", override: true },
        strictTransportSecurity: { accessControlMaxAgeSec: YEAR_SECONDS, override: true },
      },
      customHeadersConfig: {
        items: [
          header("Cross-Origin-Opener-Policy", "same-origin"),
          header("Cross-Origin-Resource-Policy", "same-origin"),
        ],
      },
    },
    { parent },
  );
}

/** Allows one distribution, not CloudFront as a whole: anyone can put a distribution in front of any bucket. */
function readableBy(distribution: aws.cloudfront.Distribution, bucket: aws.s3.Bucket): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ReadByCloudFront",
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:GetObject",
        Resource: pulumi.interpolate`${bucket.arn}/*`,
        Condition: { StringEquals: { "AWS:SourceArn": distribution.arn } },
      },
    ],
  };
}
