import { open } from "./drawer";

open("bottom");
