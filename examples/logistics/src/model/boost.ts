import type { TreeEnsemble, TreeNode } from '@martlet/registry'
import { binColumns } from './bins.ts'
import type { FeatureMatrix } from './feature-matrix.ts'
import { growTree, type TreeLimits } from './grow-tree.ts'
import type { Loss } from './loss.ts'
import { addTree } from './predict.ts'
import { randomOf, sample } from './random.ts'

export interface BoostOptions extends Partial<TreeLimits> {
  readonly loss: Loss
  /** The rows to learn from. */
  readonly rows: Int32Array
  /** Rows that say when to stop: the trees after the best one are dropped. */
  readonly validation?: Int32Array
  /** Most trees. @default 300 */
  readonly trees?: number
  /** Trees without a better validation loss before boosting stops. @default 30 */
  readonly patience?: number
  /** The share of rows and of features that each tree sees. @default 0.8 */
  readonly rowShare?: number
  readonly featureShare?: number
  /** @default 7 */
  readonly seed?: number
}

export interface Boosted {
  readonly model: TreeEnsemble
  /** The mean loss after each tree that was grown. */
  readonly trainLoss: readonly number[]
  readonly validationLoss: readonly number[]
  /** What cuts by each feature have gained, as a share of all; the largest first. */
  readonly gains: readonly (readonly [feature: string, share: number])[]
}

/**
 * Gradient-boosted trees on histograms, grown leaf by leaf. The same rows, options and seed give the same model.
 *
 * @throws Error when there are no rows to learn from, or a target of theirs is missing
 */
export function fitBoostedTrees(matrix: FeatureMatrix, target: Float64Array, options: BoostOptions): Boosted {
  const { loss, rows, validation, trees: most = 300, patience = 30, rowShare = 0.8, featureShare = 0.8 } = options
  const limits: TreeLimits = {
    leaves: options.leaves ?? 15,
    learningRate: options.learningRate ?? 0.05,
    minRows: options.minRows ?? 20,
    lambda: options.lambda ?? 1,
  }
  if (rows.length === 0) throw new Error('there are no rows to learn from')
  for (const row of rows) if (Number.isNaN(target[row] ?? Number.NaN)) throw new Error(`row ${row} has no target`)
  const random = randomOf(options.seed ?? 7)
  const bins = binColumns(matrix, rows)
  const every = Int32Array.from(matrix.features.keys())
  const base = loss.base(rows.reduce((sum, row) => sum + (target[row] ?? 0), 0) / rows.length)
  const scores = new Float64Array(matrix.rows).fill(base)
  const slopes = new Float64Array(matrix.rows)
  const curvatures = new Float64Array(matrix.rows)
  const gained = new Float64Array(matrix.features.length)
  const trees: TreeNode[] = []
  const trainLoss: number[] = []
  const validationLoss: number[] = []
  let best = 0
  while (trees.length < most) {
    for (const row of rows) {
      slopes[row] = loss.slope(scores[row] ?? 0, target[row] ?? 0)
      curvatures[row] = loss.curvature(scores[row] ?? 0, target[row] ?? 0)
    }
    const seen = {
      bins,
      slopes,
      curvatures,
      rows: sample(rows, rowShare, random),
      features: sample(every, featureShare, random),
    }
    const tree = growTree(seen, limits, (feature, gain) => {
      gained[feature] = (gained[feature] ?? 0) + gain
    })
    trees.push(tree)
    addTree(tree, matrix, scores)
    trainLoss.push(meanLoss(loss, scores, target, rows))
    if (validation === undefined || validation.length === 0) continue
    validationLoss.push(meanLoss(loss, scores, target, validation))
    if ((validationLoss[trees.length - 1] ?? 0) < (validationLoss[best] ?? 0)) best = trees.length - 1
    else if (trees.length - 1 - best >= patience) break
  }
  const kept = validationLoss.length === 0 ? trees : trees.slice(0, best + 1)
  const all = gained.reduce((sum, gain) => sum + gain, 0) || 1
  return {
    model: {
      features: matrix.features,
      trees: kept,
      base,
      link: loss.link,
      ...(matrix.categories === undefined ? {} : { categories: matrix.categories }),
    },
    trainLoss,
    validationLoss,
    gains: matrix.features
      .map((feature, at) => [feature, (gained[at] ?? 0) / all] as const)
      .toSorted(([, a], [, b]) => b - a),
  }
}

function meanLoss({ loss }: Loss, scores: Float64Array, target: Float64Array, rows: Int32Array): number {
  return rows.reduce((sum, row) => sum + loss(scores[row] ?? 0, target[row] ?? 0), 0) / rows.length
}
