/**
 * Jepsen's list, as far as it applies to a job between topics: each checker is a pure function over what was written and read, named
 * after what it finds, and finds nothing where all is well.
 *
 * Whatever one of them has to say goes by partition: between partitions Kafka promises no order.
 */
import { beyond } from '../../tools/support/beyond.ts'
import type { Finding, History, Seen, SinkHistory } from './history.ts'

export type Checker = (history: History) => readonly Finding[]

export const checkers: Readonly<Record<string, Checker>> = {
  /** Went in, and never came out. */
  lost: eachPartition((sink, p, say) => beyond(sink.expected[p], values(sink.final[p])).map((value) => say(value))),

  /** Came out more often than it went in. */
  duplicate: eachPartition((sink, p, say) => {
    const wanted = new Set(sink.expected[p])
    return beyond(values(sink.final[p]), sink.expected[p])
      .filter((value) => wanted.has(value))
      .map((value) => say(value))
  }),

  /** Came out, and never went in: neither what was read nor what it should have become. */
  phantom: eachPartition((sink, p, say, { aborted }) => {
    const wanted = new Set(sink.expected[p])
    return values(sink.final[p])
      .filter((value) => !wanted.has(value) && !aborted.has(value))
      .map((value) => say(value))
  }),

  /** Was written in a transaction that was aborted, and was seen all the same. */
  abortedRead: eachPartition((sink, p, say, { aborted }) =>
    [...(sink.during[p] ?? []), ...(sink.final[p] ?? [])]
      .filter(({ value }) => aborted.has(value))
      .map(({ value }) => say(value)),
  ),

  /** Came out in another order than it went in. Of what is there on both sides. */
  reordered: eachPartition((sink, p, say) => {
    const [expected, final] = [sink.expected[p] ?? [], values(sink.final[p])]
    const place = new Map(expected.map((value, at) => [value, at]))
    let last = -1
    return unique(final).flatMap((value) => {
      const at = place.get(value)
      if (at === undefined) return []
      const [before, isEarlier] = [last, at < last]
      last = Math.max(last, at)
      return isEarlier ? [say(`${value} after ${expected[before]}`)] : []
    })
  }),

  /** The reader saw something while something before it was not there yet, whether or not it came later. */
  skipped: eachPartition((sink, p, say) => {
    const expected = sink.expected[p] ?? []
    const place = new Map(expected.map((value, at) => [value, at]))
    const seen = new Set<string>()
    let next = 0
    return values(sink.during[p]).flatMap((value) => {
      seen.add(value)
      for (let one = expected[next]; one !== undefined && seen.has(one); one = expected[next]) next += 1
      return (place.get(value) ?? -1) > next ? [say(`${expected[next]} before ${value}`)] : []
    })
  }),

  /** The reader saw something that is not there in the end: what it had been told has changed. */
  vanished: eachPartition((sink, p, say) => {
    const final = new Set((sink.final[p] ?? []).map(shown))
    return (sink.during[p] ?? []).filter((one) => !final.has(shown(one))).map((one) => say(shown(one)))
  }),

  /** The reader was shown an offset twice, or one that lies before another that it has seen. */
  backwards: eachPartition((sink, p, say) =>
    (sink.during[p] ?? []).flatMap(({ offset, value }, at, all) => {
      const before = all[at - 1]?.offset ?? -1
      return offset > before ? [] : [say(`${value} at ${offset} after ${before}`)]
    }),
  ),

  /** Is there in the end, and a reader that was there all the time has not seen it. */
  unseen: eachPartition((sink, p, say) => {
    const during = new Set((sink.during[p] ?? []).map(shown))
    return (sink.final[p] ?? []).filter((one) => !during.has(shown(one))).map((one) => say(shown(one)))
  }),

  /** At a standstill one sink showed more, or less, of the input than another: half a checkpoint. */
  torn: ({ standstills, sinks }) =>
    standstills.flatMap((counts, number) =>
      (counts[0] ?? []).flatMap((first, p) =>
        counts.flatMap((each, at) =>
          each[p] === first
            ? []
            : [
                `standstill ${number}, partition ${p}: ${sinks[0]?.topic} has ${first}, ${sinks[at]?.topic} has ${each[p]}`,
              ],
        ),
      ),
    ),
}

/** What every checker has found, by name; only of those that have found something, and at most five of each. */
export function check(history: History): Readonly<Record<string, readonly Finding[]>> {
  const found = Object.entries(checkers).map(([name, checker]) => [name, checker(history).slice(0, 5)] as const)
  return Object.fromEntries(found.filter(([, findings]) => findings.length > 0))
}

type Say = (what: string) => Finding

function eachPartition(
  look: (sink: SinkHistory, partition: number, say: Say, history: History) => readonly Finding[],
): Checker {
  return (history) =>
    history.sinks.flatMap((sink) =>
      sink.expected.flatMap((_, p) => look(sink, p, (what) => `${sink.topic} ${p}: ${what}`, history)),
    )
}

function values(seen: readonly Seen[] = []): readonly string[] {
  return seen.map(({ value }) => value)
}

function shown({ offset, value }: Seen): string {
  return `${value} at ${offset}`
}

/** Each at its first place: a second time is a duplicate, and nothing else. */
function unique(all: readonly string[]): readonly string[] {
  return [...new Set(all)]
}
