/**
 * The rules of a source: what exactly-once rests on when its reader is restored from a position.
 */
import { othersTurn } from '../../clock.ts'
import type { Source } from '../../contracts/source.ts'
import { RxweftError } from '../../errors.ts'
import type { SplitOffset } from '../../record.ts'
import { type ContractAttempts, withAttempts } from './contractAttempt.ts'
import { holds, type Rule, same } from './rules.ts'
import { bySplit, drained, found, nameOf, readEach, readerAt, roomFor } from './sourceReading.ts'

/** Far behind the end of whatever is read. */
const beyond = 1_000_000_000

export function sourceRules<T>(source: Source<T>, count: number): readonly Rule[] {
  const rule = (name: string, check: (attempts: ContractAttempts) => Promise<void>): Rule => ({
    rule: name,
    check: () => withAttempts(check),
  })
  const rules = [
    rule('resolves its start offsets, one for each split', async ({ begin }) => {
      const splits = await (await begin().open(source)).resolve()
      same('Splits, each once', [...new Set(splits.map(nameOf))], splits.map(nameOf))
      for (const { offset } of splits) holds('The offset is not a whole number', Number.isSafeInteger(offset), offset)
    }),
    rule('is where it was told to be before it reads', async ({ begin }) => {
      const reader = await begin().open(source)
      const start = await reader.resolve()
      await reader.seek(start)
      same('Its position', offsets(reader.position()), offsets(start))
    }),
    rule('emits its records in rising offsets within each split', async ({ begin }) => {
      const records = await readEach(await readerAt(begin(), source), count)
      same('Number of records', records.length, count)
      for (const split of Object.values(bySplit(records))) {
        const read = split.map(({ offset }) => offset)
        same(
          'Offsets',
          read,
          [...new Set(read)].sort((a, b) => a - b),
        )
      }
    }),
    rule('has its position behind each record that it has emitted, and before the next one', async ({ begin }) => {
      const reader = await readerAt(begin(), source)
      const behind = new Map<string, number>()
      await readEach(reader, count, ({ split, offset }) => {
        const name = nameOf(split)
        const before = behind.get(name)
        holds(`Offset ${offset} is before the position that it had`, before === undefined || offset >= before, before)
        const position = offsets(reader.position())[name] ?? Number.NaN
        holds(`Its position after offset ${offset}`, position > offset, position)
        behind.set(name, position)
      })
    }),
    rule('reads on from each of its positions exactly as it would have', async ({ begin }) => {
      const positions: (readonly SplitOffset[])[] = []
      const first = await readerAt(begin(), source)
      const records = await readEach(first, count, () => positions.push([...first.position()]))
      for (const at of cuts(count)) {
        const resumed = await readerAt(begin(), source, positions[at])
        const rest = await readEach(resumed, count - at - 1)
        same(`Read on after ${at + 1} records`, bySplit(rest), bySplit(records.slice(at + 1)))
      }
    }),
    rule('emits as many records as there is room for, and none without', async ({ begin }) => {
      const reader = await readerAt(begin(), source)
      same('What poll has found', await found(reader), 'ready')
      const before = reader.position()
      same('Emitted without room', drained(reader, () => 0).length, 0)
      same('Its position', offsets(reader.position()), offsets(before))
      same('What poll has found', await found(reader), 'ready')
      const most = drained(reader, roomFor(2)).length
      holds('It emitted more than the 2 that there was room for', most <= 2, most)
    }),
    rule('emits what the reader of another attempt has emitted, whoever reads first', async ({ begin }) => {
      const [one, other] = [await readerAt(begin(), source), await readerAt(begin(), source)]
      const first = await readEach(one, count)
      same('Read by the second reader', bySplit(await readEach(other, count)), bySplit(first))
    }),
    rule('refuses an offset that is not there, and never resets by itself', async ({ begin }) => {
      const reader = await begin().open(source)
      const far = (await reader.resolve()).map((split) => ({ ...split, offset: split.offset + beyond }))
      const error = await reader
        .seek(far)
        .then(() => reader.poll())
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
      holds('Neither seek nor poll has rejected', error !== undefined)
      const final = error instanceof RxweftError && error.consequence !== 'retriable'
      holds('The error would be tried again for ever: make it a FatalError', final, error)
    }),
    rule('lets go of a poll that waits when its attempt ends', async ({ begin }) => {
      const attempt = begin()
      const reader = await readerAt(attempt, source)
      await readEach(reader, count)
      const waiting = reader.poll().catch(() => undefined)
      await othersTurn()
      await attempt.close()
      await waiting
    }),
  ]
  return [...rules, ...ofBounded(source, count, rule), ...ofSharded(source, count, rule)]
}

type MakeRule = (name: string, check: (attempts: ContractAttempts) => Promise<void>) => Rule

function ofBounded<T>(source: Source<T>, count: number, rule: MakeRule): readonly Rule[] {
  if (source.bounded !== true) return []
  return [
    rule('ends behind its last record, and every time that it is asked', async ({ begin }) => {
      const reader = await readerAt(begin(), source)
      await readEach(reader, count)
      for (const time of [1, 2]) {
        same(`Poll ${time} behind the last record`, await found(reader), 'end')
      }
    }),
  ]
}

function ofSharded<T>(source: Source<T>, count: number, rule: MakeRule): readonly Rule[] {
  if (source.sharded !== true) return []
  return [
    rule('reads, in each shard, the splits of that shard only', async ({ begin }) => {
      for (const shard of [0, 1]) {
        const reader = await readerAt(begin({ shard, shards: 2 }), source)
        const foreign = reader.position().filter(({ partition }) => partition % 2 !== shard)
        same(`Splits of others that shard ${shard} reads`, foreign, [])
      }
      holds('There is nothing to read', count > 0)
    }),
  ]
}

/** At most ten places to restart at: the first ones, where a mistake shows, and some in between. */
function cuts(count: number): readonly number[] {
  const step = Math.max(1, Math.floor(count / 6))
  const spread = Array.from({ length: count - 1 }, (_, at) => at)
  return spread.filter((at) => at < 3 || at % step === 0 || at === count - 2).slice(0, 10)
}

function offsets(splits: readonly SplitOffset[]): Readonly<Record<string, number>> {
  return Object.fromEntries(splits.map((split) => [nameOf(split), split.offset]))
}
