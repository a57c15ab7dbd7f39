/**
 * Shows a command's output as a user sees it, by emulating the parts of a VT100 that Node's readline and the chat client
 * use.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a terminal interprets
const PIECE = /\x1b\[(?<parameters>[?\d;]*)(?<command>[A-Za-z])|(?<character>.)/gsu;

/** The rows of a screen that never scrolls, without trailing spaces, down to the last row that isn't empty. */
export function screenOf(output: string, columns: number): string[] {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  const rowAt = (at: number) => {
    while (rows.length <= at) rows.push([]);
    return rows[at] as string[];
  };
  const put = (character: string) => {
    // The cursor only leaves the last column when something follows.
    if (column === columns) [row, column] = [row + 1, 0];
    const cells = rowAt(row);
    while (cells.length < column) cells.push(" ");
    cells[column++] = character;
  };
  const cutRow = () => {
    rowAt(row).length = Math.min(rowAt(row).length, column);
  };
  const steer = (command: string, parameters: string) => {
    const count = Number(parameters) || 1;
    if (command === "A") row = Math.max(0, row - count);
    else if (command === "B") row += count;
    else if (command === "C") column = Math.min(columns - 1, column + count);
    else if (command === "D") column = Math.max(0, column - count);
    else if (command === "G") column = count - 1;
    else if (command === "J" && Number(parameters) === 0) {
      cutRow();
      rows.length = Math.min(rows.length, row + 1);
    } else if (command === "K" && parameters === "2") rowAt(row).length = 0;
    else if (command === "K" && Number(parameters) === 0) cutRow();
    // Colors and modes don't move the cursor.
    else if (command !== "m" && !parameters.startsWith("?"))
      throw new Error(`the screen doesn't know the sequence ${JSON.stringify(parameters + command)}`);
  };
  for (const { groups = {} } of output.matchAll(PIECE)) {
    const { command, parameters = "", character = "" } = groups;
    if (command !== undefined) steer(command, parameters);
    else if (character === "\r") column = 0;
    else if (character === "\n") rowAt(++row);
    else put(character);
  }
  const lines = rows.map((cells) => cells.join("").trimEnd());
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}
