/** Imports a file next to this one, not next to the program. */
export const greet = async () => (await import("./greeting.js")).greeting;
