import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A TCP connection that sends exactly the bytes of a test. */
export interface Connection {
  readonly socket: Socket
  write(text: string): void
  /** The next answer (1xx left out); undefined when the connection ended without one. */
  answer(): Promise<RawAnswer | undefined>
  /** Resolves when the connection has ended, from either side. */
  readonly closed: Promise<void>
}

export interface RequestParts {
  readonly key?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly version?: '1.0' | '1.1'
}

/** The bytes of a request; `content-length` is that of the body unless given. */
export function requestText(
  method: string,
  path: string,
  { key, body, headers = {}, version = '1.1' }: RequestParts = {},
): string {
  const all: Record<string, string> = {
    ...(version === '1.1' ? { host: '127.0.0.1' } : {}),
    ...(key === undefined ? {} : { authorization: `Bearer key of ${key}` }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n${body ?? ''}`
}

/** Connects. With `reading: false` nothing that the server sends is ever read. */
export function openConnection(port: number, { reading = true }: { readonly reading?: boolean } = {}): Connection {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setNoDelay(true)
  const answers: RawAnswer[] = []
  const waiting: ((answer: RawAnswer | undefined) => void)[] = []
  let ended = false
  let pieces: Buffer[] = []
  let bytes = 0
  let wanted = 0
  const give = (answer: RawAnswer): void => {
    const next = waiting.shift()
    if (next === undefined) answers.push(answer)
    else next(answer)
  }
  const take = (isWhole: boolean): void => {
    let received = Buffer.concat(pieces)
    for (;;) {
      const parsed = parse(received, isWhole)
      if ('needs' in parsed) {
        wanted = parsed.needs
        break
      }
      if (parsed.answer.status >= 200) give(parsed.answer)
      received = received.subarray(parsed.length)
    }
    pieces = [received]
    bytes = received.length
  }
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  socket.on('error', () => undefined)
  socket.on('end', () => socket.end())
  socket.on('close', () => {
    ended = true
    take(true)
    for (const next of waiting.splice(0)) next(undefined)
    resolve()
  })
  if (reading) {
    socket.on('data', (chunk: Buffer) => {
      pieces.push(chunk)
      bytes += chunk.length
      if (bytes >= wanted) take(false)
    })
  }
  return {
    socket,
    write: (text) => void socket.write(text),
    answer() {
      const next = answers.shift()
      if (next !== undefined || ended) return Promise.resolve(next)
      return new Promise((done) => waiting.push(done))
    },
    closed,
  }
}

/** Sends one request on a connection of its own. Rejects when the connection ends without an answer or there is none for 20 s. */
export async function ask(port: number, method: string, path: string, parts: RequestParts = {}): Promise<RawAnswer> {
  const connection = openConnection(port)
  connection.write(requestText(method, path, { ...parts, headers: { connection: 'close', ...parts.headers } }))
  const patience = setTimeout(() => connection.socket.destroy(), 20_000)
  const answer = await connection.answer()
  clearTimeout(patience)
  connection.socket.destroy()
  if (answer === undefined) throw new Error(`${method} ${path.slice(0, 100)}: the connection ended without an answer`)
  return answer
}

/** The first whole answer in what has arrived, or how many bytes are needed before the next attempt. */
function parse(
  bytes: Buffer,
  isWhole: boolean,
): { readonly answer: RawAnswer; readonly length: number } | { readonly needs: number } {
  const more = { needs: bytes.length + 1 }
  const split = bytes.indexOf('\r\n\r\n')
  if (split === -1) return more
  const [line = '', ...rest] = bytes.toString('latin1', 0, split).split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1])
  const headers = Object.fromEntries(
    rest.map((header) => [
      header.slice(0, header.indexOf(':')).toLowerCase(),
      header.slice(header.indexOf(':') + 1).trim(),
    ]),
  )
  const start = split + 4
  const answer = (end: number, length: number) => ({
    answer: { status, headers, body: bytes.toString('utf8', start, end) },
    length,
  })
  if (status < 200 || status === 204 || status === 304) return answer(start, start)
  if (headers['transfer-encoding'] === 'chunked') {
    const end = bytes.indexOf('0\r\n\r\n', start)
    return end === -1 ? more : answer(end, end + 5)
  }
  // Neither a length nor chunks: the end of the connection is the end of the body.
  if (headers['content-length'] === undefined) return isWhole ? answer(bytes.length, bytes.length) : more
  const end = start + Number(headers['content-length'])
  return bytes.length < end ? { needs: end } : answer(end, end)
}
