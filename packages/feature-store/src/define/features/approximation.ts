/** How exactly an aggregate is wanted. */
export interface Approximation {
  /**
   * Lets the engine use a sketch, which needs less memory: a percentile is then off by about 1 % of the values, a number
   * of different values by about 2 %, and two runs may differ.
   */
  readonly approximate?: boolean
}
