/** The exact 95 % interval of a share of which so many draws hit. Source: Clopper and Pearson (1934). */
export function binomialInterval(hits: number, draws: number): readonly [low: number, high: number] {
  return [
    hits === 0 ? 0 : solved((share) => 1 - atMost(hits - 1, draws, share) < 0.025),
    hits === draws ? 1 : solved((share) => atMost(hits, draws, share) > 0.025),
  ]
}

/** The chance of at most so many hits. */
function atMost(hits: number, draws: number, share: number): number {
  let log = draws * Math.log1p(-share)
  let sum = 0
  for (let k = 0; k <= hits; k += 1) {
    sum += Math.exp(log)
    log += Math.log((draws - k) / (k + 1)) + Math.log(share) - Math.log1p(-share)
  }
  return sum
}

/** The share up to which something holds. */
function solved(holds: (share: number) => boolean): number {
  let [low, high] = [0, 1]
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}
