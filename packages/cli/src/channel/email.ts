import { deliveryLines, deliveryReport, deliveryTitle, type AlertDelivery } from '@martlet/drift/alerts'
import type * as Nodemailer from 'nodemailer'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import { variable } from '../place/environment.ts'
import { ChannelFailure, type AlertChannel } from './channel.ts'
import { channelSecret } from './post-json.ts'

export interface EmailChannelConfig {
  readonly host: string
  /** @default 587, with `tls: 'implicit'` 465 */
  readonly port?: number
  /** `none` sends everything in the clear: for a server on this machine. @default 'starttls' */
  readonly tls?: 'starttls' | 'implicit' | 'none'
  readonly user?: string
  /** The environment variable that holds the password. */
  readonly passwordFrom?: string
  readonly from: string
  readonly to: readonly string[]
}

const MESSAGES = 200
const TIMEOUT_MS = 20_000
const address = z.string().regex(/^[^\r\n]*@[^\r\n]*$/, 'must be an e-mail address')

/** Sends a mail by SMTP. It is delivered when the server took it for one of the addresses. */
export const email: AlertChannel<'email', EmailChannelConfig> = {
  name: 'email',
  schema: z
    .strictObject({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65_535).optional(),
      tls: z.enum(['starttls', 'implicit', 'none']).optional(),
      user: z.string().min(1).optional(),
      passwordFrom: variable.optional(),
      from: address,
      to: z.array(address).min(1),
    })
    .refine(({ user, passwordFrom }) => (user === undefined) === (passwordFrom === undefined), {
      error: 'must have both user and passwordFrom, or neither',
    }),
  async send(delivery, config, { channel }) {
    const { createTransport } = await mailer()
    const { host, tls = 'starttls', port = tls === 'implicit' ? 465 : 587, user, passwordFrom } = config
    const auth =
      user === undefined || passwordFrom === undefined
        ? {}
        : { auth: { user, pass: channelSecret(passwordFrom, channel, 'passwordFrom', 'the password of the user') } }
    const transport = createTransport({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      ...auth,
    })
    try {
      const { rejected } = await transport.sendMail(mailOf(delivery, config))
      // The others have it: another attempt would be a second mail to them.
      return rejected.length === 0
        ? undefined
        : `the mail server refused ${rejected.length} of ${config.to.length} addresses`
    } catch (error) {
      throw failure(error)
    } finally {
      transport.close()
    }
  },
}

function mailOf(delivery: AlertDelivery, { from, to }: EmailChannelConfig) {
  const report = deliveryReport(delivery)
  const lines = [...deliveryLines(delivery, MESSAGES), ...(report === null ? [] : ['', `Report: ${report}`])]
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'martlet.invalid'
  return {
    from,
    to: [...to],
    subject: deliveryTitle(delivery),
    text: `${lines.join('\n')}\n\nMartlet ${delivery.id}\n`,
    // Servers and readers recognize a repeated mail by it.
    messageId: `<${delivery.id}@${domain}>`,
    headers: { 'auto-submitted': 'auto-generated', 'x-martlet-incident': delivery.key },
  }
}

/** What a server answered may quote addresses, so only its code is told. */
function failure(error: unknown): ChannelFailure {
  const { code, responseCode } =
    error instanceof Error ? (error as Error & { code?: unknown; responseCode?: unknown }) : {}
  if (typeof responseCode === 'number')
    return new ChannelFailure(`the mail server answered ${responseCode}`, { soon: responseCode < 500 })
  return new ChannelFailure(
    `the mail could not be sent: ${typeof code === 'string' ? code : 'the connection failed'}`,
    {
      soon: true,
    },
  )
}

async function mailer(): Promise<Pick<typeof Nodemailer, 'createTransport'>> {
  try {
    return await import('nodemailer')
  } catch {
    throw new MartletError('MAIL_CLIENT_MISSING', 'E-mail needs the package nodemailer: npm install nodemailer.')
  }
}
