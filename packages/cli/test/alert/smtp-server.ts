import { createServer, type AddressInfo, type Socket } from 'node:net'

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly data: string
}

export interface SmtpServer extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly Mail[]
  /** What clients logged in with, as `user:password`. */
  readonly logins: readonly string[]
}

/**
 * A small SMTP server: it offers AUTH PLAIN, and neither TLS nor anything else. `refuse` is its answer to MAIL; it does
 * not know `stranger`.
 */
export async function startSmtp(refuse?: string, stranger?: string): Promise<SmtpServer> {
  const mails: Mail[] = []
  const logins: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    const say = (line: string): void => void socket.write(`${line}\r\n`)
    let [from, to, data, buffer]: [string, string[], string[] | null, string] = ['', [], null, '']
    const read = (line: string): void => {
      if (data !== null) {
        if (line !== '.') return void data.push(line.replace(/^\./, ''))
        mails.push({ from, to, data: data.join('\n') })
        data = null
        return say('250 accepted')
      }
      const [word = '', ...rest] = line.split(' ')
      if (word === 'EHLO') return void socket.write('250-test\r\n250 AUTH PLAIN\r\n')
      if (word === 'AUTH') {
        logins.push(
          Buffer.from(rest[1] ?? '', 'base64')
            .toString('utf8')
            .split('\0')
            .slice(1)
            .join(':'),
        )
        return say('235 welcome')
      }
      if (word === 'MAIL') {
        if (refuse !== undefined) return say(refuse)
        ;[from, to] = [/<(.*?)>/.exec(line)?.[1] ?? '', []]
        return say('250 ok')
      }
      if (word === 'RCPT') {
        const address = /<(.*?)>/.exec(line)?.[1] ?? ''
        if (address === stranger) return say('550 no such user')
        to.push(address)
        return say('250 ok')
      }
      if (word === 'DATA') {
        data = []
        return say('354 go on')
      }
      if (word === 'QUIT') return void socket.end('221 bye\r\n')
      return say('502 what?')
    }
    say('220 test')
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (buffer + text).split('\r\n')
      buffer = lines.pop() ?? ''
      for (const line of lines) read(line)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    logins,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
