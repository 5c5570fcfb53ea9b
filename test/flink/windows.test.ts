/**
 * Every window scenario that Flink has answered, played through our operators: same results, in the same order of time. Two things are said
 * differently, and so translated: a result of the global window has the timestamp of its last record here, and that of the end of time in
 * Flink; and there is no element here that says that an input is active again, since its next one does.
 */
import { describe, expect, it } from 'vitest'
import { idle, type StreamElement, watermark } from '../../src/element.ts'
import {
  type FixedWindows,
  type GlobalWindows,
  globalWindow,
  keyBy,
  onCount,
  onWatermark,
  type SessionWindows,
  session,
  sideOutput,
  sliding,
  tumbling,
  type Window,
  window,
} from '../../src/index.ts'
import { streamRecord } from '../../src/record.ts'
import { type Made, player, type Said } from '../operators/windows/player.ts'
import { canonical } from './canonical.ts'
import { type GoldenScenario, loadGolden, type Output, scenariosOf } from './golden.ts'
import type { Assigner, ElementEvent, Event, WindowOperator } from './scenario.ts'

interface Result {
  readonly key: string
  readonly window: Window
  readonly value: number | readonly number[]
}

/** Where ours are other answers than Flink's, and why. The README says it too. */
const differences: Readonly<Record<string, string>> = {
  'until the watermark is known again nothing is late, so a window that had fired comes out twice':
    'the watermark is in the snapshot here, and what was late before a restart is late after it',
  'until the watermark is known again late elements within the lateness wait for it':
    'the watermark is in the snapshot here, so they fire their window at once, as without the restart',
}
const refused = 'a global window that waits for the watermark fires at the end of the input'

const scenarios = scenariosOf(loadGolden(), 'window').filter(({ name }) => name !== refused)

describe('windows as Flink has them', () => {
  it.each(scenarios.filter(({ name }) => !(name in differences)))('$name', (scenario) => {
    const { steps, droppedLate } = scenario
    const ours = answers(scenario)
    const flinks = steps.map(({ outputs }) => outputs.filter(isSaidHere))
    expect(canonical(scenario.operator, ours.steps)).toEqual(canonical(scenario.operator, flinks))
    expect(ours.steps.map(timesOf)).toEqual(flinks.map(timesOf))
    expect(ours.late).toBe(droppedLate)
  })

  it.each(Object.entries(differences))('but: %s (%s)', (name) => {
    const scenario = scenarios.find((one) => one.name === name) as GoldenScenario<WindowOperator>
    const flinks = scenario.steps.map(({ outputs }) => outputs.filter(isSaidHere))
    const undisturbed = scenario.steps.filter(({ event }) => event.type !== 'snapshotAndRestore')
    const ours = canonical(scenario.operator, answers(scenario).steps)
    expect(ours).not.toEqual(canonical(scenario.operator, flinks))
    expect(ours.flat()).toEqual(canonical(scenario.operator, answers({ ...scenario, steps: undisturbed }).steps).flat())
  })

  it(`but: ${refused} (here it needs a count: only a bounded input would ever tell what it has come to)`, () => {
    // @ts-expect-error: the global window needs a count trigger
    expect(() => window(globalWindow())).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    // @ts-expect-error: and another one is none
    expect(() => window(globalWindow(), { trigger: onWatermark() })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    )
  })
})

/** What our operator says to the events of a scenario, step by step, and how many late records it has counted. */
function answers({ operator, steps }: GoldenScenario<WindowOperator>) {
  const played = player<ElementEvent, Result, ElementEvent>(() => made(operator))
  const translate = elementsOf()
  const outputs = steps.map(({ event }) => {
    if (event.type !== 'snapshotAndRestore')
      return translate(event)
        .flatMap((element) => played.play(element))
        .map(output)
    played.restart(played.checkpoint()())
    return []
  })
  return { steps: outputs, late: played.late }
}

function made(operator: WindowOperator): Made<ElementEvent, Result, ElementEvent> {
  const late = operator.lateOutput ? sideOutput<ElementEvent>() : undefined
  const windows = windowsOf(operator, late)
  const options = { id: 'windows' }
  const keys = keyBy((event: ElementEvent) => event.key)
  if (operator.function === 'list') {
    const lists = windows.process<ElementEvent, Result, string>(
      (events, about) => ({ ...about, value: events.map(({ value }) => value) }),
      options,
    )
    return { operator: (input) => input.pipe(keys, lists), late }
  }
  const sums = windows.aggregate<ElementEvent, number, Result, string>(
    {
      create: () => 0,
      add: (sum, { value }) => sum + value,
      merge: (a, b) => a + b,
      result: (value, about) => ({ ...about, value }),
    },
    options,
  )
  return { operator: (input) => input.pipe(keys, sums), late }
}

function windowsOf(
  { assigner, trigger: asked, allowedLateness }: WindowOperator,
  late: Made<0, 0, ElementEvent>['late'],
) {
  const windows = assignerOf(assigner)
  const count = asked.type === 'count' ? onCount(asked.count, { purge: asked.purge }) : undefined
  const options = { trigger: count, allowedLateness, late }
  if (windows.kind === 'fixed') return window(windows, options)
  if (windows.kind === 'session') return window(windows, options)
  return window(windows, { trigger: count ?? onCount(1) })
}

function assignerOf(assigner: Assigner): FixedWindows | SessionWindows | GlobalWindows {
  if (assigner.type === 'tumbling') return tumbling(assigner.size, { offset: assigner.offset })
  if (assigner.type === 'sliding') return sliding(assigner.size, assigner.slide, { offset: assigner.offset })
  return assigner.type === 'session' ? session(assigner.gap) : globalWindow()
}

/** In Flink an input that is idle may say a watermark, which is ignored; ours do not say any. */
function elementsOf(): (event: Event) => readonly StreamElement<ElementEvent>[] {
  let silent = false
  let offset = 0
  return (event) => {
    if (event.type === 'element') {
      return [streamRecord(event, event.timestamp, null, [], { topic: 'events', partition: 0 }, offset++)]
    }
    if (event.type === 'watermark') return silent ? [] : [watermark(event.timestamp)]
    if (event.type !== 'status') throw new Error(`a window has no ${event.type}`)
    const falls = event.idle && !silent
    silent = event.idle
    return falls ? [idle] : []
  }
}

function output({ from, element }: Said<Result, ElementEvent>): Output {
  if (from === 'late') {
    if (element.kind !== 'record') throw new Error('only records are late')
    const { key, value, input } = element.value
    return { type: 'late', input, key, value, timestamp: element.timestamp }
  }
  if (element.kind === 'watermark') return { type: 'watermark', timestamp: element.timestamp }
  if (element.kind === 'idle') return { type: 'status', idle: true }
  if (element.kind !== 'record') throw new Error(`the operator has said ${element.kind}`)
  const { key, window, value } = element.value
  const { start, end } = window
  expect(element.key).toBe(key)
  if (end === Infinity) return { type: 'result', key, window: null, value, timestamp: Infinity }
  return { type: 'result', key, window: [start, end], value, timestamp: element.timestamp }
}

function isSaidHere(output: Output): boolean {
  return output.type !== 'status' || output.idle
}

function timesOf(outputs: readonly Output[]): readonly number[] {
  return outputs.flatMap((output) => (output.type === 'result' ? [output.timestamp] : []))
}
