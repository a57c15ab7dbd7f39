/** An answer of a service at the AWS endpoint. */
export interface Answer {
  status: number;
  /** @default those of JSON 1.0 */
  headers?: Record<string, string>;
  body: string | Buffer;
}
