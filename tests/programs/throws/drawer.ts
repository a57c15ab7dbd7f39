export function open(drawer: string): never {
  throw new Error(`the ${drawer} drawer is stuck`);
}
