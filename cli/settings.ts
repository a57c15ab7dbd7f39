/** `npm run settings`: writes the keys of settings/settings.ts to Pulumi.yaml and README.md. */
import { readFile, writeFile } from "node:fs/promises";
import { stringify } from "yaml";
import { SETTINGS } from "../settings/settings.ts";
import { commandLine } from "./commandLine.ts";

const HELP = `Writes the keys of the configuration, their types and their defaults, from settings/settings.ts to Pulumi.yaml and
README.md.

  npm run settings -- [--check] [--help]

  --check  change nothing, and exit with 1 if a file isn't up to date
`;

const { check } = commandLine(HELP, { check: { type: "boolean" } });

for (const [file, withSettings] of [
  ["Pulumi.yaml", withSchema],
  ["README.md", withTable],
] as const) {
  const before = await readFile(file, "utf8");
  const after = withSettings(before);
  if (before === after) continue;
  if (check) {
    console.error(`${file} differs from settings/settings.ts: run "npm run settings" to update it`);
    process.exitCode = 1;
  } else {
    await writeFile(file, after);
    console.log(`${file} is up to date now`);
  }
}

/** Replaces `config`, the last section of the file. */
function withSchema(project: string): string {
  const config = Object.fromEntries(
    Object.entries(SETTINGS).map(([key, { type, default: value, description }]) => [
      key,
      { type, description, default: value },
    ]),
  );
  return `${project.replace(/^config:[\s\S]*/m, "").trimEnd()}\n${stringify({ config }, { lineWidth: 0 })}`;
}

function withTable(readme: string): string {
  const rows = [
    ["Key", "What it is", "Allowed", "Default"],
    ["`aws:region`", "Region of all resources", "a Region", "—"],
    ...Object.entries(SETTINGS).map(([key, { description, allowed, default: value }]) => [
      `\`chat:${key}\``,
      description,
      allowed,
      value === "" ? "—" : `\`${value}\``,
    ]),
  ];
  // Aligns the cells as the formatter does.
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [header = [], ...body] = rows;
  const table = [header, widths.map((width) => "-".repeat(width)), ...body].map(line).join("\n");
  return readme.replace(/^\| Key +\|[\s\S]*?\n\n/m, () => `${table}\n\n`);
}
