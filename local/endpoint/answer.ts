/** What a service of the AWS endpoint answers. */
export interface Answer {
  status: number;
  /** @default those of JSON 1.0 */
  headers?: Record<string, string>;
  body: string | Buffer;
}
