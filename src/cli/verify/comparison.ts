/**
 * Compares what a job has read with what it has written, record by record: lost, doubled,
 * reordered. Values are kept as hashes, some 100 bytes of memory for each record of the source.
 */
import { hash } from 'node:crypto'

/** Record, with its place. The bytes are used during the call alone. */
export interface ComparedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** Place of a record that shows a fault. */
export interface FaultyPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface Fault {
  readonly count: number
  /** The first ones; of lost records those in the source, otherwise those in the sink. */
  readonly places: readonly FaultyPlace[]
}

export interface Verdict {
  /** Number of records in the source. */
  readonly source: number
  /** Number of records in the sink. */
  readonly sink: number
  readonly lost: Fault
  /** Records of the sink for which the source has no record, or not as many. */
  readonly doubled: Fault
  /** Records behind a later one of the same key. */
  readonly reordered: Fault
}

export interface Comparison {
  /** Takes the records of the source, in the order of each partition, before those of the sink. */
  read(record: ComparedRecord): void
  /** Takes the records of the sink, in the order of each partition. */
  written(record: ComparedRecord): void
  verdict(): Verdict
}

/** What makes a record of the sink that of the source. */
export type ComparedBy = 'value' | 'key'

/** Places that a fault shows. */
const shownPlaces = 10

/** Records of the source that are the same. */
interface Expected {
  /** Those that are not written yet, from `next` on, oldest first. */
  readonly places: (FaultyPlace & { readonly number: number })[]
  next: number
  /** In whose order they are: of a key, or of a partition; null: of several, so nobody can tell. */
  lane: string | null
}

export function comparison(by: ComparedBy): Comparison {
  const expected = new Map<string, Expected>()
  /** Highest number that was written, by lane and partition of the sink. */
  const highest = new Map<string, number>()
  const faults = { lost: fault(), doubled: fault(), reordered: fault() }
  const counts = { source: 0, sink: 0 }

  /** The next of them that keeps the order, or the next one; null: all are written. */
  function take(found: Expected, before: number): number | null {
    const { places, next } = found
    const first = places[next]
    if (first === undefined) return null
    if (first.number > before) return places[found.next++]?.number ?? null
    const later = places.findIndex(({ number }, at) => at > next && number > before)
    if (later >= 0) return places.splice(later, 1)[0]?.number ?? null
    found.next++
    return first.number
  }

  return {
    read(record) {
      const number = counts.source++
      const identity = hashOf(record[by])
      const { key, partition } = record
      const lane = key === null ? `/${partition}` : hashOf(key)
      const found = expected.get(identity)
      const place = { ...placeOf(record), number }
      if (found === undefined) return void expected.set(identity, { places: [place], next: 0, lane })
      found.places.push(place)
      if (found.lane !== lane) found.lane = null
    },
    written(record) {
      counts.sink++
      const found = expected.get(hashOf(record[by]))
      const lane = found === undefined || found.lane === null ? null : `${found.lane}>${record.partition}`
      const before = lane === null ? -1 : (highest.get(lane) ?? -1)
      const number = found === undefined ? null : take(found, before)
      if (number === null) return faults.doubled.add(record)
      if (lane === null) return
      if (number < before) faults.reordered.add(record)
      else highest.set(lane, number)
    },
    verdict() {
      const lost = fault()
      for (const { places, next } of expected.values()) for (const place of places.slice(next)) lost.add(place)
      const { doubled, reordered } = faults
      return { ...counts, lost: lost.told(), doubled: doubled.told(), reordered: reordered.told() }
    },
  }
}

function fault() {
  let count = 0
  const places: FaultyPlace[] = []
  return {
    add(place: FaultyPlace): void {
      count++
      if (places.length < shownPlaces) places.push(placeOf(place))
    },
    told: (): Fault => ({ count, places }),
  }
}

function placeOf({ topic, partition, offset }: FaultyPlace): FaultyPlace {
  return { topic, partition, offset }
}

/** Half of SHA-1 tells billions of records apart. */
function hashOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : hash('sha1', bytes, 'base64').slice(0, 14)
}
