/** Tests what a person has to type before anything changes. */
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
  ["an addition is confirmed by yes", [added], false, ["y"], true],
  ["an addition is refused by no", [added], false, ["n"], false],
  ["nothing is asked with --yes", [added], true, [], true],
  ["a removal is confirmed by the resource's name", [added, removed], false, ["chat-deploy-dev"], true],
  ["a removal isn't confirmed by yes, even with --yes", [removed], true, ["yes"], false],
  ["each removal needs its own name typed", [removed, replaced], false, ["chat-deploy-dev", "chat-deploy-dev"], false],
  ["a replacement is a removal", [removed, replaced], true, ["chat-deploy-dev", "chat-deploy-prod"], true],
])("%s", async (_, changes, yes, typed, wanted) => {
  const answers = [...typed];
  const ask = async () => answers.shift() ?? expect.unreachable("nobody should be asked");
  expect(await isWanted(changeSet(...changes), { yes }, ask)).toBe(wanted);
  expect(answers).toEqual([]);
});
