import { steadyClock, systemClock } from '../../clock.ts'
import type { Key, OperatorId } from '../../record.ts'
import type { StateView } from '../../state/stateView.ts'
import type { Job } from '../defineJob.ts'
import type { ExecuteOptions } from '../executeOptions.ts'
import { newestState } from './readSavepoint.ts'

/**
 * Committed state of one operator of a running job: as of the newest checkpoint of each shard,
 * which is looked up at each call. Values are copies made by the codec.
 */
export interface JobState<V> {
  /** Resolves with the value of a key; with `sub`, of a key within its map. */
  get(key: Key, sub?: Key): Promise<V | undefined>
  /** Resolves with the keys that have state, in no particular order. */
  keys(): Promise<readonly Key[]>
  /** Resolves with the map of a key. */
  map(key: Key): Promise<ReadonlyMap<Key, V>>
}

/** Reads the state of a job beside it, whatever thread or process runs its shards. */
export interface StateReading {
  of<V>(operator: OperatorId, name?: string): JobState<V>
  /** The job has ended. */
  close(): void
}

export function jobState(
  job: Job,
  { storage, clock = systemClock }: Pick<ExecuteOptions, 'storage' | 'clock'>,
): StateReading {
  const newest = newestState(job, storage, steadyClock(clock))
  return {
    of<V>(operator: OperatorId, name?: string): JobState<V> {
      // Read in the turn in which the view resolves: the next view takes its tables.
      const read = <R>(act: (view: StateView<V>) => R): Promise<R> =>
        newest.read((all) => act(all.state<V>(operator, name)))
      return {
        get: (key, sub) => read((view) => view.get(key, sub)),
        keys: () => read((view) => view.keys()),
        map: (key) => read((view) => view.map(key)),
      }
    },
    close: newest.close,
  }
}
