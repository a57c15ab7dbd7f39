import { expect, it } from "vitest";
import { startLocalCloud } from "../localCloud.ts";

it('a program in the layout of "pulumi new aws-typescript" starts unchanged, with a Region from --config', async () => {
  const cloud = await startLocalCloud([
    "--program",
    "tests/programs/awsTypescript",
    "--config",
    "aws:region=us-west-2",
  ]);
  expect(cloud.outputs.bucketName).toBeTypeOf("string");
  expect(await (await fetch(cloud.outputs.url as string)).text()).toBe("hello");
  await cloud.stop();
});
