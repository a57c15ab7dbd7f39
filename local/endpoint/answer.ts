/** An answer of a service at the AWS endpoint. */
export interface Answer {
  status: number;
  /** @default the headers of an answer in AWS's JSON 1.0 protocol */
  headers?: Record<string, string>;
  body: string | Buffer;
}
