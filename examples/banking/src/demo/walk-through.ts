import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Commands } from '@martlet/example-logistics/demo/commands'
import { Narrator } from '@martlet/example-logistics/demo/narrator'
import { loadProject } from 'martlet'
import { z } from 'zod'
import { simulate } from '../bank/simulate.ts'
import { STATE } from '../state-folder.ts'
import { BROKERS } from '../topics.ts'
import { daysBack, UNTIL, UNTIL_MICROS } from '../world-range.ts'
import { compareDecided, readLog, type Compared } from './compare-decided.ts'
import { decide } from './decide.ts'
import { livePayments, type LivePayment } from './live-payments.ts'
import { decisionLines } from './show.ts'

export interface DemoOptions {
  readonly customers: number
  readonly days: number
  /** Payments of customers that are decided over HTTP. */
  readonly payments: number
  /** Addresses of Kafka brokers that the changes travel through; left out, they are files. */
  readonly brokers?: string | undefined
}

const EXAMPLE = join(import.meta.dirname, '../..')
const SEED = 1
const HOUR = 3_600_000
/** As long as everything behind `materialize` may take on a machine that is busy. */
const REST = 120_000

/** Runs every step and prints what happens. Returns the exit code: 1 when something that was served is not what is computed. */
export async function walkThrough({ customers, days, payments, brokers }: DemoOptions): Promise<number> {
  const say = new Narrator()
  // All processes must mean the same bank, also when the hour ends.
  const commands = new Commands(say, { BANKING_UNTIL: UNTIL, ...through(brokers) }, EXAMPLE)
  await rm(STATE, { recursive: true, force: true })
  const size = ['--seed', String(SEED), '--customers', String(customers), '--days', String(days)]

  say.step('Create the warehouse: raw and mart')
  await commands.martlet(['deploy', '--yes'], { last: 1 })

  say.step('A bank, and the changes of its database as a connector delivers them')
  if (brokers === undefined) await commands.script('src/generate.ts', 'generate', size)
  else await commands.script('src/publish.ts', 'publish', size)

  say.step('Change events: raw, then current rows, dimensions with history, and facts')
  if (brokers === undefined) await commands.script('src/ingest.ts', 'ingest', [])
  else await commands.martlet(['ingest'])

  say.step('Check the rules: unique, known, recent, nothing missing, balances to the cent')
  await commands.martlet(['check'], { codes: [0, 2] })

  say.step('Apply the definitions, and compute what is served')
  await commands.martlet(['apply', '--yes'], { last: 1 })
  // A row of a later hour would be in the training set that is compared below, and not online.
  const left = HOUR - (Date.now() % HOUR)
  if (left < REST) {
    say.line(`the hour ends in ${Math.ceil(left / 1000)} s: waiting for the next one`)
    await sleep(left)
  }
  await commands.martlet(['materialize', '--from', daysBack(1), '--to', new Date().toISOString()], { last: 8 })

  say.step('Train on the first weeks, judge by the last ones, beside a rule')
  await commands.script('src/train.ts', 'train', ['--promote'])

  say.step('Serve; decide payments one after another, and push each that is let through')
  const world = simulate({ seed: SEED, until: UNTIL_MICROS, customers, days })
  const server = await commands.serve()
  const live = livePayments(world, payments, Date.now() * 1000)
  const decided = await decide(server.url, world.bank, live, await thresholdOf()).finally(() => server.stop())
  for (const line of decisionLines(decided, world.open)) say.line(line)

  say.step('Bring what was pushed into the warehouse, and compare what was served with what is computed')
  await commands.martlet(['ingest'])
  const same = await compared(decided.decisions.map(({ payment }) => payment))
  say.line(
    `${same.rows} decisions, ${same.values} values: ${same.different.length} differ from a training set of the same instants ` +
      `(${same.rounded} doubles in their last digits)`,
  )
  for (const line of same.different.slice(0, 10)) say.line(line)
  await commands.martlet(['check', 'velocity'], { codes: [0, 2], last: 1 })

  say.step('Compare what was asked with what the model was trained on')
  await commands.martlet(['drift'], { codes: [0, 1, 2, 3] })

  say.step('Where everything is')
  await commands.martlet(['status'])
  for (const line of [
    'warehouse  examples/banking/.martlet/warehouse.duckdb: schemas raw, mart, features, training',
    'serve      npx martlet serve, in examples/banking; then http://127.0.0.1:8080/docs',
    'guide      docs/guide-banking.md',
  ])
    say.line(line)
  const seconds = say.end().toFixed(1)
  process.stdout.write(`\nDone in ${seconds} s. The next run starts from scratch.\n`)
  return same.different.length === 0 && same.rows > 0 ? 0 : 1
}

/** Topics of its own for every run: those of a run before have another bank's changes. */
function through(brokers: string | undefined): Readonly<Record<string, string>> {
  if (brokers === undefined) return {}
  const variables = { [BROKERS]: brokers, BANKING_TOPICS: `bank-${randomBytes(4).toString('hex')}` }
  // This process reads the configuration, too.
  Object.assign(process.env, variables)
  return variables
}

async function thresholdOf(): Promise<number> {
  const text = await readFile(join(STATE, 'training/payment_fraud/metrics.json'), 'utf8')
  return z.object({ threshold: z.number() }).parse(JSON.parse(text)).threshold
}

async function compared(payments: readonly LivePayment[]): Promise<Compared> {
  await using project = await loadProject(join(EXAMPLE, 'martlet.config.ts'))
  const asked = payments.map(({ amount, ...payment }) => ({ ...payment, amount: amount / 100 }))
  // The warehouse is closed when this returns.
  return await compareDecided(await project.warehouse(), asked, await readLog(join(STATE, 'log')))
}
