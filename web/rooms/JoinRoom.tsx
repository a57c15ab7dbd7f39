import { useState } from "preact/hooks";
import { t } from "../language/index.ts";
import { linkTo } from "../route.ts";

/** Maximum length of a room's name, in UTF-16 code units. The server limits the numbers of graphemes and bytes. */
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
