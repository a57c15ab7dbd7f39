import { partsOf } from "./links.ts";

/** A text with links for the URLs in it. Everything else stays text, whatever it looks like. */
export function LinkedText({ text }: { text: string }) {
  return (
    <>
      {partsOf(text).map(({ text: shown, href }, i) =>
        href === undefined ? (
          shown
        ) : (
          <a key={i} href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {shown}
          </a>
        ),
      )}
    </>
  );
}
