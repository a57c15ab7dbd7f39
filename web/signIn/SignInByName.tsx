import { useState } from "preact/hooks";
import { t } from "../language/index.ts";

/** Asks for a name. */
export function SignInByName({ onName }: { onName: (name: string) => void }) {
  const [name, setName] = useState("");
  const trimmed = name.trim();
  return (
    <main class="sign-in">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          if (trimmed !== "") onName(trimmed);
        }}
      >
        <img src="/icon.svg" alt="" width="48" height="48" />
        <h1>{t.signIn.heading}</h1>
        <p class="muted">{t.signIn.intro}</p>
        <label>
          {t.signIn.name}
          <input
            autoComplete="username"
            dir="auto"
            maxLength={64}
            name="name"
            required
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button class="primary" type="submit" disabled={trimmed === ""}>
          {t.signIn.submit}
        </button>
      </form>
    </main>
  );
}
