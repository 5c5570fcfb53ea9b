import type { CheckpointId, OperatorId, SplitOffset } from '../../record.ts'
import type { Committable } from '../../sinks/sink.ts'
import { snapshotCollector, type TestSnapshot } from '../testStates.ts'

/** Checkpoint of a job under test, for `restore` or `testJob(next, { restoreFrom })`. */
export interface JobCheckpoint extends TestSnapshot {
  /** Next offset of each split, by source id. */
  readonly positions: ReadonlyMap<OperatorId, readonly SplitOffset[]>
  /** Watermark set by the test, by source id, ms since the epoch; -Infinity: none. */
  readonly watermarks: ReadonlyMap<OperatorId, number>
}

export interface TestCheckpoints {
  /** The barrier is about to leave. */
  begin(checkpoint: CheckpointId): void
  collect(committable: Committable): void
  /** undefined: not every output has passed the barrier yet. */
  at(checkpoint: CheckpointId): JobCheckpoint | undefined
}

export interface TestCheckpointsParts {
  readonly from: TestSnapshot | undefined
  /** How many outputs there are. */
  readonly outputs: () => number
  /** By source. */
  readonly watermarks: () => ReadonlyMap<OperatorId, number>
  readonly done: (checkpoint: JobCheckpoint) => void
}

/** Checkpoint in progress. */
interface Underway {
  prepared: number
  readonly positions: Map<OperatorId, readonly SplitOffset[]>
  readonly watermarks: ReadonlyMap<OperatorId, number>
}

export function testCheckpoints({ from, outputs, watermarks, done }: TestCheckpointsParts): TestCheckpoints {
  const snapshots = snapshotCollector(from)
  const underway = new Map<CheckpointId, Underway>()
  const complete = new Map<CheckpointId, JobCheckpoint>()

  function finish(id: CheckpointId, { positions, watermarks }: Underway): void {
    const snapshot = snapshots.at(id)
    if (snapshot === undefined) return
    const checkpoint = { ...snapshot, positions, watermarks }
    complete.set(id, checkpoint)
    done(checkpoint)
  }

  return {
    begin: (id) => void underway.set(id, { prepared: 0, positions: new Map(), watermarks: watermarks() }),
    collect({ checkpoint: id, states, positions }) {
      const found = underway.get(id)
      if (found === undefined) return
      snapshots.add(id, states)
      for (const { source, splits } of positions) found.positions.set(source, splits)
      found.prepared += 1
      if (found.prepared === outputs()) finish(id, found)
    },
    at: (id) => complete.get(id),
  }
}
