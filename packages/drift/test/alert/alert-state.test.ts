import { describe, expect, it } from 'vitest'
import {
  alertMessage,
  deliveryLines,
  deliveryTitle,
  nextState,
  type AlertDelivery,
  type AlertRules,
  type AlertState,
  type AlertStep,
  type Observation,
} from '../../src/index.ts'

const rules: AlertRules = { confirm: 1, quiet: 1, remindAfter: null }
const day = (n: number): string => new Date(Date.UTC(2026, 5, n, 6)).toISOString()

function seen(n: number, alerting: boolean | null, more: Partial<Observation> = {}): Observation {
  return {
    subject: 'drift:usage',
    alerting,
    status: alerting === true ? 'drift' : 'ok',
    severity: alerting === true ? 'crit' : 'none',
    sentence: `day ${n}`,
    details: [],
    since: null,
    window: day(n),
    quiet: { windows: alerting === false ? 1 : 0, of: 1 },
    at: day(n),
    ...more,
  }
}

function play(steps: readonly Observation[], by: AlertRules = rules, from?: AlertState): readonly AlertStep[] {
  let state = from
  return steps.map((one) => {
    const step = nextState(state, one, by)
    state = step.state
    return step
  })
}
const events = (steps: readonly AlertStep[]): readonly (string | null)[] => steps.map(({ event }) => event)

describe('what is watched', () => {
  it('is told once when it begins to alert, and once when it has recovered', () => {
    const steps = play([seen(1, false), seen(2, true), seen(3, true), seen(4, false), seen(5, false), seen(6, true)])
    expect(events(steps)).toEqual([null, 'alert', null, 'recovered', null, 'alert'])
    expect(steps.map(({ state }) => state.incident)).toEqual([0, 1, 1, 1, 1, 2])
    expect(steps.map(({ state }) => state.alertingSince)).toEqual([null, day(2), day(2), null, null, day(6)])
  })

  it('alerts after so many runs about different windows, and is quiet after so many', () => {
    const steps = play(
      [
        seen(1, true),
        seen(1, true),
        seen(2, true),
        seen(3, false),
        seen(3, false),
        seen(4, true),
        seen(5, false),
        seen(6, false),
      ],
      { confirm: 2, quiet: 2, remindAfter: null },
    )
    // A second run about the same window is the same evidence.
    expect(events(steps)).toEqual([null, null, 'alert', null, null, null, null, 'recovered'])
  })

  it('of a run with enough windows, they say whether it is quiet', () => {
    const by = { ...rules, quiet: 3 }
    const quiet = (n: number, windows: number): Observation => seen(n, false, { quiet: { windows, of: 4 } })
    expect(events(play([seen(1, true), quiet(2, 2), quiet(3, 3)], by))).toEqual(['alert', null, 'recovered'])
  })

  it('does not change by what cannot be judged, nor by a run about an older window', () => {
    const steps = play([seen(1, null), seen(2, true), seen(3, null), seen(1, false, { at: day(3) }), seen(4, false)])
    expect(events(steps)).toEqual([null, 'alert', null, null, 'recovered'])
    expect(steps[3]?.state.sentence).toBe('day 3')
    expect(steps[2]?.state.badRuns).toBe(1)
  })

  it('is told again when it becomes worse, and reminded of', () => {
    const warn = (n: number): Observation => seen(n, true, { severity: 'warn' })
    expect(events(play([warn(1), seen(2, true), seen(3, true), warn(4), seen(5, true)]))).toEqual([
      'alert',
      'worse',
      null,
      null,
      null,
    ])
    const reminded = play(
      [1, 2, 3, 4, 5].map((n) => seen(n, true)),
      { ...rules, remindAfter: 48 * 3_600_000 },
    )
    expect(events(reminded)).toEqual(['alert', null, 'reminder', null, 'reminder'])
  })

  it('is not silent until a window has come that lay in the future', () => {
    const [ahead, ...steps] = play([
      seen(1, false, { window: day(28) }),
      seen(2, true),
      seen(3, false, { window: day(1) }),
    ])
    expect(ahead?.state.lastWindow).toBe(day(28))
    expect(events(steps)).toEqual(['alert', null])
    expect(steps.map(({ state }) => state.lastWindow)).toEqual([day(2), day(2)])
  })

  it('is not silenced by a run whose clock was years ahead', () => {
    const ahead = seen(1, true, { window: '2031-06-01T06:00:00.000Z', at: '2031-06-01T06:00:00.000Z' })
    const reminded = { ...rules, remindAfter: 24 * 3_600_000 }
    const steps = play([ahead, seen(2, true), seen(3, true), seen(4, true), seen(5, false), seen(6, true)], reminded)
    expect(events(steps)).toEqual(['alert', null, 'reminder', 'reminder', 'recovered', 'alert'])
    expect(steps.map(({ state }) => state.lastWindow)).toEqual([ahead.window, ...[2, 3, 4, 5, 6].map(day)])
    expect(steps.at(-1)?.state.lastRun).toBe(day(6))
  })

  it('is told by nobody while it is acknowledged, and again when that has passed', () => {
    const [begun] = play([seen(1, true)])
    const acknowledged = { until: day(4), by: 'ann', reason: 'known' }
    const state = begun === undefined ? undefined : { ...begun.state, acknowledged }
    const steps = play([seen(2, true), seen(3, true), seen(4, true), seen(5, true)], rules, state)
    expect(events(steps)).toEqual([null, null, 'reminder', null])
    expect(steps.at(-1)?.state.acknowledged).toBeNull()
    const recovered = play([seen(2, true), seen(3, false)], rules, state)
    expect(events(recovered)).toEqual([null, 'recovered'])
    expect(recovered[1]?.state.acknowledged).toBeNull()
    // It was acknowledged before it began: nobody was told, so nobody is told that it has ended.
    const before = { ...(state as AlertState), alertingSince: null, told: null }
    expect(events(play([seen(2, true), seen(3, false)], rules, before))).toEqual([null, null])
    expect(events(play([seen(2, true), seen(4, true)], rules, before))).toEqual([null, 'alert'])
  })
})

describe('a message', () => {
  const message = (subject: string, event: 'alert' | 'recovered', severity: 'crit' | 'warn') => {
    const observation = seen(2, event === 'alert', { subject, severity, details: ['kwh fell by 17 %.'] })
    const state = nextState(undefined, observation, rules).state
    return alertMessage(`id of ${subject}`, event, state, observation, null)
  }
  const delivery = (messages: AlertDelivery['messages']): AlertDelivery => ({
    id: 'd',
    messages,
    key: 'k',
    resolved: [],
  })

  it('says in plain words what it is about', () => {
    const one = delivery([message('drift:usage', 'alert', 'crit')])
    expect(deliveryTitle(one)).toBe('Monitor usage alerts')
    expect(deliveryLines(one, 5)).toEqual(['day 2', '- kwh fell by 17 %.'])
    expect(deliveryTitle(delivery([message('quality:usage', 'recovered', 'crit')]))).toBe(
      'Quality of usage is quiet again',
    )
  })

  it('of many is a digest, the most severe first', () => {
    const many = delivery([
      message('drift:a', 'alert', 'warn'),
      message('drift:b', 'alert', 'crit'),
      message('freshness:c', 'recovered', 'warn'),
    ])
    expect(deliveryTitle(many)).toBe('2 alerts and 1 recovery')
    expect(deliveryLines(many, 2)).toEqual(['- Monitor b alerts: day 2', '- Monitor a alerts: day 2', 'and 1 more'])
  })
})
