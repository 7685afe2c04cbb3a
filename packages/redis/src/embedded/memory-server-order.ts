/** The variable that carries a `MemoryServerOrder` as JSON. */
export const MEMORY_SERVER_ORDER = "PILOTLIGHT_MEMORY_SERVER_ORDER";

export interface MemoryServerOrder {
  readonly port: number;
  readonly password: string;
  /** How long clients may go on when the parent is gone. */
  readonly outliveMs: number;
}
