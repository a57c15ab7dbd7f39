/** Reads bytes with a ResponseReader, divided into chunks as if a socket had received them one after another. */
import fc from "fast-check";
import { type HttpResponse, ResponseReader } from "../../chat/http/response.ts";

export interface Outcome {
  /** The response, if it is complete before the other side closes the socket. */
  response?: HttpResponse;
  /** The response that closing the socket completes. */
  closed?: HttpResponse;
  /** Whether the socket may serve another request. */
  isReusable: boolean;
  /** Name and message of an error. */
  error?: string;
}

export const latin1 = (text: string) => Buffer.from(text, "latin1");

/** Reads bytes until the response is complete. */
export function read(bytes: Buffer, cuts: number[] = []): Outcome {
  const reader = new ResponseReader();
  const chunks = divided(bytes, cuts);
  try {
    for (const [i, chunk] of chunks.entries()) {
      const response = reader.push(chunk);
      if (response === undefined) continue;
      // The socket receives the other chunks when it has no request.
      return { response, isReusable: reader.leavesSocketOpen && i === chunks.length - 1 };
    }
    const closed = reader.end();
    return { ...(closed && { closed }), isReusable: false };
  } catch (error) {
    return { error: String(error), isReusable: false };
  }
}

function divided(bytes: Buffer, cuts: number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i])).filter(({ length }) => length > 0);
}

/** Places at which bytes are divided: none, a few, or all. */
export const cuts: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.nat({ max: 100_000 }), { maxLength: 12 }),
  fc.constant(Array.from({ length: 2_000 }, (_, i) => i)),
);
