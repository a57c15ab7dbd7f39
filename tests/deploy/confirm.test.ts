/** What has to be typed before something changes. */
import { expect, test } from "vitest";
import type { Change, ChangeSet } from "../../deploy/changeSets.ts";
import { isWanted } from "../../deploy/confirm.ts";

const change = (action: Change["action"], name: string, isReplaced = false): Change => ({
  action,
  id: "Deploy",
  type: "AWS::IAM::Role",
  name,
  isReplaced,
});
const changeSet = (...changes: Change[]): ChangeSet[] => [
  { stack: "chat-bootstrap", name: "x", isNew: false, changes },
];
const added = change("Add", "role");
const removed = change("Remove", "chat-deploy-dev");
const replaced = change("Modify", "chat-deploy-prod", true);

test.each<[string, Change[], boolean, string[], boolean]>([
  ["an addition takes a yes", [added], false, ["y"], true],
  ["an addition is not made for a no", [added], false, ["n"], false],
  ["nothing is asked with --yes", [added], true, [], true],
  ["a removal takes its name", [added, removed], false, ["chat-deploy-dev"], true],
  ["a removal takes its name, with --yes too", [removed], true, ["yes"], false],
  ["each removal takes its name", [removed, replaced], false, ["chat-deploy-dev", "chat-deploy-dev"], false],
  ["a replacement is a removal", [removed, replaced], true, ["chat-deploy-dev", "chat-deploy-prod"], true],
])("%s", async (_, changes, yes, typed, wanted) => {
  const answers = [...typed];
  const ask = async () => answers.shift() ?? expect.unreachable("nobody should be asked");
  expect(await isWanted(changeSet(...changes), { yes }, ask)).toBe(wanted);
  expect(answers).toEqual([]);
});
