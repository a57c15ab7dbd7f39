/** Imports what is beside this file, not beside the program. */
export const greet = async () => (await import("./greeting.js")).greeting;
