/** Values at the limits of the protocol, sent by real clients; tests/fuzz sends them directly to the functions. */
import { lenientTarget } from "./lenientTarget.ts";
import { describeValues } from "./values.ts";

const start = lenientTarget();

describeValues(start);
