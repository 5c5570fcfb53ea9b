/**
 * Tables in the file of an embedded log:
 *
 *     about    ['format']                   { magic, version }; counters: ['topics'], ['batches']
 *     topics   [name]                       { id, number, partitions }
 *     batches  [batch]                      bytes of a batch (logBatch.ts)
 *     places   [topic, partition, offset]   [batch, count]: batch that begins at this offset; one
 *                                           without a place was not committed
 *     staged   [job, shard, batch]          batch that a running job has written ahead of its
 *                                           checkpoint; the next fence drops it
 *     epochs   [job, shard]                 number of fences: only the last fencer may commit
 *     ledger   [job, shard]                 current entry of the shard (checkpoint/ledgerCodec.ts)
 *     plans    [job]                        current plan of the job (checkpoint/planCodec.ts)
 *
 * Everything that is read is validated.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { natural } from '../checkpoint/codecs.ts'
import { CorruptedError } from '../errors.ts'
import { notALog } from './checkMagic.ts'
import type { LmdbFile, Table } from './lmdbFile.ts'

const format = t.type({ magic: t.literal('rxweft-log'), version: natural }, 'the format of the log')
const topic = t.type({ id: t.string, number: natural, partitions: natural }, 'a topic')
const place = t.tuple([natural, natural], 'the place of a batch')

/**
 * `id` tells the topic from one of the same name in another file; `number` stands for it in keys.
 */
export type TopicRow = t.TypeOf<typeof topic>

const version = 1

export interface Tables {
  readonly topics: Table<TopicRow>
  readonly batches: Table<Uint8Array>
  readonly places: Table<[batch: number, count: number]>
  readonly staged: Table<true>
  readonly epochs: Table<number>
  readonly ledger: Table<Uint8Array>
  readonly plans: Table<Uint8Array>
  /** Within a transaction: a number never given before. */
  count(what: 'topics' | 'batches'): number
}

/**
 * Opens the tables, or creates them in a new file.
 *
 * @throws LOG_DAMAGED or LOG_NEWER if the file cannot be used
 */
export function tables(file: LmdbFile): Tables {
  const names = file.tables()
  if (names.length > 0 && !names.includes('about')) throw notALog(file.path, 'is an LMDB file of something else')
  const json = <V>(name: string, codec: t.Type<V, unknown, unknown>) => jsonTable(file.text(name), codec, file.path)
  const formats = json('about', format)
  const counters = json('about', natural)
  file.transact(() => {
    if (formats.get(['format']) === undefined) formats.put(['format'], { magic: 'rxweft-log', version })
  })
  checkVersion(formats.get(['format'])?.version, file.path)
  return {
    topics: json('topics', topic),
    batches: file.bytes('batches'),
    places: json('places', place),
    staged: json('staged', t.literal(true)),
    epochs: json('epochs', natural),
    ledger: file.bytes('ledger'),
    plans: file.bytes('plans'),
    count(what) {
      const next = counters.get([what]) ?? 1
      counters.put([what], next + 1)
      return next
    },
  }
}

function jsonTable<V>(table: Table<string>, codec: t.Type<V, unknown, unknown>, file: string): Table<V> {
  const decode = (text: string): V => {
    const decoded = codec.decode(parsed(text))
    if (isLeft(decoded)) throw notALog(file, `holds something that should be ${codec.name}`)
    return decoded.right
  }
  return {
    get(key) {
      const text = table.get(key)
      return text === undefined ? undefined : decode(text)
    },
    put: (key, value) => table.put(key, JSON.stringify(value)),
    remove: table.remove,
    range: (start, end) => table.range(start, end).map(({ key, value }) => ({ key, value: decode(value) })),
    below(at, floor) {
      const found = table.below(at, floor)
      return found && { key: found.key, value: decode(found.value) }
    },
  }
}

/** Undefined if the text is not JSON; no codec accepts that. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checkVersion(found: number | undefined, file: string): void {
  if (found === version) return
  throw new CorruptedError(
    'LOG_NEWER',
    `the embedded log has format version ${found}, but this version of rxweft reads up to ${version}`,
    {
      where: { file },
      hint: 'Upgrade rxweft to the version that wrote it, or a later one',
    },
  )
}
