/**
 * golden.json is complete, and answers the current scenarios. Our own operators are compared with
 * it in the other tests.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { canonical } from './canonical.ts'
import { type GoldenScenario, goldenFile, loadGolden, type Output, type ResultOutput, scenariosOf } from './golden.ts'
import { fromJson, toJson } from './json.ts'
import type { IntervalJoin, Operator } from './scenario.ts'
import { session, tumbling } from './scenarios/operators.ts'
import { scenarios } from './scenarios.ts'

const golden = loadGolden()
const outputsOf = ({ steps }: GoldenScenario): readonly Output[] => steps.flatMap(({ outputs }) => outputs)
const isResult = (output: Output): output is ResultOutput => output.type === 'result'

describe('golden.json', () => {
  it('answers the scenarios as they are now, all of them; else run regenerate.ts', () => {
    const asked = golden.scenarios.map(({ name, operator, steps }) => ({
      name,
      operator,
      events: steps.map((step) => step.event),
    }))
    expect(asked).toEqual(scenarios)
  })

  it('is of the version of Flink that the pom asks for', () => {
    const pom = readFileSync(join(import.meta.dirname, 'java/pom.xml'), 'utf8')
    expect(pom).toContain(`<flink.version>${golden.flink}</flink.version>`)
  })

  it('stays below 2 MB', () => {
    expect(readFileSync(goldenFile).length).toBeLessThan(2_000_000)
  })

  it('has a list of outputs for every event, and no scenario that says nothing at all', () => {
    expect(golden.scenarios.flatMap(({ steps }) => steps).every(({ outputs }) => Array.isArray(outputs))).toBe(true)
    expect(golden.scenarios.filter((scenario) => outputsOf(scenario).length === 0)).toEqual([])
  })

  it('has a sum or a list in a window for each result of a window', () => {
    for (const scenario of scenariosOf(golden, 'window')) {
      const { assigner, function: shape } = scenario.operator
      for (const { window, value, timestamp } of outputsOf(scenario).filter(isResult)) {
        expect(Array.isArray(value)).toBe(shape === 'list')
        expect(timestamp).toBe(assigner.type === 'global' ? Number.POSITIVE_INFINITY : (window?.[1] ?? 0) - 1)
      }
    }
  })

  it('has pairs for each result of a join, and no window', () => {
    const joins = [...scenariosOf(golden, 'intervalJoin'), ...scenariosOf(golden, 'windowJoin')]
    const results = joins.flatMap(outputsOf).filter(isResult)
    expect(results.length).toBeGreaterThan(100)
    expect(
      results.every(({ value, window }) => Array.isArray(value) && value.length === 2 && window === undefined),
    ).toBe(true)
  })

  it('counts dropped elements only if windows have no late output', () => {
    const counting = golden.scenarios.filter(({ droppedLate }) => droppedLate !== undefined)
    expect(new Set(counting.map(({ operator }) => operator.kind))).toEqual(new Set(['window', 'windowJoin']))
    const withOutput = scenariosOf(golden, 'window').filter(({ operator }) => operator.lateOutput)
    expect(new Set(withOutput.map(({ droppedLate }) => droppedLate))).toEqual(new Set([0]))
    expect(counting.some(({ droppedLate = 0 }) => droppedLate > 0)).toBe(true)
  })

  it('lets what one watermark fires come in order of timestamps, and the watermark after it', () => {
    const steps = golden.scenarios.flatMap((scenario) => scenario.steps)
    for (const { event, outputs } of steps) {
      if (event.type !== 'watermark' && event.type !== 'status') continue
      const times = outputs.filter(isResult).map(({ timestamp }) => timestamp)
      expect(times).toEqual([...times].sort((a, b) => a - b))
      const mark = outputs.findIndex(({ type }) => type === 'watermark')
      expect(outputs.findLastIndex(isResult)).toBeLessThan(Math.max(mark, 0))
    }
  })

  it('is typed by kind of operator', () => {
    expectTypeOf(scenariosOf(golden, 'intervalJoin')).toEqualTypeOf<readonly GoldenScenario<IntervalJoin>[]>()
    expect(scenariosOf(golden, 'intervalJoin').length).toBeGreaterThan(30)
  })
})

describe('canonical', () => {
  const result = (key: string, timestamp: number, value: ResultOutput['value'] = 0): Output => ({
    type: 'result',
    key,
    value,
    timestamp,
  })
  const mark = (timestamp: number): Output => ({ type: 'watermark', timestamp })
  const one = (operator: Operator, outputs: readonly Output[]): unknown => canonical(operator, [outputs])[0]

  it('sorts results by time, key and value, but not across a watermark', () => {
    const mixed = [result('b', 9), result('a', 9, 2), result('a', 9, 1), result('c', 4), mark(9), result('a', 1)]
    const sorted = [result('c', 4), result('a', 9, 1), result('a', 9, 2), result('b', 9), mark(9), result('a', 1)]
    expect(one(tumbling(10), mixed)).toEqual(sorted)
  })

  it('sorts lists of sessions as numbers, and of no other window', () => {
    expect(one(session(10), [result('a', 9, [10, 9])])).toEqual([result('a', 9, [9, 10])])
    expect(one(tumbling(10), [result('a', 9, [10, 9])])).toEqual([result('a', 9, [10, 9])])
  })

  it('leaves out watermarks that do not rise, from step to step', () => {
    expect(canonical(tumbling(10), [[mark(9)], [mark(9)], [mark(4)], [mark(10)]])).toEqual([
      [mark(9)],
      [],
      [],
      [mark(10)],
    ])
  })
})

describe('JSON of the golden file', () => {
  it('keeps infinities', () => {
    const times = { start: Number.NEGATIVE_INFINITY, now: 2 ** 53 - 1000, end: Number.POSITIVE_INFINITY }
    expect(fromJson(toJson(times))).toEqual(times)
  })
})
