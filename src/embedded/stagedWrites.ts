/**
 * Output of one sink that no checkpoint has decided yet. It is held in memory up to a limit, then
 * staged: stored in the file without a place, where nobody sees it, so that the checkpoint only has
 * to give it one.
 *
 *   add add add seal(1) add add ...          held in memory, at most `heldBytes`
 *                 |      `----- stage -----> batches in the file, under the name of the shard
 *                 `-- commit: store what is not staged, place it all
 *
 * So a sink needs no credits: its memory is bounded, and its writer waits during staging.
 */
import { FatalError } from '../errors.ts'
import type { Meter } from '../meter.ts'
import type { CheckpointId, Header } from '../record.ts'
import { type Batch, batcher } from './batcher.ts'
import type { Topic } from './logCore.ts'

/** A batch; once stored, its number in the file instead of its bytes. */
interface UndecidedBatch extends Omit<Batch, 'bytes'> {
  content: { readonly bytes: Batch['bytes'] } | { readonly staged: number }
}

export interface StagedWrites {
  /** Throws errors of the batcher and of staging. */
  add(
    topic: Topic,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): void
  /** Assigns everything added so far to this checkpoint. */
  seal(checkpoint: CheckpointId): void
  /** Puts all output of the checkpoint into the log, within the transaction that decides it. */
  commit(checkpoint: CheckpointId): void
  /** Forgets the checkpoint, after its transaction. */
  committed(checkpoint: CheckpointId): void
}

/** Operations of staged writes on the file. All but `transact` run within a transaction. */
export interface StagingFile {
  /** Runs in a transaction of this session, or throws Fenced. */
  transact(work: () => void): void
  store(bytes: Batch['bytes']): number
  stage(batch: number): void
  unstage(batch: number): void
  place(topic: Topic, partition: number, batch: number, count: number): void
}

/** @param meter counts the bytes written. Default: nobody does */
export function stagedWrites(file: StagingFile, heldBytes: number, meter?: Meter): StagedWrites {
  const adding = batcher()
  let current: UndecidedBatch[] = []
  const sealed = new Map<CheckpointId, UndecidedBatch[]>()
  /** Bytes of closed batches in memory. */
  let held = 0

  function close(): void {
    for (const { topic, partition, count, bytes } of adding.take()) {
      current.push({ topic, partition, count, content: { bytes } })
      held += bytes.length
      if (meter !== undefined) meter.bytes += bytes.length
    }
  }

  function stage(): void {
    close()
    const staged = new Map<UndecidedBatch, number>()
    file.transact(() => {
      for (const batch of [...sealed.values(), current].flat()) {
        if ('staged' in batch.content) continue
        const number = file.store(batch.content.bytes)
        file.stage(number)
        staged.set(batch, number)
      }
    })
    for (const [batch, number] of staged) batch.content = { staged: number }
    held = 0
  }

  function decide({ topic, partition, count, content }: UndecidedBatch): void {
    if ('staged' in content) file.unstage(content.staged)
    file.place(topic, partition, 'staged' in content ? content.staged : file.store(content.bytes), count)
  }

  return {
    add(topic, partition, timestamp, key, value, headers) {
      adding.add(topic, partition, timestamp, key, value, headers)
      if (held + adding.size >= heldBytes) stage()
    },
    seal(checkpoint) {
      close()
      sealed.set(checkpoint, current)
      current = []
    },
    commit(checkpoint) {
      const batches = sealed.get(checkpoint)
      if (batches === undefined) throw notSealed(checkpoint)
      for (const batch of batches) decide(batch)
    },
    committed(checkpoint) {
      for (const { content } of sealed.get(checkpoint) ?? []) if ('bytes' in content) held -= content.bytes.length
      sealed.delete(checkpoint)
    },
  }
}

function notSealed(checkpoint: CheckpointId): FatalError {
  return new FatalError('CHECKPOINT_NOT_PREPARED', 'a checkpoint was committed before a sink had prepared it', {
    where: { checkpoint },
    hint: 'This is a bug in rxweft; please report it',
  })
}
