/**
 * What a real Flink answered to each scenario (golden.json, made by regenerate.ts). Compare with `canonical`, which takes away what
 * Flink leaves open.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromJson } from './json.ts'
import type { Event, Operator } from './scenario.ts'

/** A record of the main output. */
export interface ResultOutput {
  readonly type: 'result'
  readonly key: string
  /** window: [start, end), null for the global one. The other operators do not tell. */
  readonly window?: readonly [start: number, end: number] | null
  /** window: the sum, or the values in the order in which they lay in the state. Joins: [left, right]. eventTimers: the timer's time. */
  readonly value: number | readonly number[]
  /** Of the record: the last millisecond of a window (+Infinity for the global one), the later of a pair, the time of a timer. */
  readonly timestamp: number
  /** eventTimers: the watermark that the function sees while the timer fires. */
  readonly watermark?: number
}

/** An element that came too late, on the side output. */
export interface LateOutput {
  readonly type: 'late'
  readonly input: number
  readonly key: string
  readonly value: number
  readonly timestamp: number
}

export type Output =
  | ResultOutput
  | LateOutput
  | { readonly type: 'watermark'; readonly timestamp: number }
  | { readonly type: 'status'; readonly idle: boolean }

export interface Step {
  readonly event: Event
  /** What came out because of it, in Flink's order. */
  readonly outputs: readonly Output[]
}

export interface GoldenScenario<O extends Operator = Operator> {
  readonly name: string
  readonly operator: O
  readonly steps: readonly Step[]
  /** window, windowJoin: Flink's counter numLateRecordsDropped at the end. With a late output it stays at 0. */
  readonly droppedLate?: number
}

export interface Golden {
  /** The version of Flink that answered. */
  readonly flink: string
  readonly scenarios: readonly GoldenScenario[]
}

export const goldenFile = join(import.meta.dirname, 'golden.json')

export function loadGolden(): Golden {
  return fromJson<Golden>(readFileSync(goldenFile, 'utf8'))
}

type Kind = Operator['kind']

/** All scenarios of one kind of operator. */
export function scenariosOf<K extends Kind>(golden: Golden, kind: K): readonly GoldenScenario<OperatorOf<K>>[] {
  return golden.scenarios.filter((one): one is GoldenScenario<OperatorOf<K>> => one.operator.kind === kind)
}

type OperatorOf<K extends Kind> = Extract<Operator, { kind: K }>
