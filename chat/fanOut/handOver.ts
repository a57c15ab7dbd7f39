/** The event that hands a room's lease over to another invocation. It never carries text. */
export interface HandedOver {
  room: string;
  /** Owner that the lease names, which stays the same although another invocation continues. */
  owner: string;
  /** Everything up to this position has been posted. */
  fanned: number;
  /** The room's last known position. */
  head: number;
}
