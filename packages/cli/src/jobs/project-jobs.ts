import { currentDefinitions } from '@martlet/feature-store'
import { catalogJobs, type JobLimits, type JobNames, type JobQueue, type JobQueueOptions } from '@martlet/serving'
import type { JobsConfig, MartletConfig } from '../config/martlet-config.ts'
import type { Project } from '../project/project.ts'

/** What jobs of a project may name, and their limits. */
export function jobOptionsOf({ trainingSets = [], monitors = [], jobs }: MartletConfig): JobQueueOptions {
  return {
    trainingSets: trainingSets.map(({ name, service }) => ({ name, service })),
    monitors: monitors.map(({ name, service, view, model }) => ({
      name,
      ...(service === undefined ? {} : { service }),
      ...(view === undefined ? {} : { view }),
      ...(model === undefined ? {} : { model }),
    })),
    kinds: Object.entries(jobs?.kinds ?? {}).map(([name, { description, input, priority }]) => ({
      name,
      input,
      ...(description === undefined ? {} : { description }),
      ...(priority === undefined ? {} : { priority }),
    })),
    limits: limitsOf(jobs),
  }
}

/** What a configuration says about jobs, without what is no limit. */
export function limitsOf({ kinds: _, schema: __, ...limits }: JobsConfig = {}): Partial<JobLimits> {
  return limits
}

/** The jobs in the catalog of a project. */
export async function jobsOf(project: Project): Promise<JobQueue> {
  return catalogJobs(await project.catalog(), jobOptionsOf(project.config))
}

/** Everything that jobs of a project may name. */
export async function namesOfProject(project: Project): Promise<JobNames> {
  const { trainingSets = [], monitors = [] } = project.config
  const definitions = await currentDefinitions((await project.catalog()).db)
  const views = definitions.flatMap(({ kind, name }) => (kind === 'view' ? [name] : []))
  return {
    views: () => views,
    models: async () => (await (await project.registry()).models()).map(({ name }) => name),
    trainingSets: () => trainingSets.map(({ name }) => name),
    monitors: () => monitors.map(({ name }) => name),
  }
}
