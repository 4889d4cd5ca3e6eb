/** The sizes from which a change matters: as a warning, and as a critical finding. */
export interface Floor {
  readonly warn: number
  readonly crit: number
}
