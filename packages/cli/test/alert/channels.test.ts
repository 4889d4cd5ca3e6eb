import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ChannelFailure } from '../../src/channel/channel.ts'
import { command, email, pagerduty, slack, teams, webhook } from '../../src/channel/list.ts'
import { pagerDutyEvents } from '../../src/channel/pagerduty.ts'
import { slackBody } from '../../src/channel/slack.ts'
import { delivery, message } from './messages.ts'
import { startReceiver } from './receiver.ts'
import { startSmtp } from './smtp-server.ts'

const place = { channel: 'ops', folder: process.cwd() }
const many = delivery(Array.from({ length: 1000 }, (_, i) => message(`usage_${i}`)))
const json = (text: string | undefined): unknown => JSON.parse(text ?? 'null')

afterEach(() => void vi.unstubAllEnvs())

describe('webhook', () => {
  it('posts JSON with its id, its time and a signature that the receiver can verify', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('HOOK', `${receiver.url}/hooks/hunter2`)
    const secrets = ['a plain secret', `whsec_${Buffer.from('24 bytes of a real key..').toString('base64')}`]
    for (const secret of secrets) {
      vi.stubEnv('SECRET', secret)
      await webhook.send(delivery([message('usage')]), { urlFrom: 'HOOK', secretFrom: 'SECRET' }, place)
    }
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hooks/hunter2', '/hooks/hunter2'])
    for (const [at, { headers, body }] of receiver.received.entries()) {
      expect(json(body)).toEqual({
        id: 'id-usage',
        key: 'martlet:drift:usage#1',
        title: 'Monitor usage alerts',
        messages: [message('usage')],
      })
      expect(headers['webhook-id']).toBe('id-usage')
      const timestamp = String(headers['webhook-timestamp'])
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60)
      const key = at === 0 ? 'a plain secret' : '24 bytes of a real key..'
      const signature = createHmac('sha256', key).update(`id-usage.${timestamp}.${body}`).digest('base64')
      expect(headers['webhook-signature']).toBe(`v1,${signature}`)
    }
  })

  it('has all messages of a digest', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('HOOK', receiver.url)
    await webhook.send(many, { urlFrom: 'HOOK' }, place)
    expect(receiver.received[0]?.headers['webhook-signature']).toBeUndefined()
    expect(json(receiver.received[0]?.body)).toMatchObject({ title: '1,000 alerts', messages: { length: 1000 } })
  })

  it.each([
    ['120', 120_000],
    [new Date(Date.now() + 600_000).toUTCString(), 600_000],
    ['0', 0],
    ['soon', 0],
    [new Date(0).toUTCString(), 0],
  ])('hears that it should not be called for some time: Retry-After %s', async (header, after) => {
    await using receiver = await startReceiver(() => 429, { 'retry-after': header })
    vi.stubEnv('HOOK', receiver.url)
    const failure: unknown = await webhook
      .send(delivery([message('usage')]), { urlFrom: 'HOOK' }, place)
      .then(undefined, (error: unknown) => error)
    expect(failure).toMatchObject({ message: 'it answered 429', soon: true })
    const told = failure instanceof ChannelFailure ? failure.after : Number.NaN
    // A date has whole seconds, and the test may be slow.
    expect(told).toBeLessThanOrEqual(after)
    expect(told).toBeGreaterThanOrEqual(Math.max(0, after - 60_000))
  })

  it('tells what went wrong, without address or secret', async () => {
    const receiver = await startReceiver((call) => [503, 429, 404][call - 1] ?? 200)
    vi.stubEnv('HOOK', `${receiver.url}/hunter2`)
    const send = (): Promise<string | void> => webhook.send(delivery([message('usage')]), { urlFrom: 'HOOK' }, place)
    await expect(send()).rejects.toMatchObject({ message: 'it answered 503', soon: true })
    await expect(send()).rejects.toMatchObject({ message: 'it answered 429', soon: true })
    await expect(send()).rejects.toMatchObject({ message: 'it answered 404', soon: false })
    await receiver[Symbol.asyncDispose]()
    await expect(send()).rejects.toMatchObject({
      message: expect.stringMatching(/^it could not be reached: [A-Z_]+$/),
      soon: true,
    })
    vi.stubEnv('HOOK', 'hunter2')
    await expect(send()).rejects.toMatchObject({
      code: 'ALERT_URL_MISSING',
      message: expect.not.stringContaining('hunter2'),
    })
    vi.stubEnv('HOOK', '')
    await expect(send()).rejects.toMatchObject({ message: expect.stringContaining('HOOK') })
  })
})

