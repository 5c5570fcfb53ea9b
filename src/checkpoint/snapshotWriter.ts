/** Writes a snapshot in pieces, as the tables yield their entries; records flow in between. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { othersTurn } from '../clock.ts'
import type { EntryBlock, OperatorState } from '../element.ts'
import { FatalError, toError, toRxweftError } from '../errors.ts'
import { stringifyJson } from '../json.ts'
import type { CheckpointId, OperatorId } from '../record.ts'
import { type SnapshotContent, type SnapshotHeader, snapshotKind } from './snapshot.ts'

export interface WrittenSnapshot {
  /** Bytes of the snapshot; iterate once, to the end. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Size and checksum for the ledger, once all bytes are taken. Call once. */
  sum(): { readonly sha256: string; readonly bytes: number }
  /**
   * Operators with entries in it, once all bytes are taken: a later snapshot may need this one for
   * them.
   */
  operators(): readonly OperatorId[]
}

/** An empty chunk: lets other work run. */
const othersTurnNow = Buffer.alloc(0)

/** Bytes collected per chunk, so that a small snapshot is one chunk. */
const pieceBytes = 64 * 1024

/**
 * The chunks throw Fatal STATE_NOT_ENCODABLE if a state would not decode to itself, and errors of
 * the blocks; an error of a block that is not rxweft's becomes STATE_NOT_ENCODABLE.
 */
export function writeSnapshot({ states, ...header }: SnapshotContent): WrittenSnapshot {
  const since = (entries: OperatorState['entries']): CheckpointId => entries?.since ?? Infinity
  const operators = states
    .map(({ operator, entries }) => ({ operator, since: since(entries) }))
    .filter((one) => Number.isFinite(one.since))

  function* blocks(): Generator<OperatorBlock> {
    for (const { operator, entries } of states) {
      for (const block of encoded(operator, entries?.blocks() ?? [])) yield { operator, block }
    }
  }

  return writeBlocks({ ...header, operators }, states, blocks())
}

/** A block, and the operator whose state it holds. */
export interface OperatorBlock {
  readonly operator: OperatorId
  readonly block: EntryBlock
}

/** As `writeSnapshot`, with blocks in any order; those of one table in the order of writing. */
export function writeBlocks(
  header: SnapshotHeader,
  states: readonly Pick<OperatorState, 'operator' | 'state'>[],
  blocks: Iterable<OperatorBlock> | AsyncIterable<OperatorBlock>,
): WrittenSnapshot {
  const hash = createHash('sha256')
  let bytes = 0
  const withEntries = new Set<OperatorId>()

  async function* chunks(): AsyncGenerator<Uint8Array> {
    let piece: Uint8Array[] = []
    let size = 0
    for await (const part of parts()) {
      hash.update(part)
      bytes += part.length
      piece.push(part)
      size += part.length
      if (part !== othersTurnNow && size < pieceBytes) continue
      if (size >= pieceBytes) {
        yield Buffer.concat(piece)
        piece = []
        size = 0
      }
      await othersTurn()
    }
    if (size > 0) yield Buffer.concat(piece)
  }

  async function* parts(): AsyncGenerator<Uint8Array> {
    yield headerLine(header)
    for (const { operator, state } of states) yield stateLineOf(operator, state)
    for await (const { operator, block } of blocks) {
      const { table, version, bytes } = block
      if (bytes.length > 0) {
        withEntries.add(operator)
        yield Buffer.from(`${stringifyJson({ operator, table, version, bytes: bytes.length })}\n`)
        yield bytes
      }
      // An empty block asks for a pause, and a large one took its time. Small blocks give none: a
      // small snapshot stays one chunk.
      if (bytes.length === 0 || bytes.length > pieceBytes / 4) yield othersTurnNow
    }
    yield Buffer.from(`${stringifyJson({ end: snapshotKind.magic })}\n`)
  }

  return { chunks: chunks(), sum: () => ({ sha256: hash.digest('hex'), bytes }), operators: () => [...withEntries] }
}

function headerLine(header: SnapshotHeader): Buffer {
  const { magic, version } = snapshotKind
  const { job, shard, lineage, checkpoint, attempt, operators } = header
  const base = header.base.map(({ key, sha256, bytes, operators }) => ({ key, sha256, bytes, operators }))
  const line = { magic, version, job, shard, lineage, checkpoint, attempt, base, operators }
  return Buffer.from(`${stringifyJson(line)}\n`)
}

function stateLineOf(operator: OperatorId, state: OperatorState['state']): Buffer {
  try {
    return Buffer.from(`{"operator":${JSON.stringify(operator)},"state":${stringifyJson(state)}}\n`)
  } catch (thrown) {
    throw new FatalError('STATE_NOT_ENCODABLE', `the state cannot be stored: ${toError(thrown).message}`, {
      where: { operator },
      hint: 'State is stored as JSON: use plain objects, arrays, strings, finite numbers, booleans and null, less than 512 MB per operator',
      cause: thrown,
    })
  }
}

function* encoded(operator: OperatorId, blocks: Iterable<EntryBlock>): Generator<EntryBlock> {
  try {
    yield* blocks
  } catch (thrown) {
    // Errors of codecs and disks are already rxweft's, from the tables.
    throw toRxweftError(thrown, (cause) => notEncodable(operator, cause))
  }
}

function notEncodable(operator: OperatorId, cause: Error): FatalError {
  return new FatalError('STATE_NOT_ENCODABLE', `a value of the state cannot be stored: ${cause.message}`, {
    where: { operator },
    hint: 'Give the state a codec that can encode it; by default it is JSON',
    cause,
  })
}
