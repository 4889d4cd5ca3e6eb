/** How exactly an aggregate is wanted. */
export interface Approximation {
  /**
   * Lets the engine use a sketch, which needs less memory: a percentile is then mostly that of a share within 0.01 of the
   * one that was asked for, a number of different values has a standard error of up to 2 %, and two runs may differ.
   */
  readonly approximate?: boolean
}
