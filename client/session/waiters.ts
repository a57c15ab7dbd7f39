import type { ChatError } from "../errors.ts";
import type { Connection } from "./connection.ts";

interface Waiter {
  /** Whether the caller keeps waiting while the client is stopped. */
  isPatient: boolean;
  resolve: (connection: Connection) => void;
  reject: (error: ChatError) => void;
}

/** Callers that wait for a connection. */
export class Waiters {
  #waiting: Waiter[] = [];

  add(isPatient: boolean): Promise<Connection> {
    return new Promise((resolve, reject) => void this.#waiting.push({ isPatient, resolve, reject }));
  }

  resolve(connection: Connection): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(connection);
  }

  reject(why: ChatError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(why);
  }

  /** Called when the client has stopped. */
  rejectImpatient(why: ChatError): void {
    const impatient = this.#waiting.filter(({ isPatient }) => !isPatient);
    this.#waiting = this.#waiting.filter(({ isPatient }) => isPatient);
    for (const { reject } of impatient) reject(why);
  }
}
