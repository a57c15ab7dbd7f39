/**
 * Parses PartiQL as DynamoDB supports it: one table, and four kinds of statements.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
 */
import type { Item } from "../dynalite.ts";
import { type Condition, conditionsIn, operand, Placeholders } from "./conditions.ts";
import { Reader } from "./reader.ts";
import { notWellFormed } from "./tokens.ts";

interface Common {
  table: string;
  placeholders: Placeholders;
  /** Conditions, all of which must hold. */
  where: Condition[];
}

export type Statement =
  /** `projection`: "" for whole items. `descending`: undefined without ORDER BY. */
  | (Common & { kind: "Select"; index?: string; projection: string; descending?: boolean })
  | (Common & { kind: "Insert"; item: Item })
  | (Common & { kind: "Update"; update: string; returns?: string })
  | (Common & { kind: "Delete"; returns?: string })
  /** EXISTS, which is only allowed in transactions. */
  | (Common & { kind: "Exists" });

/** @throws AwsError ValidationException for a statement that DynamoDB wouldn't accept */
export function parseStatement(statement: string, parameters: unknown[] = []): Statement {
  const reader = new Reader(statement, parameters);
  const parsed = statementIn(reader);
  reader.end();
  return parsed;
}

function statementIn(reader: Reader): Statement {
  const placeholders = new Placeholders();
  if (reader.takes("SELECT")) return selectIn(reader, placeholders);
  if (reader.takes("INSERT", "INTO")) {
    const table = reader.name();
    reader.expect("VALUE");
    const value = reader.value() as { M?: Item } | undefined;
    if (value?.M === undefined) throw reader.unexpected("an item");
    return { kind: "Insert", table, placeholders, where: [], item: value.M };
  }
  if (reader.takes("UPDATE")) {
    const table = reader.name();
    const update = updateIn(reader, placeholders);
    return withReturns({ kind: "Update", table, placeholders, update, where: whereIn(reader, placeholders) }, reader);
  }
  if (reader.takes("DELETE", "FROM")) {
    const table = reader.name();
    return withReturns({ kind: "Delete", table, placeholders, where: whereIn(reader, placeholders) }, reader);
  }
  if (reader.takes("EXISTS", "(", "SELECT")) {
    const { table, where } = selectIn(reader, placeholders);
    reader.expect(")");
    return { kind: "Exists", table, placeholders, where };
  }
  throw reader.unexpected("SELECT, INSERT INTO, UPDATE or DELETE FROM");
}

function selectIn(reader: Reader, placeholders: Placeholders): Extract<Statement, { kind: "Select" }> {
  const paths: string[] = [];
  if (!reader.takes("*")) {
    do paths.push(placeholders.path(reader.path()));
    while (reader.takes(","));
  }
  reader.expect("FROM");
  const table = reader.name();
  const index = reader.takes(".") ? reader.name() : undefined;
  const where = whereIn(reader, placeholders);
  const descending = orderIn(reader);
  return {
    kind: "Select",
    table,
    placeholders,
    where,
    projection: paths.join(", "),
    ...(index === undefined ? {} : { index }),
    ...(descending === undefined ? {} : { descending }),
  };
}

function orderIn(reader: Reader): boolean | undefined {
  if (!reader.takes("ORDER", "BY")) return undefined;
  reader.path();
  if (reader.takes("DESC")) return true;
  reader.takes("ASC");
  return false;
}

function whereIn(reader: Reader, placeholders: Placeholders): Condition[] {
  return reader.takes("WHERE") ? conditionsIn(reader, placeholders) : [];
}

/** Parses any number of SET and REMOVE clauses into one update expression. */
function updateIn(reader: Reader, placeholders: Placeholders): string {
  const clauses: Record<"SET" | "REMOVE" | "ADD" | "DELETE", string[]> = { SET: [], REMOVE: [], ADD: [], DELETE: [] };
  for (;;) {
    if (reader.takes("REMOVE")) clauses.REMOVE.push(placeholders.path(reader.path()));
    else if (reader.takes("SET")) {
      do setIn(reader, placeholders, clauses);
      while (reader.takes(","));
    } else break;
  }
  const given = Object.entries(clauses).filter(([, actions]) => actions.length > 0);
  if (given.length === 0) throw reader.unexpected("SET or REMOVE");
  return given.map(([clause, actions]) => `${clause} ${actions.join(", ")}`).join(" ");
}

function setIn(reader: Reader, placeholders: Placeholders, clauses: Record<"SET" | "ADD" | "DELETE", string[]>): void {
  const path = placeholders.path(reader.path());
  reader.expect("=");
  const name = reader.call(["set_add", "set_delete", "list_append", "if_not_exists"]);
  if (name !== undefined) {
    const subject = operand(reader, placeholders).text;
    reader.expect(",");
    const argument = operand(reader, placeholders).text;
    reader.expect(")");
    const isOfSet = name === "set_add" || name === "set_delete";
    if (isOfSet && subject !== path) throw notWellFormed(`${name} can only set its first argument`);
    if (isOfSet) clauses[name === "set_add" ? "ADD" : "DELETE"].push(`${path} ${argument}`);
    else clauses.SET.push(`${path} = ${name}(${subject}, ${argument})`);
    return;
  }
  const left = operand(reader, placeholders).text;
  const sign = ["+", "-"].find((one) => reader.takes(one));
  clauses.SET.push(`${path} = ${left}${sign === undefined ? "" : ` ${sign} ${operand(reader, placeholders).text}`}`);
}

function withReturns<T extends Statement>(statement: T, reader: Reader): T {
  if (!reader.takes("RETURNING")) return statement;
  const all = reader.takes("ALL");
  if (!all) reader.expect("MODIFIED");
  const old = reader.takes("OLD");
  if (!old) reader.expect("NEW");
  reader.expect("*");
  if (statement.kind === "Delete" && !(all && old)) throw notWellFormed("DELETE can only return ALL OLD *");
  return { ...statement, returns: `${all ? "ALL" : "UPDATED"}_${old ? "OLD" : "NEW"}` };
}
