import { relative } from 'node:path'
import {
  calendarColumns,
  profileReference,
  storeProfile,
  vectorColumns,
  type ProfiledColumn,
  type ReferenceProfile,
} from '@martlet/drift'
import {
  buildTrainingSet,
  serviceKeys,
  fieldSources,
  toMicros,
  vectorFields,
  type FeaturesFrom,
  type ServicePlan,
  type SplitOptions,
  type TrainingManifest,
  type TrainingSet,
} from '@martlet/feature-store'
import { checkWritable, MartletError, type Warehouse } from '@martlet/warehouse'
import type { TrainingSetConfig } from '../config/martlet-config.ts'
import { suggestion } from '../config/suggestion.ts'
import { named } from '../project/definitions.ts'
import type { Project } from '../project/project.ts'
import { writeManifest } from '../project/manifests.ts'
import { trainingProgress } from '../terminal/training-progress.ts'
import type { ProfileConfig } from '../config/reference-config.ts'
import { keptAs, trainingTable } from '../config/training-tables.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { facts } from '../terminal/table.ts'
import { bytesWords, counted, grouped, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'
import { exportSet, sidecarOf } from './export-set.ts'
import { duration, givenSpine, readSpine, spineFolder, type ChosenSpine, type SpineOptions } from './spine-choice.ts'

export interface TrainingSetCommandOptions extends GlobalOptions, SpineOptions {
  readonly label?: readonly string[]
  readonly split?: readonly string[]
  readonly embargo?: string
  readonly parquet?: string
  readonly csv?: string
  readonly into?: string
  readonly asOf?: string
  readonly from?: string
  /** False: no profile is stored. */
  readonly profile: string | boolean
}

export async function trainingSet(
  context: CommandContext,
  name: string,
  options: TrainingSetCommandOptions,
): Promise<Outcome> {
  const { terminal } = context
  const asked = checkOptions(options)
  const project = await context.project()
  const definitions = await project.definitions()
  const { services, labels } = definitions
  const given = givenSpine(options, definitions)
  const wanted = wantedSet(project, name, { ...options, given }, [...services.keys()])
  const service = named(services, wanted.service, 'service')
  const learnt = (wanted.labels ?? []).map((label) => named(labels, label, 'label'))
  const asOf = asked.asOf ?? (wanted.asOf === undefined ? undefined : instant(wanted.asOf, `trainingSets ${name} asOf`))
  const table = trainingTable(wanted)
  const kept = keptAs(table, project.config.trainingSets ?? [])
  const spine = await readSpine(wanted.spine, spineFolder(given, project.folder))
  for (const file of [options.parquet, options.csv]) if (file !== undefined) await checkWritable(file)
  const warehouse = await project.warehouse()
  const set = await buildTrainingSet({
    warehouse,
    service,
    spine,
    time: wanted.time,
    labels: learnt,
    into: table,
    from: asked.from ?? wanted.from ?? 'facts',
    ...(wanted.zone === undefined ? {} : { zone: wanted.zone }),
    ...(asOf === undefined ? {} : { asOf }),
    ...(wanted.split === undefined ? {} : { split: wanted.split }),
    signal: context.signal,
    onProgress: trainingProgress(terminal, table),
  })
  const fields = vectorFields(service.plan)
  // At once, because the rows of the old manifest are gone.
  const manifest = await writeManifest(project, kept, set.manifest)
  const profileName = typeof options.profile === 'string' ? options.profile : kept
  const profile =
    options.profile === false
      ? undefined
      : await keepProfile(warehouse, set, {
          name: profileName,
          time: wanted.time,
          service: service.plan,
          divided: wanted.profile ?? {},
        })
  const files = await exportSet(context, warehouse, set, { ...options, time: wanted.time, fields })
  const { first, last } = set.manifest
  const lines = [
    `${terminal.paint('bold', set.table)}: ${counted(set.rows, 'row')} from ${instantWords(first)} to ${instantWords(last)}`,
    ...facts(
      [
        ['features', `${grouped(set.features.length)} of ${service.name}`],
        [
          'labels',
          set.labels.length === 0 ? 'none' : `${set.labels.join(', ')}, known until ${instantWords(set.manifest.asOf)}`,
        ],
        ...splitFacts(set.manifest),
        [
          'profile',
          profile === undefined
            ? 'not stored'
            : `${profile.name}, ${counted(profile.columns.length, 'column')}, the reference for drift`,
        ],
        ...files.map(({ file, bytes }): [string, string] => [
          'file',
          `${relative('.', file)}, ${bytesWords(bytes)}, described in ${relative('.', sidecarOf(file))}`,
        ]),
        [
          'manifest',
          `${relative('.', manifest)}, for models register --training-set ${trainingSetArgument(kept, manifest)}`,
        ],
      ],
      terminal.width,
    ),
  ]
  return {
    exitCode: 0,
    data: {
      table: set.table,
      rows: set.rows,
      features: set.features,
      labels: set.labels,
      manifest: set.manifest,
      manifestFile: manifest,
      files: files.map(({ file, sidecar, bytes }) => ({ file, sidecar, bytes })),
      profile: profile?.name ?? null,
    },
    text: lines.join('\n'),
  }
}

function splitFacts({ split }: TrainingManifest): readonly (readonly [string, string])[] {
  if (split === undefined) return []
  const parts = Object.entries(split.rows).map(([part, rows]) => `${grouped(rows)} ${part}`)
  const left = split.purged + split.embargoed
  const out =
    left === 0
      ? 'none left out'
      : `${counted(left, 'row')} left out at the ${split.at.length === 1 ? 'border' : 'borders'}`
  return [['split', `${parts.join(', ')}; ${out}`]]
}

/** `models register` reads a name that ends in .json as a file. */
function trainingSetArgument(name: string, manifest: string): string {
  const argument = name.endsWith('.json') ? relative('.', manifest) : name
  return argument.includes(' ') ? `'${argument}'` : argument
}

/** The configured set of that name with the changes of the command line, or one from the command line alone. */
function wantedSet(
  project: Project,
  name: string,
  options: TrainingSetCommandOptions & { readonly given: Partial<ChosenSpine> },
  services: readonly string[],
): TrainingSetConfig {
  const sets = project.config.trainingSets ?? []
  const configured = sets.find((set) => set.name === name)
  const given = {
    ...options.given,
    ...(options.label === undefined ? {} : { labels: options.label }),
    ...(options.into === undefined ? {} : { into: options.into }),
    ...givenSplit(options, configured?.split),
  }
  if (configured !== undefined) {
    // The instants of a spine that is made have no clock.
    const { zone, ...others } = configured
    return typeof given.spine === 'object' || zone === undefined
      ? { ...others, ...given }
      : { zone, ...others, ...given }
  }
  if (!services.includes(name)) {
    const hint = suggestion(name, [...sets.map((set) => set.name), ...services], 'training sets or services')
    throw new MartletError(
      'TRAINING_SET_UNKNOWN',
      `${name} is neither a training set of the configuration nor a feature service. ${hint}`,
      { data: { name } },
    )
  }
  const { spine, time } = given
  if (spine === undefined || time === undefined) {
    throw new MartletError(
      'USAGE',
      `The training set of service ${name} needs a spine, the keys and times of its rows. ` +
        'Give --spine <table or file.sql> and --time <column>, or --every 1d, --of <view>, --start and --end, ' +
        'or name it under trainingSets in the configuration.',
    )
  }
  return { name, service: name, ...given, spine, time }
}

/** The borders of the command line instead of those of the configuration. */
function givenSplit(
  { split, embargo }: TrainingSetCommandOptions,
  configured: SplitOptions | undefined,
): Pick<TrainingSetConfig, 'split'> {
  const [first, second, third] = split ?? []
  if (third !== undefined) throw new MartletError('USAGE', 'A set has one or two borders. Give --split once or twice.')
  const at: SplitOptions['at'] | undefined =
    first === undefined ? configured?.at : second === undefined ? [first] : [first, second]
  if (at === undefined) {
    if (embargo === undefined) return {}
    throw new MartletError('USAGE', '--embargo is about rows after a border. Give --split too, or leave it out.')
  }
  const after = embargo === undefined ? configured?.embargo : duration(embargo, 'embargo')
  return { split: { at, ...(after === undefined ? {} : { embargo: after }) } }
}

function checkOptions(options: TrainingSetCommandOptions): {
  readonly asOf?: Date
  readonly from?: FeaturesFrom
} {
  const { from, asOf } = options
  if (from !== undefined && from !== 'facts' && from !== 'tiles' && from !== 'materialized') {
    throw new MartletError(
      'USAGE',
      `--from ${from} is not a source of features. Give facts (computes the features), ` +
        'tiles (computes them from stored tiles) or materialized (joins the feature tables).',
      { data: { from } },
    )
  }
  return { ...(from === undefined ? {} : { from }), ...(asOf === undefined ? {} : { asOf: instant(asOf, '--as-of') }) }
}

function instant(text: string, what: string): Date {
  return new Date(Number(toMicros(text, what) / 1000n))
}

/** Stores the profile of the rows as trained: features, then labels. */
async function keepProfile(
  warehouse: Warehouse,
  set: TrainingSet,
  of: {
    readonly name: string
    readonly time: string
    readonly service: ServicePlan
    readonly divided: ProfileConfig
  },
): Promise<ReferenceProfile> {
  const types = new Map((await warehouse.introspect(set.table))?.map(({ name, type }) => [name, type]))
  const labels = set.labels.flatMap((name): ProfiledColumn[] => {
    const type = types.get(name)
    return type === undefined ? [] : [{ name, type, role: 'label' }]
  })
  const fields = vectorFields(of.service)
  const profile = await profileReference(warehouse, {
    name: of.name,
    relation: set.table,
    columns: [
      ...vectorColumns(fields, { calendar: calendarColumns(of.service), sources: fieldSources(of.service) }),
      ...labels,
    ],
    time: of.time,
    entity: serviceKeys(of.service).map(({ name: key }) => key),
    ...of.divided,
    rowKind: 'trainingSet',
  })
  await storeProfile(warehouse, profile)
  return profile
}
