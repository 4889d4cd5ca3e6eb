import type { TruthRequest } from '@martlet/drift'
import type { ColumnType, Warehouse } from '@martlet/warehouse'
import type { TruthConfig } from '../config/truth-config.ts'
import type { Project } from '../project/project.ts'
import { namedOutputs, onlyOne } from './class-scores.ts'

/** What a class is called that is the yes of a label without `positive`, in lower case. */
const YES: ReadonlySet<string> = new Set(['1', 'true'])

/**
 * The column of the prediction, where it is not the first output with one value: what the configuration says, or, of a label
 * that is yes or no, the chance of yes in the output that has the names of both classes in the registry. The first output of
 * a classifier is mostly the class itself. Undefined where there is no such output, or where versions differ.
 */
export async function chanceOfYes(
  project: Pick<Project, 'registry'>,
  warehouse: Warehouse,
  { model, version, prediction, scores, task, positive }: TruthConfig,
  labels: TruthRequest['labels'],
): Promise<string | undefined> {
  if (prediction !== undefined) return prediction
  const isBinary = task === 'binary' || (task === undefined && (positive !== undefined || (await isYesOrNo())))
  if (!isBinary) return undefined
  const columns = scores ?? (await registered())
  const names = Object.keys(columns ?? {})
  const yes = names.filter((name) => (positive === undefined ? YES.has(name.toLowerCase()) : name === positive))
  const [only] = yes
  return names.length === 2 && yes.length === 1 && only !== undefined ? columns?.[only] : undefined

  async function isYesOrNo(): Promise<boolean> {
    return (await labelType(warehouse, labels)) === 'boolean'
  }

  async function registered() {
    const versions = await namedOutputs(project, { model, version })
    return versions.every((outputs) => outputs.length === 1) ? onlyOne(versions.flat()) : undefined
  }
}

async function labelType(warehouse: Warehouse, labels: TruthRequest['labels']): Promise<ColumnType | undefined> {
  if (!('table' in labels)) return 'plan' in labels.label ? labels.label.plan.type : labels.label.type
  const columns = (await warehouse.introspect(labels.table)) ?? []
  return columns.find(({ name }) => name.toLowerCase() === labels.value.toLowerCase())?.type
}
