/**
 * What is fed, step by step, so that any run of the job has but one right output: a record is in
 * time whatever the order between partitions, or it is fed when the result of its window is there.
 * The steps of one run can be fed to another one: each says what must be there before it.
 */
import type { Line } from '../cluster/traffic.ts'
import { between } from '../faults/seededRandom.ts'
import type { Shown } from './shown.ts'
import { type Event, encoded, outOfOrderness, partitions, type TopicName, windowSize, windowStart } from './words.ts'

export interface Step {
  readonly lines: readonly (Omit<Line, 'topic'> & { readonly topic: TopicName })[]
  /** Rules that all shards must have. */
  readonly rules: readonly string[]
  /** Results that must be there, by word: the start of the window or a later one. */
  readonly windows: Readonly<Record<string, number>>
}

export interface Script {
  readonly steps: readonly Step[]
  /** Number of records that each topic of the output has when everything is processed. */
  readonly expected: Readonly<Record<'counts' | 'windows' | 'late' | 'applied', number>>
  /** Makes one more step out of what is there. */
  next(shown: Pick<Shown, 'windows' | 'rules'>): Step
  /** The last step: all windows of the steps before it end. */
  end(): Step
}

/** In the past: brokers refuse times that lie far ahead. */
const begin = 1_700_000_000_000
/** Of event time, between two steps, ms. */
const pace = 250
const words = 12
const keys = 4

export function script(random: () => number): Script {
  const steps: Step[] = []
  const rules: string[] = []
  const open = new Set<string>()
  let [events, late] = [0, 0]

  function add(step: Step): Step {
    steps.push(step)
    return step
  }

  function event(partition: number, what: Omit<Event, 'key' | 'number'>): Step['lines'][number] {
    const number = `n${events++}`
    const key = `${partition}:${between(random, 1, keys)}`
    return { topic: 'events', partition, value: encoded({ ...what, key, number }) }
  }

  /**
   * A record of a window that has shown its result, or a later one. Not of the last one: a second
   * run would have to wait for the result of each window.
   */
  function lateFor(word: string, start: number, rule: string): Step['lines'][number] {
    late += 1
    return event(between(random, 0, partitions - 1), { word, time: start + between(random, 0, windowSize - 1), rule })
  }

  return {
    steps,
    get expected() {
      return { counts: events, windows: open.size, late, applied: rules.length }
    },
    next(shown) {
      const now = begin + steps.length * pace
      const rule = [...shown.rules][between(random, 0, shown.rules.size - 1)] ?? 'none'
      const lines = Array.from({ length: partitions }, (_, partition) => {
        const time = now - between(random, 0, outOfOrderness - 500)
        const word = `w${between(random, 1, words)}`
        open.add(`${word} ${windowStart(time)}`)
        return event(partition, { word, time, rule })
      })
      const known = [...shown.windows.keys()]
      const word = random() < 0.2 ? known[between(random, 0, known.length - 1)] : undefined
      const last = word === undefined ? undefined : shown.windows.get(word)
      const start = Math.max(windowStart(begin), (last ?? 0) - between(random, 2, 5) * windowSize)
      if (word !== undefined) lines.push(lateFor(word, start, rule))
      if (steps.length % 40 === 0) {
        const value = `r${rules.length} meaning${between(random, 0, 999)}`
        rules.push(value)
        lines.push({ topic: 'rules', partition: 0, value })
      }
      const windows = word === undefined ? {} : { [word]: start }
      return add({ lines, rules: rule === 'none' ? [] : [rule], windows })
    },
    end() {
      const time = begin + steps.length * pace + 10 * windowSize
      const lines = Array.from({ length: partitions }, (_, partition) => {
        return event(partition, { word: 'end', time, rule: 'none' })
      })
      return add({ lines, rules: [], windows: {} })
    },
  }
}
