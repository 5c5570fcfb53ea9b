/**
 * Watermarks that travel through a repartition topic, between its records. With its barrier, a
 * shard appends a marker to each partition, in the transaction of the checkpoint:
 *
 *     shard 0   a b W5 | c W9 |             a marker is exactly as true as the records before it
 *     shard 1   d W4   |      | e W8 |
 *     partition a b W5   d W4   c W9   e W8
 *     watermark              4           8     lowest of all slots
 *
 * A marker speaks for the slots of its shard. Slots outlive shards: whoever runs a slot later goes
 * on where its last marker was.
 *
 * On the wire a marker is a record with a header of a reserved name, and with a key and an empty
 * value, so that a topic with compaction accepts it and keeps the newest one of each shard.
 */
import { Buffer } from 'node:buffer'
import type { AttemptContext } from '../attempt.ts'
import { CorruptedError } from '../errors.ts'
import type { Header, Split } from '../record.ts'
import { parseSlots, shardSlotsText } from './slotsText.ts'

/** What a shard says about its own event time at a barrier. */
export interface ShardTime {
  /** Watermark, ms since the epoch; -Infinity: none yet; Infinity: the input has ended. */
  readonly watermark: number
  /** True if the shard is silent and holds back no watermark. */
  readonly idle: boolean
}

/** Statement of a shard about its slots, at a place in a partition. */
export interface WatermarkMarker extends ShardTime {
  /** Slots of the shard, ascending. */
  readonly slots: readonly number[]
  /** Number of slots of the job. */
  readonly of: number
}

/** Name of the header; user records lose a header of this name in a repartition topic. */
const reserved = 'rxweft-watermark'

/** Marker as the parts of a record. */
export interface MarkerRecord {
  /** None: brokers refuse those of a machine whose clock is wrong, and the marker with them. */
  readonly timestamp: -1
  readonly key: Buffer
  readonly value: Buffer
  readonly headers: readonly Header[]
}

const nothing = Buffer.alloc(0)

/** Makes the record of a marker of this shard. */
export function markerRecord(attempt: Pick<AttemptContext, 'shard' | 'slots'>, time: ShardTime): MarkerRecord {
  const { watermark, idle } = time
  const slots = shardSlotsText(attempt.slots, attempt.shard)
  const told = {
    ...{ slots, of: attempt.slots.length },
    ...(Number.isFinite(watermark) ? { watermark } : {}),
    ...(watermark === Infinity ? { end: true } : {}),
    ...(idle ? { idle: true } : {}),
  }
  const header = { name: reserved, value: Buffer.from(JSON.stringify(told)) }
  return { timestamp: -1, key: Buffer.from(`${reserved} ${slots}`), value: nothing, headers: [header] }
}

/** True if a record with these headers is a marker. */
export function isMarker(headers: readonly Header[]): boolean {
  return headers.length === 1 && headers[0]?.name === reserved
}

/** Headers that a user's record keeps in a repartition topic. */
export function withoutMarker(headers: readonly Header[]): readonly Header[] {
  return headers.length > 0 && headers.some(({ name }) => name === reserved)
    ? headers.filter(({ name }) => name !== reserved)
    : headers
}

/**
 * Decodes a marker.
 *
 * @throws MARKER_DAMAGED if it is something else
 */
export function markerIn(headers: readonly Header[], { topic, partition }: Split, offset: number): WatermarkMarker {
  const { slots, of, watermark = -Infinity, end = false, idle = false } = fieldsOf(headers[0]?.value ?? null)
  const listed = typeof slots === 'string' && isCount(of) ? parseSlots(slots, of) : null
  if (listed === null || !isCount(of) || typeof watermark !== 'number') {
    throw new CorruptedError('MARKER_DAMAGED', 'a watermark in the repartition topic cannot be read', {
      where: { topic, partition, offset },
      hint: 'Let nobody else write to the topic, and start no older version of rxweft than the one that wrote it',
    })
  }
  return { slots: listed, of, watermark: end === true ? Infinity : watermark, idle: idle === true }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/** Fields of a JSON object; none of anything else. */
function fieldsOf(bytes: Uint8Array | null): { readonly [name: string]: unknown } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes ?? nothing).toString('utf8'))
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {}
  }
}
