import { describeChat } from "./suite.ts";
import { startTarget } from "./target.ts";

describeChat("on this machine", () => startTarget());
