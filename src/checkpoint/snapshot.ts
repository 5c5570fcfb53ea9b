/**
 * The snapshot file: the state of every operator at one checkpoint. After the first line (frame.ts) there is one line of JSON per
 * operator. JavaScript strings end at half a gigabyte, and so that is the limit of one operator, not of all together.
 *
 *   {"magic":"rxweft-snapshot","version":1,"job":"uppercase","shard":0,"lineage":...,"checkpoint":12,"attempt":...}
 *   {"operator":"count-words","state":{...}}
 */
import { Buffer } from 'node:buffer'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CheckpointId, Json, OperatorId, OperatorState } from '../element.ts'
import { CorruptedError, FatalError, toError } from '../errors.ts'
import { parseJson, stringifyJson } from '../json.ts'
import { json, name, natural, wrongFields } from './codecs.ts'
import { damaged, decodeFrame, encodeFrame, type FrameFormat } from './frame.ts'
import type { SnapshotRef } from './ledger.ts'
import { snapshotKey } from './names.ts'

const identity = t.type({ job: name, shard: natural, lineage: name, checkpoint: natural, attempt: name })
const operatorState = t.type({ operator: t.string, state: json })

const format: FrameFormat<t.TypeOf<typeof identity>> = {
  magic: 'rxweft-snapshot',
  version: 1,
  what: 'snapshot',
  code: 'SNAPSHOT',
  fields: identity,
}

export interface SnapshotContent {
  readonly job: string
  readonly shard: number
  readonly lineage: string
  readonly checkpoint: CheckpointId
  readonly attempt: string
  readonly states: readonly OperatorState[]
}

/** What the ledger says about the snapshot, and where it was found. */
export interface ExpectedSnapshot extends SnapshotRef {
  /** Of the storage: "folder /var/lib/app/checkpoints". */
  readonly place: string
  readonly job: string
  readonly shard: number
  readonly lineage: string
  readonly checkpoint: CheckpointId
}

/** The bytes to store; `sha256` is that of the states. Throws Fatal STATE_NOT_JSON where a state could not come back as it is. */
export function encodeSnapshot(content: SnapshotContent): { readonly bytes: Uint8Array; readonly sha256: string } {
  const { job, shard, lineage, checkpoint, attempt, states } = content
  return encodeFrame(format, { job, shard, lineage, checkpoint, attempt }, Buffer.concat(states.map(encodeState)))
}

/** The states. Throws Corrupted SNAPSHOT_DAMAGED, SNAPSHOT_FOREIGN or SNAPSHOT_NEWER, naming the file. */
export function decodeSnapshot(bytes: Uint8Array, expected: ExpectedSnapshot): ReadonlyMap<OperatorId, Json> {
  const file = fileOf(expected.place, expected.key)
  const { fields, sha256, body } = decodeFrame(format, bytes, file)
  const foreign = foreignFields(fields, expected)
  if (foreign.length > 0) throw foreignSnapshot(file, foreign)
  if (bytes.length !== expected.bytes || sha256 !== expected.sha256) {
    throw damaged(format, file, 'is not the one that the ledger names: its size or sha-256 differs')
  }
  return decodeStates(body, file)
}

/** The ledger names a snapshot that is not there. */
export function snapshotMissing(place: string, key: string): CorruptedError {
  return new CorruptedError('SNAPSHOT_MISSING', 'the snapshot of the last checkpoint is not there', {
    where: { file: fileOf(place, key) },
    hint: 'Point the job at the storage that it was started with, or put the file back; without it nothing is resumed',
  })
}

function encodeState({ operator, state }: OperatorState): Buffer {
  try {
    return Buffer.from(`{"operator":${JSON.stringify(operator)},"state":${stringifyJson(state)}}\n`)
  } catch (thrown) {
    throw new FatalError('STATE_NOT_JSON', `the state cannot be stored: ${toError(thrown).message}`, {
      where: { operator },
      hint: 'State is kept as JSON: plain objects, arrays, strings, finite numbers, booleans and null, below 512 MB an operator',
      cause: thrown,
    })
  }
}

function decodeStates(body: Buffer, file: string): ReadonlyMap<OperatorId, Json> {
  const states = new Map<OperatorId, Json>()
  for (const line of lines(body)) {
    const decoded = operatorState.decode(parseLine(line))
    if (isLeft(decoded)) throw damaged(format, file, `has a state that is wrong in: ${wrongFields(decoded.left)}`)
    const { operator, state } = decoded.right
    if (states.has(operator)) throw damaged(format, file, `has two states of "${operator}"`)
    states.set(operator, state)
  }
  return states
}

function* lines(body: Buffer): Generator<Buffer> {
  for (let start = 0, end = 0; start < body.length; start = end + 1) {
    const newline = body.indexOf('\n', start)
    end = newline < 0 ? body.length : newline
    yield body.subarray(start, end)
  }
}

/** undefined where it is no JSON: then every field is wrong. */
function parseLine(line: Buffer): unknown {
  try {
    return parseJson(line.toString('utf8'))
  } catch {
    return undefined
  }
}

function foreignFields(found: t.TypeOf<typeof identity>, expected: ExpectedSnapshot): readonly string[] {
  const { job, shard, lineage, checkpoint } = expected
  const wanted = { job, shard, lineage, checkpoint }
  const others = Object.entries(wanted).flatMap(([field, value]) => {
    const stated = found[field as keyof typeof wanted]
    return stated === value ? [] : [`${field} ${stated} instead of ${value}`]
  })
  const misnamed = snapshotKey(found.job, found.shard, found.checkpoint, found.attempt) !== expected.key
  return others.length === 0 && misnamed ? [`attempt ${found.attempt}, which is not in its name`] : others
}

function foreignSnapshot(file: string, foreign: readonly string[]): CorruptedError {
  return new CorruptedError('SNAPSHOT_FOREIGN', `the snapshot belongs to another checkpoint: ${foreign.join(', ')}`, {
    where: { file },
    hint: 'Somebody has copied or renamed it; put the right file back, or give the job a storage of its own',
  })
}

function fileOf(place: string, key: string): string {
  return `${key} in ${place}`
}