describe('slack', () => {
  it('posts blocks, with what means something to Slack escaped', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('HOOK', receiver.url)
    await slack.send(delivery([message('usage')]), { urlFrom: 'HOOK' }, place)
    await slack.send(many, { urlFrom: 'HOOK' }, place)
    expect(json(receiver.received[0]?.body)).toEqual({
      text: 'Monitor usage alerts',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'Monitor usage alerts' } },
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: 'Consumption fell by 17 % &amp; &lt;more&gt;.\n- kwh_7d: median 4 -&gt; 3.',
            verbatim: true,
          },
        },
        { type: 'section', text: { type: 'mrkdwn', text: '<https://reports.test/usage.html|Open the report>' } },
        { type: 'context', elements: [{ type: 'plain_text', text: 'Martlet id-usage' }] },
      ],
    })
    const digest = receiver.received[1]?.body ?? ''
    expect(digest).toContain('and 980 more')
    expect(digest.length).toBeLessThan(4000)
  })

  it('links to a report whose address needs escaping, and notifies nobody whom a sentence happens to name', async () => {
    const report = 'https://reports.test/drift%20reports/a.html?a=1&b=|'
    const { blocks } = slackBody(delivery([message('usage', { report, sentence: '@channel fell.' })])) as {
      readonly blocks: readonly { readonly text?: { readonly text: string; readonly verbatim?: boolean } }[]
    }
    expect(blocks[1]?.text).toEqual({
      type: 'mrkdwn',
      text: '@channel fell.\n- kwh_7d: median 4 -&gt; 3.',
      verbatim: true,
    })
    expect(blocks[2]?.text?.text).toBe('<https://reports.test/drift%20reports/a.html?a=1&amp;b=%7C|Open the report>')
  })

  it('cuts long texts between characters', () => {
    for (const at of [0, 1, 2, 3, 4, 5, 6]) {
      const title = `${'x'.repeat(at)}${'😀'.repeat(80)}`
      const sentence = `${'x'.repeat(2893 + at)}&😀😀`
      const body = JSON.stringify(slackBody(delivery([message('usage', { title, sentence })])))
      // Half of a character, and half of an escape.
      expect(body.match(/\\ud[89a-f]..|&(?!amp;|gt;|lt;)/gi)).toBeNull()
    }
  })
})

describe('teams', () => {
  it('posts an adaptive card, below the size that Teams refuses', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('HOOK', receiver.url)
    await teams.send(delivery([message('usage')]), { urlFrom: 'HOOK' }, place)
    await teams.send(many, { urlFrom: 'HOOK' }, place)
    expect(json(receiver.received[0]?.body)).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            body: [
              { type: 'TextBlock', text: 'Monitor usage alerts', color: 'Attention' },
              { text: 'Consumption fell by 17 % & \\<more\\>.' },
              { text: '- kwh\\_7d: median 4 -\\> 3.' },
              { isSubtle: true },
            ],
            actions: [{ type: 'Action.OpenUrl', url: 'https://reports.test/usage.html' }],
          },
        },
      ],
    })
    expect(receiver.received[1]?.body.length).toBeLessThan(28_000)
    const long = Array.from({ length: 30 }, (_, i) => message(`usage_${i}`, { sentence: '_'.repeat(2000) }))
    const title = '消费'.repeat(20_000)
    await teams.send(delivery(long), { urlFrom: 'HOOK' }, place)
    await teams.send(delivery([message('usage', { title, sentence: title })]), { urlFrom: 'HOOK' }, place)
    await teams.send(delivery(long.map((one) => ({ ...one, sentence: title }))), { urlFrom: 'HOOK' }, place)
    for (const { body } of receiver.received.slice(2)) expect(Buffer.byteLength(body)).toBeLessThan(28_000)
    expect(receiver.received[2]?.body).toContain('more')
  })
})

