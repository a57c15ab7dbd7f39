import { partsOf } from "./links.ts";

/** Shows a text with its URLs as links. Everything else stays plain text, even if it looks like markup. */
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
