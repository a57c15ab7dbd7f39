import type { User } from "@serverless-chat/client";

const TONES = 8;

/** A person's initial on one of eight calm colors, always the same for the same person. */
export function Avatar({ user }: { user: User }) {
  let hash = 0;
  for (const letter of user.id) hash = (hash * 31 + (letter.codePointAt(0) as number)) >>> 0;
  return (
    <span class={`avatar tone-${hash % TONES}`} aria-hidden="true">
      {firstGrapheme(user.name)}
    </span>
  );
}

function firstGrapheme(name: string): string {
  for (const { segment } of new Intl.Segmenter().segment(name.trim())) return segment.toLocaleUpperCase();
  return "?";
}