describe('email', () => {
  const settings = (port: number) => ({
    host: '127.0.0.1',
    port,
    user: 'martlet',
    passwordFrom: 'MAIL_PASSWORD',
    from: 'Martlet <martlet@example.com>',
    to: ['ops@example.com', 'ann@example.com'],
  })

  it('is sent by SMTP, with a login, and an id by which a repeated mail is known', async () => {
    await using smtp = await startSmtp()
    vi.stubEnv('MAIL_PASSWORD', 'hunter2')
    await email.send(delivery([message('usage')]), { ...settings(smtp.port), tls: 'none' }, place)
    expect(smtp.logins).toEqual(['martlet:hunter2'])
    expect(smtp.mails).toHaveLength(1)
    const [mail] = smtp.mails
    expect(mail).toMatchObject({ from: 'martlet@example.com', to: ['ops@example.com', 'ann@example.com'] })
    const [head = '', text = ''] = mail?.data.split(/\n\n([^]*)/) ?? []
    expect(head).toMatch(/^Subject: Monitor usage alerts$/m)
    expect(head).toMatch(/^Message-ID: <id-usage@example.com>$/m)
    expect(head).toMatch(/^X-Martlet-Incident: martlet:drift:usage#1$/im)
    expect(text).toContain('Consumption fell by 17 % & <more>.\n- kwh_7d: median 4 -> 3.')
    expect(text).toContain('Report: https://reports.test/usage.html')
  })

  it('is one mail for a thousand messages', async () => {
    await using smtp = await startSmtp()
    vi.stubEnv('MAIL_PASSWORD', 'hunter2')
    await email.send(many, { ...settings(smtp.port), tls: 'none' }, place)
    expect(smtp.mails).toHaveLength(1)
    expect(smtp.mails[0]?.data).toContain('Subject: 1,000 alerts')
    expect(smtp.mails[0]?.data).toContain('and 800 more')
  })

  it('is not sent in the clear unless that is asked for', async () => {
    await using smtp = await startSmtp()
    vi.stubEnv('MAIL_PASSWORD', 'hunter2')
    await expect(email.send(delivery([message('usage')]), settings(smtp.port), place)).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringMatching(/^the mail /),
    })
    expect(smtp.logins).toEqual([])
    expect(smtp.mails).toEqual([])
  })

  it('tells what the server answered by its code only', async () => {
    await using refusing = await startSmtp('550 no such user hunter2')
    await using busy = await startSmtp('451 later hunter2')
    vi.stubEnv('MAIL_PASSWORD', 'hunter2')
    const send = (port: number): Promise<string | void> =>
      email.send(delivery([message('usage')]), { ...settings(port), tls: 'none' }, place)
    await expect(send(refusing.port)).rejects.toMatchObject({ message: 'the mail server answered 550', soon: false })
    await expect(send(busy.port)).rejects.toMatchObject({ message: 'the mail server answered 451', soon: true })
    vi.stubEnv('MAIL_PASSWORD', '')
    await expect(send(busy.port)).rejects.toMatchObject({ code: 'ALERT_SECRET_MISSING' })
  })
})

describe('email to several', () => {
  it('says that some of them were refused, without sending it to the others again', async () => {
    await using smtp = await startSmtp(undefined, 'ann@example.com')
    const settings = { host: '127.0.0.1', port: smtp.port, tls: 'none', from: 'martlet@example.com' } as const
    const to = ['ops@example.com', 'ann@example.com']
    expect(await email.send(delivery([message('usage')]), { ...settings, to }, place)).toBe(
      'the mail server refused 1 of 2 addresses',
    )
    expect(smtp.mails.map((mail) => mail.to)).toEqual([['ops@example.com']])
    expect(await email.send(delivery([message('usage')]), { ...settings, to: to.slice(0, 1) }, place)).toBeUndefined()
  })
})

