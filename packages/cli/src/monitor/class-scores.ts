import type { TruthConfig } from '../config/truth-config.ts'
import type { Project } from '../project/project.ts'

/** The column of each class's chance, by the class. */
export type ScoreColumns = Readonly<Record<string, string>>

/**
 * The columns of the prediction log that have the chances of classes: as the configuration says, or else of the output whose
 * columns have class names in the registry. Undefined where there is none, or where versions or outputs differ.
 */
export async function classScores(
  project: Pick<Project, 'registry'>,
  { model, version, scores, task, positive }: Pick<TruthConfig, 'model' | 'version' | 'scores' | 'task' | 'positive'>,
): Promise<ScoreColumns | undefined> {
  const hasClasses = positive === undefined && (task === undefined || task === 'classes')
  if (scores !== undefined || !hasClasses) return scores
  return onlyOne((await namedOutputs(project, { model, version })).flat())
}

/** Of each version, the columns of the outputs that have class names. */
export async function namedOutputs(
  project: Pick<Project, 'registry'>,
  { model, version }: Pick<TruthConfig, 'model'> & { readonly version: number | undefined },
): Promise<readonly (readonly ScoreColumns[])[]> {
  const versions = await (await project.registry()).versions({ model })
  return versions
    .filter((one) => version === undefined || one.version === version)
    .map(({ signature }) =>
      signature.outputs.flatMap(({ name, labels }) =>
        labels === null || labels.length < 2
          ? []
          : [Object.fromEntries(labels.map((label, i) => [String(label), `prediction__${name}__${i}`]))],
      ),
    )
}

/** The columns that all of them are; undefined where they differ. */
export function onlyOne(found: readonly ScoreColumns[]): ScoreColumns | undefined {
  const [first] = found
  return found.every((one) => JSON.stringify(one) === JSON.stringify(first)) ? first : undefined
}
