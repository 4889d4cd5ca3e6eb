import type { TruthConfig } from '../config/truth-config.ts'
import type { Project } from '../project/project.ts'

/**
 * The columns of the prediction log that have the chances of classes: as the configuration says, or else of the output whose
 * columns have class names in the registry. Undefined where there is none, or where versions or outputs differ.
 */
export async function classScores(
  project: Pick<Project, 'registry'>,
  { model, version, scores, task, positive }: Pick<TruthConfig, 'model' | 'version' | 'scores' | 'task' | 'positive'>,
): Promise<Readonly<Record<string, string>> | undefined> {
  const hasClasses = positive === undefined && (task === undefined || task === 'classes')
  if (scores !== undefined || !hasClasses) return scores
  const versions = await (await project.registry()).versions({ model })
  const found = versions
    .filter((one) => version === undefined || one.version === version)
    .flatMap(({ signature }) =>
      signature.outputs.flatMap(({ name, labels }) =>
        labels === null || labels.length < 2
          ? []
          : [Object.fromEntries(labels.map((label, i) => [String(label), `prediction__${name}__${i}`]))],
      ),
    )
  const [first] = found
  return found.every((one) => JSON.stringify(one) === JSON.stringify(first)) ? first : undefined
}