describe('pagerduty', () => {
  it('opens an incident and closes it by the same key; a digest is one incident', async () => {
    await using receiver = await startReceiver(() => 202)
    vi.stubEnv('KEY', 'R0UTING')
    const settings = { routingKeyFrom: 'KEY', url: receiver.url }
    const recovered = message('usage', { event: 'recovered', severity: 'none' })
    await pagerduty.send(delivery([message('usage')]), settings, place)
    await pagerduty.send(delivery([recovered], ['martlet:drift:usage#1']), settings, place)
    await pagerduty.send(many, settings, place)
    expect(receiver.received.map(({ body }) => json(body))).toMatchObject([
      {
        routing_key: 'R0UTING',
        event_action: 'trigger',
        dedup_key: 'martlet:drift:usage#1',
        payload: { severity: 'critical', source: 'martlet', summary: expect.stringContaining('fell by 17 %') },
        links: [{ href: 'https://reports.test/usage.html' }],
      },
      { event_action: 'resolve', dedup_key: 'martlet:drift:usage#1' },
      { event_action: 'trigger', dedup_key: 'martlet:digest:batch', payload: { summary: '1,000 alerts' } },
    ])
  })

  it('names incidents in no more than the 255 characters that PagerDuty takes, and no two alike', () => {
    const keysOf = (name: string): readonly string[] => {
      const key = `martlet:drift:${name}#1`
      const one = delivery([message('usage')])
      const open = pagerDutyEvents({ ...one, key }, 'R') as readonly { readonly dedup_key: string }[]
      const over = pagerDutyEvents({ ...one, messages: [], resolved: [key] }, 'R') as typeof open
      return [...open, ...over].map((event) => event.dedup_key)
    }
    const [a = '', closed] = keysOf(`${'x'.repeat(300)}a`)
    const [b = ''] = keysOf(`${'x'.repeat(300)}b`)
    expect([a.length, b.length, a === b]).toEqual([255, 255, false])
    expect(closed).toBe(a)
  })
})

describe('command', () => {
  it('reads JSON from its input, without a shell; its exit code and time are heard', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'martlet-command-'))
    try {
      await writeFile(
        join(folder, 'keep.mjs'),
        `import { readFileSync, writeFileSync } from 'node:fs'
writeFileSync(process.argv[2], readFileSync(0, 'utf8'))
if (process.argv[3] === 'wait') setInterval(() => {}, 1000)
else process.exitCode = Number(process.argv[3])`,
      )
      const run = (last: string, timeout?: string): Promise<string | void> =>
        command.send(
          delivery([message('usage')]),
          { argv: [process.execPath, 'keep.mjs', '$(echo) out', last], ...(timeout === undefined ? {} : { timeout }) },
          { channel: 'ops', folder },
        )
      await run('0')
      expect(json(await readFile(join(folder, '$(echo) out'), 'utf8'))).toMatchObject({
        id: 'id-usage',
        messages: [{ subject: 'drift:usage' }],
      })
      await expect(run('3')).rejects.toMatchObject({ message: 'the command ended with 3' })
      await expect(run('wait', '0.5s')).rejects.toMatchObject({ message: 'the command did not end within 0.5s' })
      await expect(
        command.send(delivery([message('usage')]), { argv: ['./nothing-here'] }, { channel: 'ops', folder }),
      ).rejects.toMatchObject({ message: 'the command could not be started: ENOENT' })
      await expect(
        command.send(delivery([message('usage')]), { argv: ['./keep.mjs/page'] }, { channel: 'ops', folder }),
      ).rejects.toMatchObject({ name: 'Error', message: 'the command could not be started: ENOTDIR' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('ends what the program has started, too, when it takes too long', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'martlet-command-'))
    try {
      await writeFile(join(folder, 'page.sh'), '#!/bin/sh\nsleep 1000 &\necho $! > child\nwait\n', { mode: 0o755 })
      await expect(
        command.send(delivery([message('usage')]), { argv: ['./page.sh'], timeout: '1s' }, { channel: 'ops', folder }),
      ).rejects.toMatchObject({ message: 'the command did not end within 1s' })
      const child = Number(await readFile(join(folder, 'child'), 'utf8'))
      expect(child).toBeGreaterThan(0)
      await expect.poll(() => isRunning(child)).toBe(false)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('does not run out of time at once when it has more than a timer can hold', async () => {
    const argv = [process.execPath, '-e', 'setTimeout(() => {}, 200)']
    await expect(command.send(delivery([message('usage')]), { argv, timeout: '30d' }, place)).resolves.toBeUndefined()
  })
})

/** Whether a process runs; one that has ended may wait for somebody to hear of it. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
