/** Every scenario of joins and timers that Flink has answered, played through our operators: same results in the same order of time. */
import { describe, expect, it } from 'vitest'
import { intervalJoin } from '../../src/operators/intervalJoin.ts'
import type { Interval } from '../../src/operators/joins/interval.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import { windowJoin } from '../../src/operators/windowJoin.ts'
import { type FixedWindows, type SessionWindows, session, sliding, tumbling } from '../../src/time/windows.ts'
import { canonical } from './canonical.ts'
import { type GoldenScenario, loadGolden, type Output, scenariosOf } from './golden.ts'
import { type Input, type Made, playThrough, saidHere } from './playThrough.ts'
import type { Assigner, ElementEvent, EventTimers, IntervalJoin, Operator, WindowJoin } from './scenario.ts'

const golden = loadGolden()
const id = 'operator'
const byKey = keyBy((event: ElementEvent) => event.key)

/** Where ours is another answer than Flink's: a timer that is set at the end of the input rings no more, since one that repeats would never stop. */
const unfinished = [
  'a timer that a timer registers fires at the same watermark where its time has come',
  'random timers 9',
  'random timers 11',
  'random timers 15',
]

/**
 * Flink unites both streams of a window join, and counts the watermark of an input that was idle only when it has caught up with the other; here, as
 * in Flink's operators with two inputs, it counts at once.
 */
const heldBack = [
  'an idle input of a window join holds back no watermark',
  ...[7, 10, 14, 19, 20].map((number) => `random window joins ${number}`),
]

/**
 * Once all inputs are idle the highest of their watermarks counts, as it does where Flink unites streams. Flink's operators with two inputs leave it
 * to the order in which they have become idle.
 */
const byOrder = [
  'both inputs idle are an idle output, and one of them active again is an active one',
  'random interval joins 5',
]

/** Which there are; one within the lateness of a window fires all pairs of the window again, so how often is a question of when. */
function results(steps: readonly (readonly Output[])[]): ReadonlySet<string> {
  return new Set(steps.flat().flatMap((output) => (output.type === 'result' ? [JSON.stringify(output)] : [])))
}

function comparison<O extends Operator>(scenario: GoldenScenario<O>, make: (inputs: readonly Input[]) => Made) {
  const { steps, late } = playThrough(scenario, make)
  const flinks = scenario.steps.map(({ outputs }) => saidHere(outputs))
  return { ours: canonical(scenario.operator, steps.map(saidHere)), flinks: canonical(scenario.operator, flinks), late }
}

describe('interval joins as Flink has them', () => {
  const scenarios = scenariosOf(golden, 'intervalJoin')

  it.each(scenarios.filter(({ name }) => !byOrder.includes(name)))('$name', (scenario) => {
    const { ours, flinks } = comparison(scenario, (inputs) => interval(scenario.operator, inputs))
    expect(ours).toEqual(flinks)
  })

  it.each(scenarios.filter(({ name }) => byOrder.includes(name)))(
    'but for inputs that are all idle: $name',
    (scenario) => {
      const { ours, flinks } = comparison(scenario, (inputs) => interval(scenario.operator, inputs))
      const at = ours.findIndex((step, at) => JSON.stringify(step) !== JSON.stringify(flinks[at]))
      const [first, ...others] = ours[at] ?? []
      expect(first).toMatchObject({ type: 'watermark' })
      expect(others).toEqual(flinks[at])
      expect(others).toEqual([{ type: 'status', idle: true }])
    },
  )
})

function interval(
  { lower, upper, lowerInclusive, upperInclusive, lateOutput }: IntervalJoin,
  inputs: readonly Input[],
): Made {
  const [left, right] = inputs as [Input, Input]
  const lefts = sideOutput<ElementEvent>()
  const rights = sideOutput<ElementEvent>()
  const bounds = {
    ...(lowerInclusive ? { from: lower } : { after: lower }),
    ...(upperInclusive ? { to: upper } : { before: upper }),
  } as Interval
  const late = lateOutput ? { left: { late: lefts }, right: { late: rights } } : {}
  const main = left.pipe(
    byKey,
    intervalJoin(right.pipe(byKey), bounds, (one, other) => ({ value: [one.value, other.value] }), { id, ...late }),
  )
  return { main, late: lateOutput ? [lefts, rights] : [] }
}

describe('window joins as Flink has them', () => {
  const scenarios = scenariosOf(golden, 'windowJoin')

  it.each(scenarios.filter(({ name }) => !heldBack.includes(name)))('$name', (scenario) => {
    const { ours, flinks, late } = comparison(scenario, (inputs) => windowed(scenario.operator, inputs))
    expect(ours).toEqual(flinks)
    expect(late).toBe(scenario.droppedLate)
  })

  it.each(scenarios.filter(({ name }) => heldBack.includes(name)))('but for when: $name', (scenario) => {
    const { ours, flinks, late } = comparison(scenario, (inputs) => windowed(scenario.operator, inputs))
    expect(ours).not.toEqual(flinks)
    expect(results(ours)).toEqual(results(flinks))
    expect(late).toBe(scenario.droppedLate)
  })
})

function windowed({ assigner, allowedLateness }: WindowJoin, inputs: readonly Input[]): Made {
  const [left, right] = inputs as [Input, Input]
  const main = left.pipe(
    byKey,
    windowJoin(right.pipe(byKey), assignerOf(assigner), (one, other) => ({ value: [one.value, other.value] }), {
      id,
      allowedLateness,
    }),
  )
  return { main }
}

function assignerOf(assigner: Assigner): FixedWindows | SessionWindows {
  if (assigner.type === 'tumbling') return tumbling(assigner.size, { offset: assigner.offset })
  if (assigner.type === 'sliding') return sliding(assigner.size, assigner.slide, { offset: assigner.offset })
  if (assigner.type === 'session') return session(assigner.gap)
  throw new Error('a window join ends')
}

describe('event timers as Flink has them', () => {
  const scenarios = scenariosOf(golden, 'eventTimers')

  it.each(scenarios.filter(({ name }) => !unfinished.includes(name)))('$name', (scenario) => {
    const { ours, flinks } = comparison(scenario, (inputs) => timers(scenario.operator, inputs))
    expect(ours).toEqual(flinks)
  })

  it.each(scenarios.filter(({ name }) => unfinished.includes(name)))(
    'but for timers that are set at the end: $name',
    (scenario) => {
      const { ours, flinks } = comparison(scenario, (inputs) => timers(scenario.operator, inputs))
      const end = scenario.steps.findIndex(({ event }) => event.type === 'watermark' && event.timestamp === Infinity)
      expect(scenario.operator.repeat).toBeDefined()
      expect(ours.toSpliced(end, 1)).toEqual(flinks.toSpliced(end, 1))
      expect(ours[end]?.length).toBeLessThan(flinks[end]?.length ?? 0)
      expect(flinks[end]).toEqual(expect.arrayContaining([...(ours[end] ?? [])]))
    },
  )
})

function timers({ repeat }: EventTimers, [input]: readonly Input[]): Made {
  const main = (input as Input).pipe(
    byKey,
    keyedProcess(
      {
        onElement(event, { timers }) {
          if (event.delete) timers.event.delete(event.value)
          else timers.event.set(event.value)
        },
        onEventTimer(time, { timers, watermark }) {
          if (repeat !== undefined && time + repeat.every <= repeat.until) timers.event.set(time + repeat.every)
          return [{ value: time, watermark }]
        },
      },
      { id },
    ),
  )
  return { main }
}
