import { render } from "preact";
import { App } from "./App.tsx";
import { t } from "./language/index.ts";

document.documentElement.lang = t.code;
document.title = t.title;
render(<App />, document.getElementById("app") as HTMLElement);
