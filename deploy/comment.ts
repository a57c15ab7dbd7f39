/**
 * `node deploy/comment.ts --stack dev --run URL --result success < preview.txt`: prints the comment for the pull
 * request.
 */
import { text } from "node:stream/consumers";
import { commandLine } from "../cli/commandLine.ts";
import { planComment } from "./planComment.ts";

const HELP = `Formats the output of a preview as a comment on a pull request.

  node deploy/comment.ts --stack STACK --run URL --result RESULT < OUTPUT

  --stack STACK    the stack that was previewed
  --title TITLE    title of the comment              (default: Preview of the stack)
  --run URL        URL of the full output
  --result RESULT  result of the preview: "success" or another word
  --help           print this
`;

const { stack, title, run, result } = commandLine(HELP, {
  stack: { type: "string" },
  title: { type: "string" },
  run: { type: "string" },
  result: { type: "string" },
});

if (stack === undefined || run === undefined || result === undefined) {
  console.error("--stack, --run and --result are required; --help explains them");
  process.exitCode = 1;
} else {
  process.stdout.write(
    planComment({ stack, title, run, succeeded: result === "success", output: await text(process.stdin) }),
  );
}
