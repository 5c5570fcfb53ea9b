/**
 * How the output of a run differs from that of the undisturbed one. Records count as the same where
 * value, key, timestamp and headers are. Their order counts among those that come from one
 * partition of a source, and among those of one key that an operator has made, such as the results
 * of windows: nothing promises more.
 */
import { inspect, isDeepStrictEqual } from 'node:util'
import type { StreamRecord } from '../../record.ts'

export type Records = readonly StreamRecord<unknown>[]
export type CrashOutputs = ReadonlyMap<string, Records>

/** One line for each thing that is wrong; none: they are the same. */
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

/** As a text, in which equal values are equal. */
function shown(value: unknown): string {
  return inspect(value, { depth: null, sorted: true, breakLength: Infinity, maxArrayLength: null, compact: 100 })
}

function visible({ value, key, timestamp, headers }: StreamRecord<unknown>) {
  return { value, key, timestamp, headers }
}

/** The value, and what else there is. */
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

/** What there is more of in `some` than in `others`. */
function beyond(some: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): readonly string[] {
  return [...some].filter(([text, count]) => count > (others.get(text) ?? 0)).map(([text]) => text)
}

/** Nobody reads more of them. */
const most = 5

function listed(what: string, records: readonly string[]): readonly string[] {
  if (records.length === 0) return []
  const more = records.length > most ? ` and ${records.length - most} more` : ''
  return [`${what}: ${records.slice(0, most).join(', ')}${more}`]
}

/** The first difference of each partition. */
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

/** Those that an operator has made were read nowhere. */
function origin({ split: { topic, partition }, offset, key }: StreamRecord<unknown>): string {
  return `${topic}/${partition}${offset < 0 ? ` with the key ${shown(key)}` : ''}`
}
