import type { ChatError } from "@serverless-chat/client";
import { de } from "./de.ts";
import { en, type Language } from "./en.ts";

/** Languages by primary subtag, such as `de` for `de-AT`. English is the fallback. */
const LANGUAGES = new Map<string, Language>([
  ["en", en],
  ["de", de],
]);

/** The texts in the first of the browser's preferred languages that is available. */
export const t: Language =
  navigator.languages.map((tag) => LANGUAGES.get(tag.split("-")[0] ?? "")).find((found) => found !== undefined) ?? en;

/** Explains a refusal to the user. */
export function refusal({ code }: Pick<ChatError, "code">): string {
  const texts = new Map(Object.entries(t.refusals));
  const text = texts.get(code);
  return typeof text === "string" ? text : t.refusals.other;
}

const time = new Intl.DateTimeFormat(t.code, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(t.code, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(t.code, { dateStyle: "full", timeStyle: "short" });

/** @param at milliseconds since 1970 */
export const timeOf = (at: number): string => time.format(at);
export const dayOf = (at: number): string => day.format(at);
export const fullTimeOf = (at: number): string => full.format(at);
