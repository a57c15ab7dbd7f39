import { useState } from "preact/hooks";
import { t } from "../language/index.ts";
import { linkTo } from "../route.ts";

/** Longest room name, in UTF-16 code units: each of its 64 graphemes may take several. The server checks the rest. */
const MAX_LENGTH = 256;

export function JoinRoom() {
  const [name, setName] = useState("");
  return (
    <form
      class="join"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") return;
        location.hash = linkTo(name.trim());
        setName("");
      }}
    >
      <label for="join">{t.rooms.newRoom}</label>
      <div class="row">
        <input
          id="join"
          dir="auto"
          autoComplete="off"
          aria-describedby="join-hint"
          maxLength={MAX_LENGTH}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" disabled={name.trim() === ""}>
          {t.rooms.join}
        </button>
      </div>
      <p id="join-hint" class="hint">
        {t.rooms.newRoomHint}
      </p>
    </form>
  );
}
