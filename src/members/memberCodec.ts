/**
 * What members tell each other, as bytes: one JSON object with a version. A member that cannot read
 * another one's bytes ignores them, since nothing is decided by them.
 */
import { Buffer } from 'node:buffer'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { name, natural } from '../checkpoint/codecs.ts'
import type { AliveMember, MemberRecord } from '../contracts/members.ts'

const version = 1

const identity = { member: name, instance: name, zone: t.union([name, t.null]), threads: natural }

const aliveCodec = t.strict({
  version: t.literal(version),
  members: t.array(t.strict({ ...identity, groupMember: t.union([name, t.null]) })),
})

const shardCodec = t.intersection([
  t.strict({
    doing: t.keyof({ warming: null, ready: null, running: null, releasing: null, finished: null, failed: null }),
    checkpoint: natural,
    plan: natural,
  }),
  t.exact(t.partial({ idle: t.boolean, error: t.strict({ code: t.string, message: t.string }) })),
])

const recordCodec = t.strict({
  version: t.literal(version),
  ...identity,
  host: t.string,
  pid: natural,
  state: t.keyof({ running: null, leaving: null, stopping: null }),
  plan: natural,
  shards: t.record(t.string, shardCodec),
})

/** Members of a group: what each says when it joins, and what the leader tells everybody. */
export function encodeAlive(members: readonly AliveMember[]): Buffer {
  return Buffer.from(JSON.stringify({ version, members }))
}

/** Null if the bytes are of another version, or not of rxweft. */
export function decodeAlive(bytes: Uint8Array): readonly AliveMember[] | null {
  const decoded = aliveCodec.decode(parsed(bytes))
  return isLeft(decoded) ? null : decoded.right.members
}

export function encodeRecord(record: MemberRecord): Buffer {
  return Buffer.from(JSON.stringify({ version, ...record }))
}

/** Null if the bytes are of another version, or not of rxweft. */
export function decodeRecord(bytes: Uint8Array): MemberRecord | null {
  const decoded = recordCodec.decode(parsed(bytes))
  if (isLeft(decoded)) return null
  const { version: _, ...record } = decoded.right
  return record as MemberRecord
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
