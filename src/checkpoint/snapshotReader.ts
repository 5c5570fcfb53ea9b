/**
 * Reads a snapshot in pieces. Contents are used as they arrive but may be trusted only once
 * `readSnapshot` resolves: only then the checksum over all bytes is known. An error on the way is
 * reported as damage if the checksum is wrong too, since the damage explains it.
 */
import { createHash } from 'node:crypto'
import { isLeft } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import type { SnapshotRef } from '../contracts/ledger.ts'
import type { EntryBlock } from '../element.ts'
import { CorruptedError } from '../errors.ts'
import { tryParseJson } from '../json.ts'
import type { Json, OperatorId } from '../record.ts'
import { type ByteReader, byteReader } from './byteReader.ts'
import { wrongFields } from './codecs.ts'
import { damaged, newer, versionOf } from './frame.ts'
import { snapshotKey } from './names.ts'
import { blockLine, endLine, fileOf, headerCodec, type SnapshotHeader, snapshotKind, stateLine } from './snapshot.ts'

/** Description of the snapshot from the ledger, and its location. */
export interface ExpectedSnapshot extends SnapshotRef {
  /** Name of the storage: "folder /var/lib/app/checkpoints". */
  readonly place: string
  readonly job: string
  readonly shard: number
  readonly lineage: string
  readonly checkpoint: number
}

export interface SnapshotVisitor {
  state?(operator: OperatorId, state: Json): void
  block?(operator: OperatorId, block: EntryBlock): void
}

/** Longest JavaScript string, hence longest line. */
const longestLine = 2 ** 29

/**
 * Resolves with the first line once everything is read and matches the ledger. Rejects with
 * Corrupted SNAPSHOT_DAMAGED, SNAPSHOT_FOREIGN or SNAPSHOT_NEWER, naming the file, and with errors
 * of the visitor.
 */
export async function readSnapshot(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  expected: ExpectedSnapshot,
  visitor: SnapshotVisitor,
): Promise<SnapshotHeader> {
  const file = fileOf(expected.place, expected.key)
  const summed = summing(chunks)
  try {
    const reader = byteReader(summed.chunks, longestLine)
    const header = await readHeader(reader, file)
    const foreign = foreignFields(header, expected)
    if (foreign.length > 0) throw foreignSnapshot(file, foreign)
    await readBody(reader, file, visitor)
    if (!(await summed.isOf(expected))) throw notTheOne(file)
    return header
  } catch (thrown) {
    // The storage has failed, and says nothing of the snapshot.
    if (summed.broken) throw thrown
    throw await explained(thrown, file, () => summed.isOf(expected))
  }
}

async function readHeader(reader: ByteReader, file: string): Promise<SnapshotHeader> {
  const line = await reader.line()
  if (line === null) {
    const start = (await reader.take(1)) === null
    throw damage(file, start ? 'is not a snapshot' : 'is cut off within its first line')
  }
  if (!line.toString('latin1', 0, 100).startsWith(`{"magic":"${snapshotKind.magic}",`))
    throw damage(file, 'is not a snapshot')
  const parsed = tryParseJson(line.toString('utf8'))
  const version = versionOf(parsed)
  if (version > snapshotKind.version) throw newer(snapshotKind, file, version)
  if (version !== snapshotKind.version)
    throw damage(file, `has format version ${version}, which is no longer supported`)
  const header = headerCodec.decode(parsed)
  if (isLeft(header)) throw damage(file, `has a first line with wrong fields: ${wrongFields(header.left)}`)
  return header.right
}

/** Reads up to and including the last line. */
async function readBody(reader: ByteReader, file: string, visitor: SnapshotVisitor): Promise<void> {
  const operators = new Set<OperatorId>()
  for (;;) {
    const line = await reader.line()
    if (line === null) throw damage(file, 'is cut off')
    const parsed = tryParseJson(line.toString('utf8'))
    const end = endLine.decode(parsed)
    if (end._tag === 'Right') {
      if (await reader.isAtEnd()) return
      throw damage(file, 'has data after its last line')
    }
    const block = blockLine.decode(parsed)
    if (block._tag === 'Right') await visitBlock(reader, file, block.right, visitor)
    else visitState(parsed, file, operators, visitor)
  }
}

async function visitBlock(
  reader: ByteReader,
  file: string,
  { operator, table, version, bytes: size }: t.TypeOf<typeof blockLine>,
  visitor: SnapshotVisitor,
): Promise<void> {
  const bytes = await reader.take(size)
  if (bytes === null) throw damage(file, 'is cut off within its entries')
  visitor.block?.(operator, { table, version, bytes })
}

function visitState(parsed: unknown, file: string, known: Set<OperatorId>, visitor: SnapshotVisitor): void {
  const decoded = stateLine.decode(parsed)
  if (isLeft(decoded)) throw damage(file, `has a state with wrong fields: ${wrongFields(decoded.left)}`)
  const { operator, state } = decoded.right
  if (known.has(operator)) throw damage(file, `has two states of "${operator}"`)
  known.add(operator)
  visitor.state?.(operator, state)
}

/** Computes size and checksum of the bytes that pass. */
function summing(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256')
  let bytes = 0
  let broken = false

  async function* passing(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length
        hash.update(chunk)
        yield chunk
      }
    } catch (thrown) {
      broken = true
      throw thrown
    }
  }

  const passed = passing()
  return {
    chunks: passed,
    /** Whether the chunks have ended with an error. */
    get broken() {
      return broken
    },
    /** Reads the rest first. */
    async isOf(expected: SnapshotRef): Promise<boolean> {
      for await (const _ of passed) void _
      return bytes === expected.bytes && hash.digest('hex') === expected.sha256
    },
  }
}

/** Any other error in a damaged snapshot comes from the damage. */
async function explained(thrown: unknown, file: string, isWhole: () => Promise<boolean>): Promise<unknown> {
  if (thrown instanceof CorruptedError && thrown.code.startsWith('SNAPSHOT_')) return thrown
  return (await isWhole()) ? thrown : notTheOne(file)
}

function notTheOne(file: string): CorruptedError {
  return damaged(snapshotKind, file, 'differs from the one that the ledger names in size or sha-256')
}

function damage(file: string, how: string): CorruptedError {
  return damaged(snapshotKind, file, how)
}

function foreignFields(found: SnapshotHeader, expected: ExpectedSnapshot): readonly string[] {
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
  return new CorruptedError(
    'SNAPSHOT_FOREIGN',
    `the snapshot does not belong to this checkpoint: it has ${foreign.join(', ')}`,
    {
      where: { file },
      hint: 'The file was copied or renamed: restore the right file, or give the job a storage of its own',
    },
  )
}
