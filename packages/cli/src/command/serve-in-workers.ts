import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { serveWorkers, type WorkerEvent } from '@martlet/serving'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import type { Outcome } from '../terminal/outcome.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { CommandContext } from './run-command.ts'
import { AUTH_KINDS, servedText } from './served.ts'

const BIN = join(import.meta.dirname, '../../bin/martlet.js')

interface Where {
  readonly workers: number | 'auto'
  readonly port: number
  readonly host: string
}

/** What one worker answers, which is `martlet serve --json` itself. */
const answer = z.discriminatedUnion('ok', [
  z.looseObject({
    ok: z.literal(true),
    ready: z.boolean(),
    auth: z.enum(AUTH_KINDS),
    services: z.array(z.string()),
    models: z.array(z.strictObject({ model: z.string(), alias: z.string(), version: z.number() })),
  }),
  z.looseObject({
    ok: z.literal(false),
    error: z.object({ code: z.string(), message: z.string(), data: z.record(z.string(), z.unknown()) }),
  }),
])
type Answer = z.infer<typeof answer>

/** Serves in several processes, each of which opens the project for itself; this one opens none of its places. */
export async function serveInWorkers(context: CommandContext, { workers, port, host }: Where): Promise<Outcome> {
  const { terminal } = context
  const { config, paths } = await context.project()
  const { promise: first, resolve: answered } = Promise.withResolvers<Answer>()
  let failure: Extract<Answer, { ok: false }> | undefined
  const running = await serveWorkers({
    workers,
    port,
    host,
    script: BIN,
    args: ['serve', '--json', '--config', await context.configFile(), ...(terminal.verbose ? ['--verbose'] : [])],
    output: 'pipe',
    onSpawn(child, number) {
      listenTo(child, number, terminal, (given) => {
        if (!given.ok) failure ??= given
        else answered(given)
      })
    },
    onEvent: (event) => tell(terminal, event),
  }).catch((error: unknown) => {
    // The worker has said why in its own words: they are passed on once, whoever of the workers said them.
    if (failure === undefined) throw error
    const { code, message, data } = failure.error
    throw Object.assign(new MartletError('WORKER_FAILED', message, { data }), { code })
  })
  const what = await first
  if (!what.ok) throw new MartletError('WORKER_FAILED', what.error.message)
  const { ready, auth, services, models } = what
  const url = config.serving?.tls === undefined ? running.url : running.url.replace(/^http:/, 'https:')
  const processes = running.workers.map(({ worker, pid }) => ({ worker, pid }))
  return {
    exitCode: 0,
    data: { url, port: running.port, ready, auth, services, models, workers: processes },
    text: servedText(
      url,
      { services, models },
      { auth: config.serving?.auth ?? 'none', ready, log: paths.log, workers: processes },
      terminal,
    ),
    continues: async () => {
      await running.closed
      terminal.note('stopped')
      terminal.event({ type: 'stopped' })
    },
  }
}

/** Reads what a worker prints: its answer, its events, and whatever else it says before it dies. */
function listenTo(child: ChildProcess, worker: number, terminal: Terminal, onAnswer: (given: Answer) => void): void {
  eachLine(child.stdout, (line) => {
    const read = answer.safeParse(jsonOf(line))
    if (read.success) onAnswer(read.data)
  })
  eachLine(child.stderr, (line) => {
    const event = errorEvent.safeParse(jsonOf(line))
    if (event.success) {
      const { route, requestId, message } = event.data
      terminal.note(`${route} (request ${requestId}, worker ${worker}): ${message}`)
      terminal.event({ ...event.data, worker })
    } else if (jsonOf(line) === undefined) {
      terminal.note(`worker ${worker}: ${line}`)
      terminal.event({ type: 'worker-output', worker, text: line })
    }
  })
}

const errorEvent = z.looseObject({
  type: z.literal('error'),
  route: z.string(),
  requestId: z.string(),
  message: z.string(),
})

function eachLine(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine)
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function tell(terminal: Terminal, event: WorkerEvent): void {
  terminal.event(event)
  if (event.type === 'worker-started') return
  const { worker, exitCode, signal, connections } = event
  const how = signal === null ? `exit code ${exitCode}` : signal
  const lost = connections === 0 ? '' : `, with ${connections} ${connections === 1 ? 'connection' : 'connections'} open`
  switch (event.type) {
    case 'worker-ended':
      return terminal.note(`worker ${worker} (process ${event.pid}) ended (${how})${lost}; ${again(event.restartMs)}`)
    case 'worker-failed':
      return terminal.note(`worker ${worker} ended before it was ready (${how}); ${again(event.restartMs)}`)
    case 'restart-failed':
      return terminal.note(`a new worker ended before it was ready (${how}); worker ${worker} goes on`)
  }
}

function again(restartMs: number): string {
  return restartMs === 0 ? 'another one starts' : `another one starts in ${restartMs / 1000} s`
}
