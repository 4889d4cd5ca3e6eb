import type { TreeEnsemble, TreeNode } from '@martlet/registry'
import type { FeatureMatrix } from './feature-matrix.ts'

/** Adds each row's leaf to its score. */
export function addTree(root: TreeNode, { columns }: FeatureMatrix, scores: Float64Array): void {
  for (let row = 0; row < scores.length; row++) {
    let node = root
    while (typeof node !== 'number') {
      const value = columns[node.feature]?.[row] ?? Number.NaN
      // A comparison with NaN is false.
      node = value <= node.threshold || (node.missing === 'left' && value !== value) ? node.left : node.right
    }
    scores[row] = (scores[row] ?? 0) + node
  }
}

/** The ensemble's answer for every row. */
export function predictTrees({ trees, base = 0, link }: TreeEnsemble, matrix: FeatureMatrix): Float64Array {
  const scores = new Float64Array(matrix.rows).fill(base)
  for (const tree of trees) addTree(tree, matrix, scores)
  if (link === 'logistic') return scores.map((score) => 1 / (1 + Math.exp(-score)))
  return link === 'exponential' ? scores.map(Math.exp) : scores
}
