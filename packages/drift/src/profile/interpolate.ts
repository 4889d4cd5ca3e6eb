/** The value a fraction of the way from one sorted value to the next, as in numpy's quantiles; between equal values, that value. */
export function interpolate(below: number, above: number, fraction: number): number {
  if (below === above) return below
  const difference = above - below
  if (difference === Infinity) return below * (1 - fraction) + above * fraction
  return fraction < 0.5 ? below + difference * fraction : above - difference * (1 - fraction)
}
