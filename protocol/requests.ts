/** Frames from client to server: one schema each; types, checks and error paths come from it. */
import * as v from "valibot";

/** UTF-8 bytes of a message's text at most, so that one entry always fits into a frame. */
export const MAX_TEXT_BYTES = 8_192;

const utf8 = new TextEncoder();

/** The client's request id. */
const RequestId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

export const Text = v.pipe(
  v.string(),
  v.nonEmpty("must not be empty"),
  v.check((text) => text.isWellFormed(), "has a lone surrogate, which cannot be stored as it is"),
  v.check((text) => utf8.encode(text).length <= MAX_TEXT_BYTES, `is longer than ${MAX_TEXT_BYTES} bytes of UTF-8`),
);

export const SendMessage = v.object({
  action: v.literal("sendMessage"),
  id: v.optional(RequestId),
  text: Text,
});

export const Ping = v.object({
  action: v.literal("ping"),
  id: v.optional(RequestId),
});

export const RefreshToken = v.object({
  action: v.literal("refreshToken"),
  id: v.optional(RequestId),
  token: v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(8_192)),
});
