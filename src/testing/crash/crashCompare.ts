/**
 * Differences between the output of a run and that of the undisturbed one. Records are equal if
 * value, key, timestamp and headers are. Order counts among records of one source partition, and
 * among those of one key that an operator has made, such as results of windows: nothing promises
 * more.
 */
import { inspect, isDeepStrictEqual } from 'node:util'
import type { StreamRecord } from '../../record.ts'

export type Records = readonly StreamRecord<unknown>[]
export type CrashOutputs = ReadonlyMap<string, Records>

/** Lists differences, one line each; empty if there are none. */
export function crashDifferences(expected: CrashOutputs, found: CrashOutputs, ordered: boolean): readonly string[] {
  const sinks = [...new Set([...expected.keys(), ...found.keys()])]
  return sinks.flatMap((sink) => {
    const [should, is] = [expected.get(sink) ?? [], found.get(sink) ?? []]
    // Nearly all runs end here.
    if (isDeepStrictEqual(should.map(visible), is.map(visible))) return []
    const wrong = [...miscounted(should, is), ...(ordered ? misplaced(should, is) : [])]
    return wrong.map((line) => `${sink}: ${line}`)
  })
}

/** Text of a value; equal values have equal texts. */
function shown(value: unknown): string {
  return inspect(value, { depth: null, sorted: true, breakLength: Infinity, maxArrayLength: null, compact: 100 })
}

function visible({ value, key, timestamp, headers }: StreamRecord<unknown>) {
  return { value, key, timestamp, headers }
}

/** Text of the value and the other parts. */
function identity({ value, key, timestamp, headers }: StreamRecord<unknown>): string {
  const others = [
    ...(key === null ? [] : [`key ${shown(key)}`]),
    ...(timestamp === 0 ? [] : [`timestamp ${timestamp}`]),
    ...(headers.length === 0 ? [] : [`headers ${shown(headers)}`]),
  ]
  return others.length === 0 ? shown(value) : `${shown(value)} (${others.join(', ')})`
}

function miscounted(should: Records, is: Records): readonly string[] {
  const [expected, found] = [counted(should), counted(is)]
  const surplus = beyond(found, expected)
  return [
    ...listed('lost', beyond(expected, found)),
    ...listed(
      'doubled',
      surplus.filter((text) => expected.has(text)),
    ),
    ...listed(
      'not in the undisturbed run',
      surplus.filter((text) => !expected.has(text)),
    ),
  ]
}

function counted(records: Records): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const text of records.map(identity)) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** Values of which `some` has more than `others`. */
function beyond(some: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): readonly string[] {
  return [...some].filter(([text, count]) => count > (others.get(text) ?? 0)).map(([text]) => text)
}

/** Number of lines shown; nobody reads more. */
const most = 5

function listed(what: string, records: readonly string[]): readonly string[] {
  if (records.length === 0) return []
  const more = records.length > most ? ` and ${records.length - most} more` : ''
  return [`${what}: ${records.slice(0, most).join(', ')}${more}`]
}

/** First difference in order of each partition. */
function misplaced(should: Records, is: Records): readonly string[] {
  const [expected, found] = [byPartition(should), byPartition(is)]
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((partition) => {
    const [first, second] = [expected.get(partition) ?? [], found.get(partition) ?? []]
    const at = Array.from({ length: Math.max(first.length, second.length) }, (_, at) => at).find(
      (at) => first[at] !== second[at],
    )
    if (at === undefined) return []
    return [`record ${at + 1} of ${partition} is ${second[at] ?? 'missing'}, and was ${first[at] ?? 'none'}`]
  })
}

function byPartition(records: Records): ReadonlyMap<string, readonly string[]> {
  const partitions = new Map<string, string[]>()
  for (const record of records) {
    const name = origin(record)
    partitions.set(name, [...(partitions.get(name) ?? []), identity(record)])
  }
  return partitions
}

/** Place of a record; records made by an operator have none. */
function origin({ split: { topic, partition }, offset, key }: StreamRecord<unknown>): string {
  return `${topic}/${partition}${offset < 0 ? ` with the key ${shown(key)}` : ''}`
}
