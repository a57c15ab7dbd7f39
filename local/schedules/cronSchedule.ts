/**
 * `cron(…)` of EventBridge's rules, in UTC.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
import { Cron } from "croner";

/** The fields by position, each with its minimum, maximum, and names of values. */
const FIELDS: [min: number, max: number, names: string[]][] = [
  [0, 59, []],
  [0, 23, []],
  [1, 31, []],
  [1, 12, ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]],
  [1, 7, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]],
  [1970, 2199, []],
];
const DAY_OF_WEEK = 4;

/**
 * Returns a function that gives the time of the next run after a time, both in milliseconds since 1970, or undefined if
 * no run follows.
 *
 * @param expression the text between the parentheses, such as `0 18 ? * MON-FRI *`
 * @throws Error if EventBridge wouldn't accept it
 */
export function cronSchedule(expression: string): (after: number) => number | undefined {
  const fields = expression.trim().split(/\s+/);
  const [, , dayOfMonth, , dayOfWeek] = fields;
  // Exactly one of the two day fields must be `?`.
  if (fields.length !== FIELDS.length || (dayOfMonth === "?") === (dayOfWeek === "?")) throw new Error("malformed");
  const cron = new Cron(`0 ${fields.map(translated).join(" ")}`, {
    mode: "7-part",
    timezone: "UTC",
    alternativeWeekdays: true,
    sloppyRanges: true,
  });
  return (after) => cron.nextRun(new Date(after))?.getTime();
}

/** Translates a field for the library, which doesn't support ranges that wrap around: `20-2` becomes `20-23,0-2`. */
function translated(field: string, position: number): string {
  const [min, max, names] = FIELDS[position] as (typeof FIELDS)[number];
  if (field === "?") return "*";
  const numbered = field
    .toUpperCase()
    .replace(/[A-Z]{3}/g, (name) => (names.includes(name) ? String(names.indexOf(name) + min) : name));
  const values = numbered.split(",").map((part) => {
    if (position === DAY_OF_WEEK) {
      // `L` is the last day of the week, and `5L` the last Thursday of the month.
      if (part === "L") return "7";
      if (/^[1-7]L$/.test(part)) return part.replace("L", "#L");
    }
    const [, from, to] = /^(\d+)-(\d+)$/.exec(part) ?? [];
    return from !== undefined && Number(from) > Number(to) ? `${from}-${max},${min}-${to}` : part;
  });
  return values.join(",");
}
